package faults

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
)

// Fault is what happens to a call.
type Fault struct {
	name string
	// only restricts the fault to calls that it means something for.
	only func(*awscall.Call) bool
	// makes: the fault is about what the call makes, and so means nothing for a
	// call that AWS refuses.
	makes bool
	act   func(context.Context, *awscall.Call, awscall.Handler) *awscall.Response
}

func (f Fault) applies(call *awscall.Call) bool { return f.only == nil || f.only(call) }

// String is the fault's name, as in Firing.Fault.
func (f Fault) String() string { return f.name }

// Throttle answers that the caller is too fast, in the words of the service:
// RequestLimitExceeded for EC2
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html),
// Throttling for the other query services, ThrottlingException for JSON.
func Throttle() Fault {
	return answer("throttle", func(call *awscall.Call) *awscall.Response {
		switch {
		case call.Service == "ec2":
			return awscall.ErrorResponse(call, http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded.")
		case call.Service == "s3":
			return awscall.ErrorResponse(call, http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		case call.Service == "lambda":
			return awscall.ErrorResponse(call, http.StatusTooManyRequests, "TooManyRequestsException", "Rate Exceeded.")
		case call.Query != nil:
			return awscall.ErrorResponse(call, http.StatusBadRequest, "Throttling", "Rate exceeded")
		default:
			return awscall.ErrorResponse(call, http.StatusBadRequest, "ThrottlingException", "Rate exceeded")
		}
	})
}

// InternalError answers with the service's own failure; nothing was done.
func InternalError() Fault {
	codes := map[string]string{
		"ec2": "InternalError", "s3": "InternalError", "iam": "ServiceFailure",
		"dynamodb": "InternalServerError", "lambda": "ServiceException",
	}
	return answer("internal error", func(call *awscall.Call) *awscall.Response {
		code := codes[call.Service]
		if code == "" {
			code = "InternalFailure"
		}
		return awscall.ErrorResponse(call, http.StatusInternalServerError, code, "An internal error has occurred")
	})
}

// LostBefore closes the connection before AWS has seen the call.
func LostBefore() Fault {
	return answer("lost before", func(*awscall.Call) *awscall.Response { return nil })
}

// LostAfter closes the connection after AWS has acted.
func LostAfter() Fault {
	return Fault{name: "lost after", act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		next(ctx, call)
		return nil
	}}
}

// Deny answers that no policy of the caller allows the call.
func Deny() Fault {
	return deny("deny", "because no identity-based policy allows the %s action")
}

// DenySCP answers that the organization forbids the call
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html).
func DenySCP() Fault {
	return deny("deny by SCP", "with an explicit deny in a service control policy")
}

func deny(name, because string) Fault {
	return answer(name, func(call *awscall.Call) *awscall.Response {
		action := call.Service + ":" + call.Operation
		reason := because
		if strings.Contains(because, "%s") {
			reason = fmt.Sprintf(because, action)
		}
		who := call.Caller.ARN
		if who == "" {
			who = call.Caller.AccessKeyID
		}
		message := fmt.Sprintf("User: %s is not authorized to perform: %s %s", who, action, reason)
		switch {
		case call.Service == "ec2":
			return awscall.ErrorResponse(call, http.StatusForbidden, "UnauthorizedOperation",
				"You are not authorized to perform this operation. "+message)
		case call.Query != nil, call.Service == "s3":
			return awscall.ErrorResponse(call, http.StatusForbidden, "AccessDenied", message)
		default:
			return awscall.ErrorResponse(call, http.StatusBadRequest, "AccessDeniedException", message)
		}
	})
}

// Delay makes the call wait before it reaches AWS.
func Delay(d time.Duration) Fault {
	return Fault{name: "delay " + d.String(), act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		if !sleep(ctx, d) {
			return nil
		}
		return next(ctx, call)
	}}
}

// Before runs a function right before the call reaches AWS.
func Before(do func(*awscall.Call)) Fault {
	return Fault{name: "before", act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		do(call)
		return next(ctx, call)
	}}
}

// After runs a function when AWS has acted, right before the answer is sent.
func After(do func(*awscall.Call)) Fault {
	return Fault{name: "after", act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		response := next(ctx, call)
		do(call)
		return response
	}}
}

// CrashBefore runs kill, which is to end the caller, and AWS never sees the call.
func CrashBefore(kill func(*awscall.Call)) Fault {
	return answer("killed before", func(call *awscall.Call) *awscall.Response {
		kill(call)
		return nil
	})
}

// CrashAfter runs kill, which is to end the caller, once AWS has acted.
func CrashAfter(kill func(*awscall.Call)) Fault {
	return Fault{name: "killed after", act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		next(ctx, call)
		kill(call)
		return nil
	}}
}

// Stale keeps the id that an EC2 call makes unknown for the time: see
// ec2behaviour.Options.StaleReads, in front of which the faults must stand. It
// hits only calls that make an id.
func Stale(d time.Duration) Fault {
	return override("stale "+d.String(), makesID, ec2behaviour.Override{Stale: d})
}

// NATPending keeps the NAT gateway that the call makes pending for the time. It
// hits CreateNatGateway only, and needs ec2behaviour behind.
func NATPending(d time.Duration) Fault {
	return override("NAT gateway pending "+d.String(), makesGateway, ec2behaviour.Override{NATPending: d})
}

// NATFailure makes the NAT gateway that the call makes fail after the time, or
// after ec2behaviour's where it is zero. It hits CreateNatGateway only.
func NATFailure(after time.Duration, code, message string) Fault {
	return override("NAT gateway failing "+code, makesGateway, ec2behaviour.Override{
		NATPending: after,
		NATFailure: &ec2behaviour.NATFailure{Code: code, Message: message},
	})
}

func makesID(call *awscall.Call) bool { return ec2behaviour.MakesID(call) }

func makesGateway(call *awscall.Call) bool {
	return call.Service == "ec2" && call.Operation == "CreateNatGateway"
}

func override(name string, only func(*awscall.Call) bool, o ec2behaviour.Override) Fault {
	return Fault{name: name, only: only, makes: true, act: func(ctx context.Context, call *awscall.Call, next awscall.Handler) *awscall.Response {
		return next(ec2behaviour.WithOverride(ctx, o), call)
	}}
}

// answer is a fault that answers instead of AWS.
func answer(name string, with func(*awscall.Call) *awscall.Response) Fault {
	return Fault{name: name, act: func(_ context.Context, call *awscall.Call, _ awscall.Handler) *awscall.Response {
		return with(call)
	}}
}
