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
	"byoc/infra/local/lambdaruntime"
)

var errRoleNotAssumable = errors.New("the role defined for the function cannot be assumed by Lambda")

// outcome is how an invocation ended: with an answer of the function, or
// with a function error, whose payload says what went wrong.
type outcome struct {
	payload []byte
	failed  bool
	log     []byte
}

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
	instance.SetCurrent(requestID, payload)
	result, err := f.run(ctx, instance, payload, requestID)
	if err == nil && result.failed {
		instance.log.line(requestID, "ERROR "+string(result.payload))
	}
	result.log = instance.log.end(requestID, time.Since(began))
	return result, err
}

func (f *functions) run(ctx context.Context, i *instance, payload []byte, requestID string) (outcome, error) {
	if !i.Started() {
		if err := i.start(ctx, f); err != nil {
			i.Kill()
			if errors.Is(err, lambdaruntime.ErrInvalidEntrypoint) {
				f.log.Error("function cannot start", "function", i.fn.ref.name, "cause", err)
				return outcome{payload: mustJSON(map[string]string{
					"errorType": "Runtime.InvalidEntrypoint", "errorMessage": fmt.Sprintf("RequestId: %s Error: %s", requestID, err),
				}), failed: true}, nil
			}
			return outcome{}, err
		}
	}
	result := i.Invoke(lambdaruntime.Invocation{
		RequestID: requestID, Payload: payload, FunctionARN: i.fn.ref.arn(), Timeout: i.fn.timeout,
	})
	return outcome{payload: result.Payload, failed: result.Ending != lambdaruntime.Answered}, nil
}

func mustJSON(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		return []byte("null")
	}
	return encoded
}

// invokeCall answers lambda:Invoke.
func (f *functions) invokeCall(call *awscall.Call) *awscall.Response {
	ref := functionReference(call)
	kind := call.Header.Get("X-Amz-Invocation-Type")
	limit := lambdaruntime.MaxPayload
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
