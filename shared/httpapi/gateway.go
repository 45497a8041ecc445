package httpapi

import (
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"byoc/shared/idlog"
)

// answerReserve is the end of an invocation, kept for the answer: of a function
// that timed out the gateway tells in a shape of its own.
const answerReserve = time.Second

// Gateway makes a handler of API Gateway's HTTP API events, payload format 2.0.
// It never returns an error: the gateway would answer that in a shape of its own.
func Gateway(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		if invocation, ok := lambdacontext.FromContext(ctx); ok {
			ctx = idlog.With(ctx, slog.String(idlog.InvocationID, invocation.AwsRequestID))
		}
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-answerReserve))
			defer cancel()
		}
		ctx = withRequestID(ctx, e.RequestContext.RequestID)
		r, err := requestOf(ctx, &e)
		if err != nil {
			return unreadable(requestID(ctx)), nil
		}
		w := gatewayWriter{header: http.Header{}, status: http.StatusOK}
		h.ServeHTTP(&w, r)
		return w.answer(), nil
	}
}

// gatewayWriter keeps an answer, which is text always, as the text that the
// gateway takes: the library's own writer holds three copies of it.
type gatewayWriter struct {
	header http.Header
	status int
	body   string
}

func (w *gatewayWriter) Header() http.Header { return w.header }

func (w *gatewayWriter) WriteHeader(status int) { w.status = status }

func (w *gatewayWriter) Write(b []byte) (int, error) { return w.WriteString(string(b)) }

// WriteString copies nothing where it is called once.
func (w *gatewayWriter) WriteString(s string) (int, error) {
	w.body += s
	return len(s), nil
}

func (w *gatewayWriter) answer() events.APIGatewayV2HTTPResponse {
	headers := make(map[string]string, len(w.header))
	for name, values := range w.header {
		headers[name] = strings.Join(values, ",")
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: headers, Body: w.body, Cookies: []string{}}
}

// requestOf is the event as net/http has it. A header that came several times
// is one value with commas: the gateway has joined them.
func requestOf(ctx context.Context, e *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, err
		}
		body = string(decoded)
	}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, "/", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.URL = pathOf(e.RawPath)
	r.URL.RawQuery = e.RawQueryString
	r.Host = e.RequestContext.DomainName
	for name, value := range e.Headers {
		r.Header.Set(name, value)
	}
	return r, nil
}

// pathOf undoes the gateway's decoding where it left what is not the path of a
// URL: a percent sign, a space or a question mark that a client had escaped.
func pathOf(raw string) *url.URL {
	if !strings.HasPrefix(raw, "/") {
		raw = "/" + raw
	}
	if u, err := url.ParseRequestURI(raw); err == nil && !strings.ContainsAny(raw, "?#") {
		return u
	}
	return &url.URL{Path: raw}
}

// unreadable answers what is no HTTP request at all.
func unreadable(requestID string) events.APIGatewayV2HTTPResponse {
	c := &call{id: requestID}
	a := c.problem(&httpError{http.StatusBadRequest, "bad_request", "This is not an HTTP request that can be read.", nil})
	body, _ := a.render()
	return events.APIGatewayV2HTTPResponse{
		StatusCode: a.status,
		Headers:    map[string]string{"Content-Type": a.contentType, "X-Request-Id": requestID, "Cache-Control": "no-store"},
		Body:       body,
	}
}
