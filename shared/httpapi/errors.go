package httpapi

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"byoc/shared/cloud"
)

// statuses maps every code of the domain. Those that only runs meet are
// conflicts with what is in the customer's account, should one ever get here.
var statuses = map[cloud.Code]int{
	cloud.Invalid:               http.StatusBadRequest,
	cloud.Unauthenticated:       http.StatusUnauthorized,
	cloud.Forbidden:             http.StatusForbidden,
	cloud.NotFound:              http.StatusNotFound,
	cloud.AlreadyExists:         http.StatusConflict,
	cloud.Conflict:              http.StatusConflict,
	cloud.Stale:                 http.StatusConflict,
	cloud.PreconditionFailed:    http.StatusPreconditionFailed,
	cloud.Moved:                 http.StatusConflict,
	cloud.Unavailable:           http.StatusServiceUnavailable,
	cloud.RoleNotAssumable:      http.StatusConflict,
	cloud.ExternalIDNotEnforced: http.StatusConflict,
	cloud.Denied:                http.StatusConflict,
	cloud.ResourceFailed:        http.StatusConflict,
	cloud.LimitExceeded:         http.StatusConflict,
	cloud.Ambiguous:             http.StatusConflict,
	cloud.Internal:              http.StatusInternalServerError,
}

// problem is the one shape of errors: RFC 9457, and beside it message and
// errors, which the compatible clients read.
type problem struct {
	Type      string        `json:"type"`
	Title     string        `json:"title"`
	Status    int           `json:"status"`
	Detail    string        `json:"detail"`
	Instance  string        `json:"instance"`
	Message   string        `json:"message"`
	Errors    []problemItem `json:"errors"`
	RequestID string        `json:"request_id"`
}

type problemItem struct {
	Message   string `json:"message"`
	Status    int    `json:"status"`
	ErrorCode string `json:"error_code"`
	Location  string `json:"location,omitempty"`
}

// retryAfter is what clients are told to wait when we are throttled, in seconds.
const retryAfter = "5"

// problem turns an error into its answer. Of an Internal error nothing but a
// fixed sentence and the request's id gets out.
func (c *call) problem(err error) answer {
	code, message := string(cloud.CodeOf(err)), cloud.MessageOf(err)
	status, known := statuses[cloud.Code(code)]
	if !known {
		code, message, status = string(cloud.Internal), cloud.InternalMessage, http.StatusInternalServerError
	}
	var allow []string
	if e, ok := asHTTP(err); ok {
		code, message, status, allow = e.code, e.message, e.status, e.allow
	}
	// The compatible Terraform provider tells this conflict from others by the words.
	if code == string(cloud.AlreadyExists) && !strings.Contains(message, "already exists") {
		message = "It already exists. " + message
	}
	p := problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: message, Message: message,
		Instance: "urn:byoc:request:" + url.PathEscape(c.id), RequestID: c.id,
	}
	for _, f := range cloud.FieldsOf(err) {
		p.Errors = append(p.Errors, problemItem{Message: f.Message, Status: status, ErrorCode: code, Location: f.Location})
	}
	if p.Errors == nil {
		p.Errors = []problemItem{{Message: message, Status: status, ErrorCode: code}}
	}
	a := answer{status: status, body: p, contentType: "application/problem+json"}
	switch status {
	case http.StatusUnauthorized:
		a = a.with("WWW-Authenticate", "Bearer")
	case http.StatusMethodNotAllowed:
		a = a.with("Allow", strings.Join(allow, ", "))
	case http.StatusServiceUnavailable:
		a = a.with("Retry-After", retryAfter)
	}
	return a
}

// invalid reports all invalid fields of a request together.
func invalid(fields []cloud.Field) error { return cloud.InvalidFields(fields) }

func wrongMethod(routes map[string]route) error {
	allow := slices.Sorted(maps.Keys(routes))
	return &httpError{http.StatusMethodNotAllowed, "method_not_allowed", "This path takes " + strings.Join(allow, ", ") + ".", allow}
}
