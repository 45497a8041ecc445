package statemachine

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"byoc/infra/local/child"
	"byoc/infra/local/moto"
)

// task is what a function was invoked with.
type task struct {
	Function       string `json:"-"`
	OrganizationID string `json:"organization_id"`
	CloudID        string `json:"cloud_id"`
	Attempt        int    `json:"attempt"`
	Execution      string `json:"execution"`
	Operation      string `json:"operation"`
	Outcome        string `json:"outcome"`
	Failure        *struct{ Error, Cause string }
}

// String names the call as the tests expect it, such as network:ensure.
func (t task) String() string {
	name := t.Function
	for _, part := range []string{t.Operation, t.Outcome} {
		if part != "" {
			name += ":" + part
		}
	}
	if t.Failure != nil {
		name += ":" + t.Failure.Error
	}
	return name
}

// answer is what a function answers: an error where Error is set. Busy is
// Lambda's own, which has no concurrency left for the function.
type answer struct {
	Error   string
	Message string
	Value   any
	Busy    bool
}

// fakeLambda answers invocations by script, one per cloud id.
type fakeLambda struct {
	mu      sync.Mutex
	scripts map[string]func(t task, nth int) answer
	calls   map[string][]task
}

// script answers the calls for one cloud; nth counts the calls of the same
// String, from 0.
func (l *fakeLambda) script(cloudID string, f func(t task, nth int) answer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.scripts[cloudID] = f
}

func (l *fakeLambda) called(cloudID string) []task {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]task(nil), l.calls[cloudID]...)
}

func (l *fakeLambda) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// /2015-03-31/functions/{ARN}/invocations
	path, _ := url.PathUnescape(r.URL.Path)
	path = strings.TrimSuffix(path, "/invocations")
	t := task{Function: path[strings.LastIndexAny(path, "/:")+1:]}
	body, _ := io.ReadAll(r.Body)
	if err := json.Unmarshal(body, &t); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	l.mu.Lock()
	nth := 0
	for _, earlier := range l.calls[t.CloudID] {
		if earlier.String() == t.String() {
			nth++
		}
	}
	l.calls[t.CloudID] = append(l.calls[t.CloudID], t)
	a := l.scripts[t.CloudID](t, nth)
	l.mu.Unlock()
	if a.Busy {
		w.Header().Set("X-Amzn-Errortype", "TooManyRequestsException")
		w.Header().Set("X-Amzn-Requestid", "busy")
		w.WriteHeader(http.StatusTooManyRequests)
		a.Value = map[string]string{"Type": "User", "message": "Rate Exceeded.", "Reason": "ConcurrentInvocationLimitExceeded"}
	}
	if a.Error != "" {
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		a.Value = map[string]string{"errorType": a.Error, "errorMessage": a.Message}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(a.Value)
}

// emulator runs the state machines in moto's interpreter, which finds Lambda
// at MOTO_PORT.
type emulator struct {
	lambda   *fakeLambda
	endpoint string
}

// shared by all tests of the package: moto takes seconds to start.
var shared = sync.OnceValues(startEmulator)

func TestMain(m *testing.M) {
	// The runs wait more than they compute.
	flag.Parse()
	_ = flag.Set("test.parallel", "16")
	os.Exit(m.Run())
}

// quick intervals: what matters is the order of things.
func quick() Intervals {
	i := DefaultIntervals()
	i.WaitSeconds, i.MaxPolls = 1, 4
	i.RoleIntervalSeconds, i.RoleMaxDelaySeconds, i.RoleMaxAttempts = 1, 2, 3
	i.RetryIntervalSeconds, i.RetryMaxDelaySeconds, i.RetryMaxAttempts = 1, 2, 3
	return i
}

func startEmulator() (*emulator, error) {
	e := &emulator{lambda: &fakeLambda{scripts: map[string]func(task, int) answer{}, calls: map[string][]task{}}}
	functions := httptest.NewServer(e.lambda)
	_, lambdaPort, _ := net.SplitHostPort(functions.Listener.Addr().String())
	port, err := strconv.Atoi(lambdaPort)
	if err != nil {
		return nil, err
	}
	// Ends with the tests' process.
	server, err := moto.Start(context.Background(), child.New(), moto.Options{ServicesPort: port})
	if err != nil {
		return nil, err
	}
	if err := server.Wait(context.Background()); err != nil {
		return nil, err
	}
	const config = `{"stepfunctions":{"execute_state_machine":true}}`
	response, err := http.Post(server.URL+"/moto-api/config", "application/json", strings.NewReader(config))
	if err != nil {
		return nil, err
	}
	response.Body.Close()
	e.endpoint = server.URL
	return e, nil
}

// account is a client in an account of its own: moto 5.2 starts one execution
// per account, then StartExecution answers 500, because it copies all that the
// account has and a running execution cannot be copied.
func (e *emulator) account(id string) *sfn.Client {
	return sfn.New(sfn.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(e.endpoint),
		APIOptions:   []func(*middleware.Stack) error{smithyhttp.AddHeaderValue("x-moto-account-id", id)},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
}
