// Package mototest runs a moto server for the tests of one package, and a
// front in which behaviours stand between the SDK and it.
package mototest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"byoc/infra/local/awscall"
	"byoc/infra/local/child"
	"byoc/infra/local/moto"
)

// Region is where the tests work.
const Region = "eu-west-1"

// server is started by the first test to ask, and ends with the test's process.
var server struct {
	sync.Mutex
	url string
}

// Installed tells whether there is a moto to test against.
func Installed() bool {
	_, err := exec.LookPath("moto_server")
	return err == nil
}

// URL is the address of the package's server. Where moto is not installed the
// test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	server.Lock()
	defer server.Unlock()
	if server.url != "" {
		return server.url
	}
	if !Installed() {
		t.Skip("SKIPPED, NOT TESTED: moto_server is not installed (pip install 'moto[server]==5.2.1')")
	}
	emulator, err := moto.Start(context.Background(), child.New(), moto.Options{})
	if err == nil {
		err = emulator.Wait(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	server.url = emulator.URL
	return server.url
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
		HTTPClient:   &http.Client{Transport: awscall.Transport{}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}
