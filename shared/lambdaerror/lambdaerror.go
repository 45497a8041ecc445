// Package lambdaerror names errors at the boundary to Step Functions.
package lambdaerror

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"byoc/shared/cloud"
	"byoc/shared/measure"
)

// names of the codes as Retry and Catch know them.
var names = map[cloud.Code]string{
	cloud.Invalid:               "Invalid",
	cloud.Unauthenticated:       "Unauthenticated",
	cloud.Forbidden:             "Forbidden",
	cloud.NotFound:              "NotFound",
	cloud.AlreadyExists:         "AlreadyExists",
	cloud.Conflict:              "Conflict",
	cloud.Stale:                 "Stale",
	cloud.PreconditionFailed:    "PreconditionFailed",
	cloud.Moved:                 "Moved",
	cloud.Unavailable:           "Unavailable",
	cloud.RoleNotAssumable:      "RoleNotAssumable",
	cloud.ExternalIDNotEnforced: "ExternalIdNotEnforced",
	cloud.Denied:                "Denied",
	cloud.ResourceFailed:        "ResourceFailed",
	cloud.LimitExceeded:         "LimitExceeded",
	cloud.Ambiguous:             "Ambiguous",
	cloud.Internal:              "Internal",
}

// Name is what the state machine calls code; a code that has no name is Internal.
func Name(code cloud.Code) string {
	if n, ok := names[code]; ok {
		return n
	}
	return names[cloud.Internal]
}

// maxMessage bounds an error's message in the state machine's payload: a
// payload over Step Functions' limit cannot be caught.
const maxMessage = 1024

// Handler makes h's errors reach the state machine under their code's name.
// aws-lambda-go names an error after its outermost Go type, unless it is a
// messages.InvokeResponse_Error by value, and a panic after the type of its
// value; a panic is Internal here, like any other defect. The cause goes to
// the log and nowhere else, beside a metric of the code.
func Handler[In, Out any](log *slog.Logger, metrics measure.Metrics, h func(context.Context, In) (Out, error)) func(context.Context, In) (Out, error) {
	return func(ctx context.Context, in In) (Out, error) {
		out, err := recovered(ctx, in, h)
		if err == nil {
			return out, nil
		}
		code := cloud.CodeOf(err)
		level := slog.LevelWarn
		if code == cloud.Internal {
			level = slog.LevelError
		}
		line := []slog.Attr{slog.String("code", string(code)), slog.Any("error", err)}
		log.LogAttrs(ctx, level, "handler failed", append(line, metrics.Failure(code)...)...)
		message := cloud.MessageOf(err)
		if len(message) > maxMessage {
			message = strings.ToValidUTF8(message[:maxMessage], "")
		}
		return out, messages.InvokeResponse_Error{Type: Name(code), Message: message}
	}
}

// recovered is h, whose panic is an error with its stack.
func recovered[In, Out any](ctx context.Context, in In, h func(context.Context, In) (Out, error)) (out Out, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = cloud.Wrap(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), cloud.Internal, "%s", cloud.InternalMessage)
		}
	}()
	return h(ctx, in)
}
