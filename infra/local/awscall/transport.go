package awscall

import (
	"io"
	"net/http"
)

// Transport carries the SDK's calls to a server on this machine.
//
// The SDK closes its request's body as soon as the answer's head is there. Then
// the body's WriteTo fails, where its Read says that it is at its end; a server
// this near answers before net/http has asked for that end, and net/http breaks
// the connection off, and the answer's body with it.
type Transport struct {
	// Next is asked; nil means http.DefaultTransport.
	Next http.RoundTripper
}

// RoundTrip hides the body's WriteTo, in a copy of the request: a transport must
// not change the request it is given.
func (t Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	next := t.Next
	if next == nil {
		next = http.DefaultTransport
	}
	if r.Body == nil || r.Body == http.NoBody {
		return next.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	r.Body = struct{ io.ReadCloser }{r.Body}
	return next.RoundTrip(r)
}
