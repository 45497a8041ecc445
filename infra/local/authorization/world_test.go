package authorization

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/awscall"
	"byoc/infra/local/moto/mototest"
)

// world is a server that enforces, and the roles behind its access keys.
type world struct {
	*Enforcer
	account string
	url     string
	mu      sync.Mutex
	callers map[string]awscall.Principal
	iam     *iam.Client
	log     bytes.Buffer
}

var accounts = 200000000000

func newWorld(t testing.TB, options Options) *world {
	t.Helper()
	emulator := awscall.Emulator{URL: mototest.URL(t)}
	accounts++
	w := &world{account: fmt.Sprint(accounts), callers: map[string]awscall.Principal{}}
	options.Logger = slog.New(slog.NewTextHandler(&w.log, nil))
	w.Enforcer = New(emulator, options)
	w.iam = iam.NewFromConfig(emulator.Config(w.account, "us-east-1"))
	handler := w.Enforce(func(_ context.Context, call *awscall.Call) *awscall.Response {
		if call.IsDryRun() {
			return awscall.ErrorResponse(call, 412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
		}
		return pass(t, call)
	})
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		call, err := awscall.Parse(in)
		if err != nil {
			t.Error(err)
			return
		}
		w.mu.Lock()
		call.Caller = w.callers[call.Caller.AccessKeyID]
		w.mu.Unlock()
		answer := handler(in.Context(), call)
		for name, values := range answer.Header {
			out.Header()[name] = values
		}
		out.WriteHeader(answer.Status)
		out.Write(answer.Body)
	}))
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

// pass sends a call on to moto.
func pass(t testing.TB, call *awscall.Call) *awscall.Response {
	request, err := http.NewRequest(call.Method, mototest.URL(t)+call.URL.RequestURI(), bytes.NewReader(call.Body))
	if err != nil {
		t.Error(err)
		return nil
	}
	request.Header = call.Header.Clone()
	request.Header.Set(awscall.AccountHeader, call.Caller.Account)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Error(err)
		return nil
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	response.Header.Del("Content-Length")
	return &awscall.Response{Status: response.StatusCode, Header: response.Header, Body: body}
}

// role makes a role with an inline policy (none where the document is empty)
// and answers an SDK configuration of a session of it.
func (w *world) role(t testing.TB, name, document string) aws.Config {
	t.Helper()
	_, err := w.iam.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName:                 &name,
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + w.account + `"},"Action":"sts:AssumeRole"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.putPolicy(t, name, document)
	return w.session(awscall.Principal{
		AccessKeyID: "ASIA" + strings.ToUpper(name), Account: w.account,
		RoleARN: "arn:aws:iam::" + w.account + ":role/" + name, SessionName: "session",
		ARN: "arn:aws:sts::" + w.account + ":assumed-role/" + name + "/session",
	})
}

// putPolicy changes a role's inline policy behind the Enforcer's back.
func (w *world) putPolicy(t testing.TB, role, document string) {
	t.Helper()
	if document == "" {
		return
	}
	_, err := w.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: &role, PolicyName: aws.String("inline"), PolicyDocument: &document,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// session is an SDK configuration for a caller.
func (w *world) session(caller awscall.Principal) aws.Config {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.callers[caller.AccessKeyID] = caller
	config := awscall.Emulator{URL: w.url}.Config(caller.AccessKeyID, "eu-west-1")
	return config
}

func (w *world) root() aws.Config {
	return w.session(awscall.Principal{AccessKeyID: "AKIAROOT", Account: w.account, ARN: "arn:aws:iam::" + w.account + ":root"})
}

func ec2Of(config aws.Config) *ec2.Client { return ec2.NewFromConfig(config) }

func allow(actions ...string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["` + strings.Join(actions, `","`) + `"],"Resource":"*"}]}`
}

func deny(action string) string {
	return `{"Version":"2012-10-17","Statement":[{"Sid":"D","Effect":"Deny","Action":"` + action + `","Resource":"*"}]}`
}
