package local

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"byoc/infra/local/awscall"
)

// ServeHTTP answers an AWS call, or a call of the control interface below
// /_local/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer s.work.enter()()
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(w, r)
		return
	}
	call, err := awscall.Parse(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	response := s.handle(r.Context(), call)
	if response == nil {
		// The one way net/http offers to drop a connection.
		panic(http.ErrAbortHandler)
	}
	header := w.Header()
	for name, values := range response.Header {
		header[name] = values
	}
	if r.Method != http.MethodHead {
		header.Set("Content-Length", strconv.Itoa(len(response.Body)))
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

// handle puts a call on record with the answer that the caller gets.
func (s *Server) handle(ctx context.Context, call *awscall.Call) *awscall.Response {
	if err := s.stateMachines.executions.translate(call); err != nil {
		return awscall.ErrorResponse(call, http.StatusInternalServerError, "InternalFailure", err.Error())
	}
	refusal := s.credentials.identify(call)
	record := s.calls.begin(call)
	var response *awscall.Response
	if refusal != nil {
		response = refusal
	} else {
		response = s.handler(ctx, call)
	}
	s.calls.finish(record, response)
	return response
}

// serveService answers what moto cannot and forwards the rest.
func (s *Server) serveService(ctx context.Context, call *awscall.Call) *awscall.Response {
	switch call.Service + ":" + call.Operation {
	case "sts:AssumeRole":
		return s.tokens.assumeRole(ctx, call)
	case "sts:GetCallerIdentity":
		return s.tokens.callerIdentity(call)
	case "sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML", "sts:GetFederationToken", "sts:GetSessionToken":
		return s.unsupported(call)
	case "lambda:Invoke":
		return s.functions.invokeCall(call)
	case "lambda:InvokeAsync":
		return s.unsupported(call)
	case "lambda:CreateFunction", "lambda:UpdateFunctionCode":
		return s.functions.keepCode(call, s.forwarder.handle(ctx, call))
	case "lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping", "lambda:DeleteEventSourceMapping":
		return s.mappings.changed(ctx, call, s.forwarder.handle(ctx, call))
	case "sqs:StartMessageMoveTask":
		return s.startMessageMoveTask(ctx, call)
	case "ses:SendEmail":
		if call.Query == nil {
			return s.outbox.sendEmail(call)
		}
		return s.unsupported(call)
	case "ses:SendRawEmail", "ses:SendBulkEmail", "ses:SendTemplatedEmail":
		return s.unsupported(call)
	case "cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet":
		if err := s.stacks.mendTemplate(ctx, call); err != nil {
			return awscall.ErrorResponse(call, http.StatusBadRequest, "ValidationError", err.Error())
		}
		return s.stacks.changed(ctx, call, s.forwarder.handle(ctx, call))
	case "cloudformation:DescribeStacks":
		return s.stacks.withOutputs(ctx, call, s.forwarder.handle(ctx, call))
	case "cloudformation:ExecuteChangeSet", "cloudformation:DeleteStack":
		return s.stacks.changed(ctx, call, s.forwarder.handle(ctx, call))
	}
	if call.Service == "states" {
		return s.stateMachines.handle(ctx, call, s.forwarder.handle)
	}
	return s.forwarder.handle(ctx, call)
}

// unsupported refuses what would otherwise quietly not be what AWS does.
func (s *Server) unsupported(call *awscall.Call) *awscall.Response {
	s.config.Log.Error("the local AWS does not know this call", "service", call.Service, "operation", call.Operation)
	return awscall.ErrorResponse(call, http.StatusNotImplemented, "NotImplemented",
		"the local AWS does not know "+call.Service+":"+call.Operation)
}
