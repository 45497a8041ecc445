package cloud

import (
	"errors"
	"fmt"
)

// Code classifies an Error. The set is closed: every boundary (HTTP, Lambda,
// metrics) maps all of them, and a test holds the maps against Codes.
type Code string

const (
	// Invalid: the request is wrong; Error.Fields says where.
	Invalid Code = "invalid"
	// Unauthenticated: no credentials, or credentials that are not valid.
	Unauthenticated Code = "unauthenticated"
	// Forbidden: the principal may not do this in its own organization.
	Forbidden Code = "forbidden"
	// NotFound: it does not exist, or the principal may not know whether it does.
	NotFound Code = "not_found"
	// AlreadyExists: something of that identity or name exists.
	AlreadyExists Code = "already_exists"
	// Conflict: the state of the target forbids it.
	Conflict Code = "conflict"
	// Stale: the item changed between read and write; read again.
	Stale Code = "stale"
	// PreconditionFailed: the If-Match of the request does not hold.
	PreconditionFailed Code = "precondition_failed"
	// Moved: the fence (state and attempt) is no longer the one this run
	// belongs to. The run ends quietly.
	Moved Code = "moved"
	// Unavailable: throttled, a 5xx, a lost connection. Trying again may help.
	Unavailable Code = "unavailable"
	// RoleNotAssumable: STS refused AssumeRole. AWS answers alike for a missing
	// role, another trust, another external ID and a role that has not
	// propagated yet.
	RoleNotAssumable Code = "role_not_assumable"
	// ExternalIDNotEnforced: the role can be assumed without the external ID or
	// with another one.
	ExternalIDNotEnforced Code = "external_id_not_enforced"
	// Denied: a call in the customer's account was refused for lack of a permission.
	Denied Code = "denied"
	// ResourceFailed: AWS says that a resource failed, with a reason.
	ResourceFailed Code = "resource_failed"
	// LimitExceeded: a limit of the customer's account is reached.
	LimitExceeded Code = "limit_exceeded"
	// Ambiguous: several resources match where one may exist.
	Ambiguous Code = "ambiguous"
	// Internal: a defect of ours, or something nobody foresaw.
	Internal Code = "internal"
)

// Codes lists every Code.
func Codes() []Code {
	return []Code{
		Invalid, Unauthenticated, Forbidden, NotFound, AlreadyExists, Conflict, Stale,
		PreconditionFailed, Moved, Unavailable, RoleNotAssumable, ExternalIDNotEnforced,
		Denied, ResourceFailed, LimitExceeded, Ambiguous, Internal,
	}
}

// Error is the one error type.
type Error struct {
	Code Code
	// Message is a sentence for the user: what is wrong and what to do. It
	// carries no cause, no credential and nothing internal.
	Message string
	// Fields says which inputs are wrong, for Invalid.
	Fields []Field
	// Err is the cause, for the log only.
	Err error
}

// Field is one invalid input.
type Field struct {
	// Location is a path such as body.reserved_cidr or query.limit.
	Location string
	// Message is a sentence that says what would be right.
	Message string
}

func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Message
	for _, f := range e.Fields {
		s += "; " + f.Location + ": " + f.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose Message is for the user. A %w among the verbs
// has no place here: use Wrap for a cause.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Wrap makes an Error with a cause. The message is for the user.
func Wrap(err error, code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Err: err}
}

// InternalMessage is all that a user learns of an Internal error.
const InternalMessage = "Something went wrong on our side. Try again in a minute; if it stays, contact support with the request id."

// CodeOf is total: an error that carries no Code is Internal; nil has none.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return Internal
}

// MessageOf is what a user may read of err.
func MessageOf(err error) string {
	var e *Error
	if errors.As(err, &e) && e.Code != Internal {
		return e.Message
	}
	return InternalMessage
}

// FieldsOf lists the invalid inputs of err.
func FieldsOf(err error) []Field {
	var e *Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}
