package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// apiEvent is an HTTP request in payload format 2.0.
func apiEvent(r *http.Request, route apiRoute, body []byte, requestID string) events.APIGatewayV2HTTPRequest {
	now := time.Now().UTC()
	sourceIP, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		sourceIP = r.RemoteAddr
	}
	headers := map[string]string{"host": r.Host}
	var cookies []string
	for name, values := range r.Header {
		if name == "Cookie" {
			for _, value := range values {
				cookies = append(cookies, strings.Split(value, "; ")...)
			}
			continue
		}
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	// net/http takes this one out of the headers.
	if len(body) > 0 || r.ContentLength > 0 {
		headers["content-length"] = strconv.Itoa(len(body))
	}
	headers["x-forwarded-for"] = sourceIP
	headers["x-forwarded-proto"] = "http"
	event := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              "$default",
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies,
		Headers:               headers,
		QueryStringParameters: queryParameters(r.URL.RawQuery),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:   "$default",
			AccountID:  route.function.account,
			Stage:      "$default",
			RequestID:  requestID,
			APIID:      route.apiID,
			DomainName: r.Host,
			Time:       now.Format("02/Jan/2006:15:04:05 -0700"),
			TimeEpoch:  now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method:    r.Method,
				Path:      r.URL.Path,
				Protocol:  r.Proto,
				SourceIP:  sourceIP,
				UserAgent: r.UserAgent(),
			},
		},
	}
	if utf8.Valid(body) {
		event.Body = string(body)
	} else {
		event.Body = base64.StdEncoding.EncodeToString(body)
		event.IsBase64Encoded = true
	}
	return event
}

// queryParameters joins the values of a repeated parameter by commas.
func queryParameters(raw string) map[string]string {
	values, _ := url.ParseQuery(raw)
	if len(values) == 0 {
		return nil
	}
	parameters := make(map[string]string, len(values))
	for name, all := range values {
		parameters[name] = strings.Join(all, ",")
	}
	return parameters
}

type apiAnswer struct {
	StatusCode      *int            `json:"statusCode"`
	Headers         map[string]any  `json:"headers"`
	Cookies         []string        `json:"cookies"`
	Body            json.RawMessage `json:"body"`
	IsBase64Encoded bool            `json:"isBase64Encoded"`
}

// writeAPIAnswer turns a function's answer into an HTTP response. One
// without a status code is, as on AWS, the JSON body of a 200. It writes
// nothing if the answer is malformed.
func writeAPIAnswer(w http.ResponseWriter, r *http.Request, payload []byte) error {
	var answer apiAnswer
	if err := json.Unmarshal(payload, &answer); err != nil || answer.StatusCode == nil {
		if bytes.HasPrefix(bytes.TrimSpace(payload), []byte("{")) && err != nil {
			return err
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(payload)
		return nil
	}
	var text string
	if len(answer.Body) > 0 && json.Unmarshal(answer.Body, &text) != nil {
		return fmt.Errorf("body is no string: %.80s", answer.Body)
	}
	body := []byte(text)
	if answer.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return fmt.Errorf("body is not base64: %w", err)
		}
		body = decoded
	}
	if *answer.StatusCode < 100 || *answer.StatusCode > 599 {
		return fmt.Errorf("status code %d", *answer.StatusCode)
	}
	header := w.Header()
	for name, value := range answer.Headers {
		header.Set(name, fmt.Sprint(value))
	}
	for _, cookie := range answer.Cookies {
		header.Add("Set-Cookie", cookie)
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	if r.Method != http.MethodHead {
		header.Set("Content-Length", strconv.Itoa(len(body)))
	}
	w.WriteHeader(*answer.StatusCode)
	if *answer.StatusCode != http.StatusNoContent && *answer.StatusCode != http.StatusNotModified {
		_, _ = w.Write(body)
	}
	return nil
}
