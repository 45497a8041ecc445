// Package mototest runs a moto server for the tests of one package, and a
// front in which behaviours stand between the SDK and it.
package mototest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"byoc/infra/local/awscall"
)

// Region is where the tests work.
const Region = "eu-west-1"

var server struct {
	sync.Mutex
	command *exec.Cmd
	url     string
}

// Main is a TestMain that stops the server after the tests.
func Main(m *testing.M) {
	code := m.Run()
	server.Lock()
	if server.command != nil {
		_ = server.command.Process.Kill()
		_ = server.command.Wait()
	}
	server.Unlock()
	os.Exit(code)
}

// URL is the address of the server, which the first test to ask starts. Where
// moto is not installed the test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if server.url != "" {
		return server.url
	}
	path, err := exec.LookPath("moto_server")
	if err != nil {
		t.Skip("NOT TESTED: moto_server is not installed (pip install 'moto[server]==5.2.1')")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	listener.Close()
	server.command = exec.Command(path, "-H", "127.0.0.1", "-p", port)
	if err := server.command.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if response, err := http.Get("http://" + address + "/moto-api/"); err == nil {
			response.Body.Close()
			server.url = "http://" + address
			return server.url
		}
	}
	t.Fatal("moto_server did not start within 30 s")
	return ""
}

var accounts atomic.Int64

// Account is one that no other test of the package uses.
func Account() string { return fmt.Sprintf("%012d", 100000000000+accounts.Add(1)) }

// Front serves the behaviours, the first one outermost, in front of the
// handler. The access key of a call is taken for the account that it acts in.
func Front(t testing.TB, last awscall.Handler, behaviours ...awscall.Behaviour) string {
	t.Helper()
	handler := last
	for i := len(behaviours) - 1; i >= 0; i-- {
		handler = behaviours[i](handler)
	}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call, err := awscall.Parse(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		call.Caller.Account = call.Caller.AccessKeyID
		call.Caller.ARN = "arn:aws:iam::" + call.Caller.Account + ":root"
		response := handler(r.Context(), call)
		if response == nil {
			panic(http.ErrAbortHandler)
		}
		for name, values := range response.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body)
	}))
	t.Cleanup(front.Close)
	return front.URL
}

// Emulator passes calls on to the server.
func Emulator(t testing.TB) awscall.Handler {
	url := URL(t)
	return func(ctx context.Context, call *awscall.Call) *awscall.Response {
		r, err := http.NewRequestWithContext(ctx, call.Method, url+call.URL.RequestURI(), bytes.NewReader(call.Body))
		if err != nil {
			return nil
		}
		r.Header = call.Header.Clone()
		r.Header.Set(awscall.AccountHeader, call.Caller.Account)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			return nil
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			return nil
		}
		return &awscall.Response{Status: answer.StatusCode, Header: answer.Header, Body: body}
	}
}

// Config reaches a front as the account, without retries.
func Config(url, account string) aws.Config {
	return aws.Config{
		Region:       Region,
		BaseEndpoint: aws.String(url),
		Credentials:  credentials.NewStaticCredentialsProvider(account, "test", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}
