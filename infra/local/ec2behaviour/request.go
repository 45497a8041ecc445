package ec2behaviour

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"byoc/infra/local/awscall"
)

// apiVersion is the only version of EC2's API that current SDKs speak.
const apiVersion = "2016-11-15"

// request is one EC2 call on its way, with all that is needed to answer it.
type request struct {
	*awscall.Call
	ctx      context.Context
	options  *Options
	override Override
	region   *region
	next     awscall.Handler

	// forward is what the emulator gets; a rule may put a changed copy here.
	forward *awscall.Call
	// err is the first failure to ask the emulator. It sticks: nothing is
	// decided on what could not be read.
	err error
}

func (q *request) param(name string) string { return q.Query.Get(name) }

// refuse answers with an error in EC2's XML.
func (q *request) refuse(status int, code, message string) *awscall.Response {
	return awscall.ErrorResponse(q.Call, status, code, message)
}

func (q *request) badRequest(code, format string, args ...any) *awscall.Response {
	return q.refuse(http.StatusBadRequest, code, fmt.Sprintf(format, args...))
}

// inUse is EC2's answer to deleting what something else still needs.
func (q *request) inUse(kind, id string) *awscall.Response {
	return q.badRequest("DependencyViolation", "The %s '%s' has dependencies and cannot be deleted.", kind, id)
}

// ask reads from the emulator, as the caller's account. parameters are names
// and values in turn. The result is empty where the emulator failed; q.err
// then says why.
func (q *request) ask(operation string, parameters ...string) *node {
	response := q.next(q.ctx, q.derive(operation, parameters...))
	switch {
	case q.err != nil:
	case response == nil:
		q.err = fmt.Errorf("%s: no answer", operation)
	case response.Status >= 400:
		q.err = fmt.Errorf("%s: %d %s", operation, response.Status, awscall.ErrorCode(response))
	default:
		root, err := parseXML(response.Body)
		if err == nil {
			return root
		}
		q.err = fmt.Errorf("%s: %w", operation, err)
	}
	return &node{}
}

// tell changes something in the emulator that AWS would have changed by
// itself. What is gone already is as good as changed, so errors do not count.
func (q *request) tell(operation string, parameters ...string) {
	q.next(q.ctx, q.derive(operation, parameters...))
}

// derive is another call by the same caller.
func (q *request) derive(operation string, parameters ...string) *awscall.Call {
	query := url.Values{"Action": {operation}, "Version": {apiVersion}}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Set(parameters[i], parameters[i+1])
	}
	return q.withQuery(query)
}

// changed is this call with a parameter set to another value, or removed where
// the value is empty. parameters are names and values in turn.
func (q *request) changed(parameters ...string) *awscall.Call {
	query := url.Values{}
	for name, values := range q.Query {
		query[name] = slices.Clone(values)
	}
	for i := 0; i+1 < len(parameters); i += 2 {
		query.Del(parameters[i])
		if parameters[i+1] != "" {
			query.Set(parameters[i], parameters[i+1])
		}
	}
	return q.withQuery(query)
}

func (q *request) withQuery(query url.Values) *awscall.Call {
	call := *q.Call
	call.Operation = query.Get("Action")
	call.Query = query
	call.Body = []byte(query.Encode())
	call.Method = http.MethodPost
	call.URL = &url.URL{Path: "/"}
	call.Header = q.Header.Clone()
	if call.Header == nil {
		call.Header = http.Header{}
	}
	for _, name := range []string{"Content-Length", "Content-Encoding", "Transfer-Encoding"} {
		call.Header.Del(name)
	}
	call.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	return &call
}

// respond answers with an XML document of EC2's namespace.
func (q *request) respond(children ...*node) *awscall.Response {
	root := element(q.Operation+"Response", children...)
	root.space = "http://ec2.amazonaws.com/doc/" + apiVersion + "/"
	root.children = slices.Insert(root.children, 0, text("requestId", q.RequestID))
	return q.respondRoot(root)
}

func (q *request) respondRoot(root *node) *awscall.Response {
	return &awscall.Response{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/xml;charset=UTF-8"}},
		Body:   root.encode(),
	}
}

// withRequestID puts the call's request id where the emulator has a constant.
func withRequestID(response *awscall.Response, id string) *awscall.Response {
	if response == nil {
		return nil
	}
	if response.Header == nil {
		response.Header = http.Header{}
	}
	response.Header.Set("X-Amzn-Requestid", id)
	for _, name := range []string{"requestId", "RequestID"} {
		response.Body = bytes.Replace(response.Body,
			[]byte("<"+name+">request-id</"+name+">"), []byte("<"+name+">"+id+"</"+name+">"), 1)
	}
	response.Header.Del("Content-Length")
	return response
}
