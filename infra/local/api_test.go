package local_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"
)

func call(t *testing.T, method, path string, body io.Reader, header http.Header) (*http.Response, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, shared.APIURL()+path, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, content
}

func TestAPIPayloadFormat(t *testing.T) {
	header := http.Header{"X-Many": {"1", "2"}, "Cookie": {"c=3; d=4"}, "User-Agent": {"tester"}}
	response, body := call(t, "POST", "/v1/things?a=1&b=x%20y&a=2", strings.NewReader("hello"), header)
	if response.StatusCode != 201 || response.Header.Get("X-Test") != "yes" || response.Header.Get("Apigw-Requestid") == "" {
		t.Errorf("status %d, headers %v", response.StatusCode, response.Header)
	}
	if diff := cmp.Diff([]string{"a=1; Path=/", "b=2"}, response.Header["Set-Cookie"]); diff != "" {
		t.Error(diff)
	}
	event := decode[events.APIGatewayV2HTTPRequest](t, body)
	http := event.RequestContext.HTTP
	got := []any{event.Version, event.RouteKey, event.RawPath, event.RawQueryString, event.QueryStringParameters, event.Cookies,
		event.Headers["x-many"], event.Headers["cookie"], event.Body, event.IsBase64Encoded,
		event.RequestContext.Stage, event.RequestContext.AccountID, http.Method, http.Path, http.SourceIP, http.UserAgent}
	want := []any{"2.0", "$default", "/v1/things", "a=1&b=x%20y&a=2", map[string]string{"a": "1,2", "b": "x y"}, []string{"c=3", "d=4"},
		"1,2", "", "hello", false,
		"$default", vendor, "POST", "/v1/things", "127.0.0.1", "tester"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, body = call(t, "PUT", "/", bytes.NewReader([]byte{0xff, 0xfe}), nil)
	if event := decode[events.APIGatewayV2HTTPRequest](t, body); !event.IsBase64Encoded || event.Body != "//4=" {
		t.Errorf("binary body %q, base64 %v", event.Body, event.IsBase64Encoded)
	}
}

func TestAPIAnswers(t *testing.T) {
	tests := map[string]struct {
		path   string
		body   int
		status int
		answer string
	}{
		"plain object":    {"/plain", 0, 200, `{"hello":"world"}`},
		"binary":          {"/binary", 0, 200, "\x00\xff"},
		"function error":  {"/error", 0, 500, `{"message":"Internal Server Error"}`},
		"timeout":         {"/slow", 0, 503, `{"message":"Service Unavailable"}`},
		"body too large":  {"/", 10<<20 + 1, 413, `{"message":"Request Entity Too Large"}`},
		"event too large": {"/", 7 << 20, 413, `{"message":"Request Entity Too Large"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			response, body := call(t, "POST", test.path, strings.NewReader(strings.Repeat("x", test.body)), nil)
			if response.StatusCode != test.status || string(body) != test.answer {
				t.Errorf("%d %.200q, want %d %q", response.StatusCode, body, test.status, test.answer)
			}
		})
	}
}
