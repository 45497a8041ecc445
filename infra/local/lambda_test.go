package local_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func invoke(t *testing.T, function, payload string) (*lambda.InvokeOutput, error) {
	t.Helper()
	return lambda.NewFromConfig(config(vendor)).Invoke(context.Background(), &lambda.InvokeInput{
		FunctionName: aws.String(function), Payload: []byte(payload), LogType: types.LogTypeTail,
	})
}

func mustInvoke(t *testing.T, function, payload string) *lambda.InvokeOutput {
	t.Helper()
	out, err := invoke(t, function, payload)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

type answer struct {
	PID   int    `json:"pid"`
	Calls int    `json:"calls"`
	Text  string `json:"text"`
}

func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var value T
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatalf("%v in %s", err, data)
	}
	return value
}

func TestFunctionStaysWarmAndTellsItsLog(t *testing.T) {
	shared.KillFunctions("worker")
	first := mustInvoke(t, "worker", `{"text":"one"}`)
	second := mustInvoke(t, "arn:aws:lambda:"+region+":"+vendor+":function:worker", `{"text":"two"}`)
	a, b := decode[answer](t, first.Payload), decode[answer](t, second.Payload)
	if a.PID != b.PID || b.Calls != a.Calls+1 || b.Text != "two" {
		t.Errorf("answers %+v and %+v, want one warm process", a, b)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(first.LogResult))
	if err != nil || !strings.Contains(string(log), "handled") || !strings.Contains(string(log), "REPORT") {
		t.Errorf("log tail %q, %v", log, err)
	}
	logged(t, "worker", `handled {"text":"one"}`)
}

func TestFunctionRunsWithItsOwnRoleAndEnvironment(t *testing.T) {
	who := decode[string](t, mustInvoke(t, "worker", `{"do":"whoami"}`).Payload)
	if want := "arn:aws:sts::" + vendor + ":assumed-role/function-role/worker"; who != want {
		t.Errorf("function is %s, want %s", who, want)
	}
	t.Setenv("LEAK", "must not show")
	shared.KillFunctions("worker")
	env := decode[[]string](t, mustInvoke(t, "worker", `{"do":"environment"}`).Payload)
	for _, want := range []string{"TABLE=items", "NAME=worker", "AWS_ENDPOINT_URL=" + shared.URL(), "AWS_REGION=" + region} {
		if !slices.Contains(env, want) {
			t.Errorf("environment lacks %s: %v", want, env)
		}
	}
	if slices.ContainsFunc(env, func(s string) bool { return strings.HasPrefix(s, "LEAK=") || strings.HasPrefix(s, "HOME=") }) {
		t.Errorf("our own environment leaks: %v", env)
	}
}

func TestFunctionErrorsAreToldApart(t *testing.T) {
	tests := map[string]struct{ function, payload, errorType, message string }{
		"error":   {"worker", `{"do":"error","text":"no luck"}`, "errorString", "no luck"},
		"named":   {"worker", `{"do":"named","text":"Special"}`, "Special", "named"},
		"panic":   {"worker", `{"do":"panic","text":"aargh"}`, "string", "aargh"},
		"exit":    {"worker", `{"do":"exit"}`, "Runtime.ExitError", "Runtime exited with error: exit status 4"},
		"init":    {"stillborn", `{}`, "Runtime.ExitError", "exit status 3"},
		"timeout": {"impatient", `{"do":"sleep","millis":5000}`, "Sandbox.Timedout", "Task timed out after 1.00 seconds"},
		"too big": {"worker", `{"do":"huge","millis":6400000}`, "Function.ResponseSizeTooLarge", "exceeded"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			out := mustInvoke(t, test.function, test.payload)
			got := decode[struct{ ErrorType, ErrorMessage string }](t, out.Payload)
			if aws.ToString(out.FunctionError) != "Unhandled" || got.ErrorType != test.errorType || !strings.Contains(got.ErrorMessage, test.message) {
				t.Errorf("%s %+v, want %s %q", aws.ToString(out.FunctionError), got, test.errorType, test.message)
			}
		})
	}
	decode[answer](t, mustInvoke(t, "worker", `{"text":"well again"}`).Payload)
}

func TestInvokeRefusals(t *testing.T) {
	_, err := invoke(t, "nobody", `{}`)
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("unknown function: %v", err)
	}
	_, err = invoke(t, "untrusted", `{}`)
	if code(err) != "AccessDeniedException" {
		t.Errorf("role that does not trust Lambda: %v", err)
	}
	_, err = invoke(t, "worker", `{`)
	var malformed *types.InvalidRequestContentException
	if !errors.As(err, &malformed) {
		t.Errorf("malformed payload: %v", err)
	}
}

func TestReservedConcurrencyThrottles(t *testing.T) {
	var group sync.WaitGroup
	var throttled, served atomic.Int32
	for range 3 {
		group.Go(func() {
			_, err := invoke(t, "impatient", `{"do":"sleep","millis":500}`)
			var refusal *types.TooManyRequestsException
			switch {
			case err == nil:
				served.Add(1)
			case errors.As(err, &refusal):
				throttled.Add(1)
			}
		})
	}
	group.Wait()
	if served.Load() != 1 || throttled.Load() != 2 {
		t.Errorf("%d of three concurrent invocations served, %d throttled, want 1 and 2", served.Load(), throttled.Load())
	}
}

func TestBusyFunctionGetsAnotherProcess(t *testing.T) {
	var group sync.WaitGroup
	var mu sync.Mutex
	processes := map[int]bool{}
	for range 3 {
		group.Go(func() {
			out, err := invoke(t, "worker", `{"do":"sleep","millis":600}`)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			processes[decode[answer](t, out.Payload).PID] = true
		})
	}
	group.Wait()
	if len(processes) != 3 {
		t.Errorf("three concurrent invocations ran in %d processes", len(processes))
	}
}

func TestAsynchronousInvocationIsRetriedTwice(t *testing.T) {
	shared.KillFunctions("worker")
	out, err := lambda.NewFromConfig(config(vendor)).Invoke(context.Background(), &lambda.InvokeInput{
		FunctionName: aws.String("worker"), InvocationType: types.InvocationTypeEvent,
		Payload: []byte(`{"do":"flaky","fail":2,"text":"third time"}`),
	})
	if err != nil || out.StatusCode != 202 {
		t.Fatalf("%v, status %d", err, out.StatusCode)
	}
	logged(t, "worker", `"fail":2,"text":"third time"`)
}

func TestNewCodeIsPickedUp(t *testing.T) {
	client := lambda.NewFromConfig(config(vendor))
	script, err := zipped([]byte("#!/bin/sh\necho new code; exit 7\n"))
	if err != nil {
		t.Fatal(err)
	}
	mustInvoke(t, "impatient", `{}`)
	_, err = client.UpdateFunctionCode(context.Background(), &lambda.UpdateFunctionCodeInput{
		FunctionName: aws.String("impatient"), ZipFile: script,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, err := client.UpdateFunctionCode(context.Background(), &lambda.UpdateFunctionCodeInput{
			FunctionName: aws.String("impatient"), S3Bucket: aws.String("assets"), S3Key: aws.String("function.zip"),
		})
		if err != nil {
			t.Error(err)
		}
		time.Sleep(600 * time.Millisecond)
	})
	eventually(t, func() (string, bool) {
		out := mustInvoke(t, "impatient", `{}`)
		return string(out.Payload), strings.Contains(string(out.Payload), "exit status 7")
	})
}

func TestKilledFunctionIsACrash(t *testing.T) {
	done := make(chan string, 1)
	go func() {
		out, err := invoke(t, "worker", `{"do":"sleep","millis":600000}`)
		if err != nil {
			done <- err.Error()
			return
		}
		done <- string(out.Payload)
	}()
	eventually(t, func() (string, bool) { return "not at work", shared.KillInvocations("600000") == 1 })
	if got := <-done; !strings.Contains(got, "Runtime.ExitError") || !strings.Contains(got, "signal: killed") {
		t.Errorf("answered with %s", got)
	}
}
