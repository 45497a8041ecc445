package ec2behaviour

import (
	"bytes"
	"net/http"
	"net/url"

	"byoc/infra/local/awscall"
)

// usedToken is a ClientToken that made something.
// https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
type usedToken struct {
	parameters string
	id         string
	requestID  string
	body       []byte
}

var tokenOperations = map[string]bool{"CreateNatGateway": true, "CreateRouteTable": true}

func (q *request) tokenKey() (string, bool) {
	token := q.param("ClientToken")
	return q.Operation + "/" + token, token != "" && tokenOperations[q.Operation] && q.options.Tokens
}

// tokenParameters are the parameters that a replay must repeat.
func (q *request) tokenParameters() string {
	rest := url.Values{}
	for name, values := range q.Query {
		switch name {
		case "Action", "Version", "ClientToken", "DryRun":
		default:
			rest[name] = values
		}
	}
	return rest.Encode()
}

// replayToken answers a call whose token has made something, nil otherwise. A
// token never makes a second thing, not even when the first is gone.
func (q *request) replayToken() *awscall.Response {
	key, ok := q.tokenKey()
	if !ok {
		return nil
	}
	q.region.mu.Lock()
	used, ok := q.region.tokens[key]
	q.region.mu.Unlock()
	if !ok {
		return nil
	}
	if used.parameters != q.tokenParameters() {
		return q.badRequest("IdempotentParameterMismatch",
			"The client token '%s' was used with other parameters.", q.param("ClientToken"))
	}
	if q.Operation == "CreateNatGateway" && q.options.NATGateways {
		return q.answerNATGateway(used.id)
	}
	return &awscall.Response{
		Status: http.StatusOK,
		Header: http.Header{"Content-Type": {"text/xml;charset=UTF-8"}},
		Body:   bytes.Replace(used.body, []byte(used.requestID), []byte(q.RequestID), 1),
	}
}

// rememberToken notes what the call's token made. A refused call uses up none.
func (q *request) rememberToken(id string, response *awscall.Response) {
	key, ok := q.tokenKey()
	if !ok {
		return
	}
	response = withRequestID(response, q.RequestID)
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	q.region.tokens[key] = usedToken{
		parameters: q.tokenParameters(),
		id:         id,
		requestID:  q.RequestID,
		body:       bytes.Clone(response.Body),
	}
}
