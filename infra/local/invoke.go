package local

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

var (
	errRoleNotAssumable  = errors.New("the role defined for the function cannot be assumed by Lambda")
	errInvalidEntrypoint = errors.New("the function's bootstrap cannot be executed")
)

// outcome is how an invocation ended: with an answer of the function, or
// with a function error, whose payload says what went wrong.
type outcome struct {
	payload []byte
	failed  bool
	log     []byte
}

const (
	initTimeout = 10 * time.Second
	// settleTime is how long a process that has answered may take to ask
	// for the next invocation before its caller gets the answer.
	settleTime = 300 * time.Millisecond
)

// invoke runs a function to its end. The error is one of Lambda itself; an
// error of the function is an outcome.
func (f *functions) invoke(ctx context.Context, ref functionRef, payload []byte, requestID string) (outcome, error) {
	fn, err := f.lookup(ctx, ref)
	if err != nil {
		return outcome{}, err
	}
	instance, err := f.acquire(fn)
	if err != nil {
		return outcome{}, err
	}
	defer f.release(instance)
	began := time.Now()
	instance.log.begin(requestID)
	instance.setCurrent(requestID, payload)
	result, err := f.run(ctx, instance, payload, requestID)
	if err == nil && result.failed {
		instance.log.line(requestID, "ERROR "+string(result.payload))
	}
	result.log = instance.log.end(requestID, time.Since(began))
	return result, err
}

func (f *functions) run(ctx context.Context, i *instance, payload []byte, requestID string) (outcome, error) {
	if !i.started {
		if err := i.start(ctx, f); err != nil {
			i.kill()
			if errors.Is(err, errInvalidEntrypoint) {
				f.log.Error("function cannot start", "function", i.fn.ref.name, "cause", err)
				return functionError("Runtime.InvalidEntrypoint", fmt.Sprintf("RequestId: %s Error: %s", requestID, err)), nil
			}
			return outcome{}, err
		}
	}
	if failed, ok := f.awaitReady(i, requestID); !ok {
		i.kill()
		return failed, nil
	}
	deadline := time.Now().Add(i.fn.timeout)
	timeout := time.NewTimer(i.fn.timeout)
	defer timeout.Stop()
	select {
	case i.work <- invocation{requestID, payload, deadline, i.fn.ref.arn()}:
		i.waiting = false
	case <-i.exited:
		return i.exitError(requestID), nil
	}
	select {
	case answer := <-i.answers:
		i.settle()
		return outcome{payload: answer.payload, failed: answer.kind != "response"}, nil
	case <-i.exited:
		return i.exitError(requestID), nil
	case <-timeout.C:
		i.kill()
		return functionError("Sandbox.Timedout", fmt.Sprintf("%s %s Task timed out after %.2f seconds",
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), requestID, i.fn.timeout.Seconds())), nil
	}
}

// awaitReady waits until the process asks for work; if it never does, the
// outcome says why.
func (f *functions) awaitReady(i *instance, requestID string) (outcome, bool) {
	if i.waiting {
		return outcome{}, true
	}
	timeout := time.NewTimer(initTimeout)
	defer timeout.Stop()
	select {
	case <-i.idle:
		i.waiting = true
		return outcome{}, true
	case answer := <-i.answers:
		return outcome{payload: answer.payload, failed: true}, false
	case <-i.exited:
		return i.exitError(requestID), false
	case <-timeout.C:
		return functionError("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Init timed out after %.2f seconds",
			requestID, initTimeout.Seconds())), false
	}
}

// settle lets the process get ready again before its caller calls again, so
// that calls in a row find it warm, and sees it exit after a panic.
func (i *instance) settle() {
	timeout := time.NewTimer(settleTime)
	defer timeout.Stop()
	select {
	case <-i.idle:
		i.waiting = true
	case <-i.exited:
	case <-timeout.C:
	}
}

func (i *instance) exitError(requestID string) outcome {
	return functionError("Runtime.ExitError", "RequestId: "+requestID+" Error: "+i.exitReason())
}

func functionError(kind, message string) outcome {
	return outcome{payload: mustJSON(map[string]string{"errorType": kind, "errorMessage": message}), failed: true}
}

// invokeCall answers lambda:Invoke.
func (f *functions) invokeCall(call *awscall.Call) *awscall.Response {
	ref := functionReference(call)
	kind := call.Header.Get("X-Amz-Invocation-Type")
	limit := maxPayload
	if kind == "Event" {
		limit = 1 << 20
	}
	payload := call.Body
	switch {
	case len(payload) == 0:
		payload = []byte("{}")
	case len(payload) > limit:
		return awscall.ErrorResponse(call, http.StatusRequestEntityTooLarge, "RequestTooLargeException",
			fmt.Sprintf("Request must be smaller than %d bytes for the InvokeFunction operation", limit))
	case !json.Valid(payload):
		return awscall.ErrorResponse(call, http.StatusBadRequest, "InvalidRequestContentException",
			"Could not parse request body into json")
	}
	switch kind {
	case "DryRun", "Event":
		if _, err := f.lookup(f.lifetime, ref); err != nil {
			return invokeError(call, ref, err)
		}
		if kind == "DryRun" {
			return &awscall.Response{Status: http.StatusNoContent, Header: http.Header{}}
		}
		f.invokeLater(ref, payload)
		return &awscall.Response{Status: http.StatusAccepted, Header: http.Header{"X-Amzn-Requestid": {call.RequestID}}}
	}
	// Lambda runs an invocation to its end, whether its caller waits or not.
	result, err := f.invoke(f.lifetime, ref, payload, call.RequestID)
	if err != nil {
		return invokeError(call, ref, err)
	}
	header := http.Header{
		"Content-Type":           {"application/json"},
		"X-Amzn-Requestid":       {call.RequestID},
		"X-Amz-Executed-Version": {"$LATEST"},
	}
	if result.failed {
		header.Set("X-Amz-Function-Error", "Unhandled")
	}
	if call.Header.Get("X-Amz-Log-Type") == "Tail" {
		header.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString(result.log))
	}
	return &awscall.Response{Status: http.StatusOK, Header: header, Body: result.payload}
}

func invokeError(call *awscall.Call, ref functionRef, err error) *awscall.Response {
	switch {
	case errors.Is(err, errNoFunction):
		return awscall.ErrorResponse(call, http.StatusNotFound, "ResourceNotFoundException", "Function not found: "+ref.arn())
	case errors.Is(err, errThrottledFunction), errors.Is(err, errThrottledAccount):
		response := awscall.JSONResponse(call, http.StatusTooManyRequests, map[string]string{
			"Type": "User", "message": "Rate Exceeded.", "Reason": err.Error(),
		})
		response.Header.Set("X-Amzn-Errortype", "TooManyRequestsException")
		return response
	case errors.Is(err, errRoleNotAssumable):
		return awscall.ErrorResponse(call, http.StatusForbidden, "AccessDeniedException",
			"The role defined for the function cannot be assumed by Lambda.")
	default:
		return awscall.ErrorResponse(call, http.StatusInternalServerError, "ServiceException", err.Error())
	}
}

// invokeLater runs a function asynchronously: an error of the function is
// retried, throttling until there is room.
func (f *functions) invokeLater(ref functionRef, payload []byte) {
	requestID := uuid.NewString()
	f.work.run(func() {
		for attempt := 0; ; {
			result, err := f.invoke(f.lifetime, ref, payload, requestID)
			wait := 200 * time.Millisecond
			switch {
			case errors.Is(err, errThrottledFunction), errors.Is(err, errThrottledAccount):
			case err == nil && !result.failed, errors.Is(err, errNoFunction):
				return
			case attempt >= len(f.retries):
				f.log.Error("asynchronous invocation failed for good", "function", ref.name, "payload", string(result.payload), "cause", err)
				return
			default:
				wait = f.retries[attempt]
				attempt++
			}
			select {
			case <-time.After(wait):
			case <-f.lifetime.Done():
				return
			}
		}
	})
}
