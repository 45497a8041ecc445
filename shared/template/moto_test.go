package template_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"byoc/infra/local/child"
	"byoc/infra/local/moto"
	"byoc/infra/local/moto/mototest"
)

// account is moto's default.
const account = "123456789012"

// motoServer is moto behind a proxy that keeps the calls made through it.
type motoServer struct {
	t   *testing.T
	url string

	mu    sync.Mutex
	calls []motoCall
}

type motoCall struct {
	service string
	form    url.Values
}

func startMoto(t *testing.T) *motoServer {
	t.Helper()
	if !mototest.Installed() {
		t.Skip("SKIPPED: moto_server is not installed (pip install 'moto[server]')")
	}
	spawner := child.New()
	t.Cleanup(spawner.Close)
	emulator, err := moto.Start(t.Context(), spawner, moto.Options{})
	if err == nil {
		err = emulator.Wait(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(emulator.Close)
	upstream, err := url.Parse(emulator.URL)
	if err != nil {
		t.Fatal(err)
	}
	m := &motoServer{t: t}
	proxy := httputil.NewSingleHostReverseProxy(upstream)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.record(r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

var scope = regexp.MustCompile(`Credential=[^/]+/[0-9]+/[^/]+/([a-z0-9]+)/`)

func (m *motoServer) record(r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		m.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, err := url.ParseQuery(string(body))
	s := scope.FindStringSubmatch(r.Header.Get("Authorization"))
	if err != nil || s == nil {
		m.t.Errorf("a call that is not understood: %s %v", r.URL, err)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls = append(m.calls, motoCall{service: s[1], form: form})
}

// take answers the calls since the last take.
func (m *motoServer) take() []motoCall {
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := m.calls
	m.calls = nil
	return calls
}

// call makes one query-protocol call; parameters are key, value, …
func (m *motoServer) call(service, action string, parameters ...string) string {
	m.t.Helper()
	form := url.Values{"Action": {action}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	r, err := http.NewRequestWithContext(m.t.Context(), http.MethodPost, m.url, strings.NewReader(form.Encode()))
	if err != nil {
		m.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		m.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		m.t.Fatalf("%s: %s %v %s", action, response.Status, err, body)
	}
	return string(body)
}

// element is the text of the first XML element of that name.
func element(t *testing.T, text, name string) string {
	t.Helper()
	m := regexp.MustCompile(`(?s)<` + name + `>(.*?)</` + name + `>`).FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no %s in %s", name, text)
	}
	return m[1]
}
