package authorization

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/awscall"
)

var emulator awscall.Emulator

// TestMain runs one moto server for all tests; each test has accounts of its
// own.
func TestMain(m *testing.M) {
	stop := func() {}
	if path, err := exec.LookPath("moto_server"); err != nil {
		fmt.Fprintln(os.Stderr, "SKIPPING every test against moto: moto_server is not installed (pip install 'moto[server]')")
	} else if emulator.URL, stop, err = startMoto(path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func startMoto(path string) (address string, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	moto := exec.Command(path, "-p", port)
	moto.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	if err := moto.Start(); err != nil {
		return "", nil, err
	}
	stop = func() { moto.Process.Kill(); moto.Wait() }
	address = "http://127.0.0.1:" + port
	for range 300 {
		if response, err := http.Get(address + "/moto-api/data.json"); err == nil {
			response.Body.Close()
			return address, stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	return "", nil, fmt.Errorf("moto did not answer at %s", address)
}

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
	if emulator.URL == "" {
		t.Skip("moto_server is not installed")
	}
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
	request, err := http.NewRequest(call.Method, emulator.URL+call.URL.RequestURI(), bytes.NewReader(call.Body))
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
