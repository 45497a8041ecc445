package local_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
	"github.com/google/uuid"
)

const machineARN = "arn:aws:states:" + region + ":" + vendor + ":stateMachine:machine"

func start(t *testing.T, name, input string) string {
	t.Helper()
	out, err := sfn.NewFromConfig(config(vendor)).StartExecution(context.Background(), &sfn.StartExecutionInput{
		StateMachineArn: aws.String(machineARN), Name: aws.String(name), Input: aws.String(input),
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.ExecutionArn)
}

func result(t *testing.T, executionARN string) *sfn.DescribeExecutionOutput {
	t.Helper()
	var last *sfn.DescribeExecutionOutput
	eventually(t, func() (string, bool) {
		out, err := sfn.NewFromConfig(config(vendor)).DescribeExecution(context.Background(), &sfn.DescribeExecutionInput{ExecutionArn: aws.String(executionARN)})
		if err != nil {
			t.Fatal(err)
		}
		last = out
		return string(out.Status), out.Status != types.ExecutionStatusRunning
	})
	return last
}

func TestDeployedStateMachineRuns(t *testing.T) {
	shared.KillFunctions("worker")
	tests := map[string]struct {
		input  string
		status types.ExecutionStatus
		output string
	}{
		"straight":       {`{"text":"done"}`, types.ExecutionStatusSucceeded, `"text": "done"`},
		"retried":        {`{"do":"flaky","fail":1,"text":"flaky"}`, types.ExecutionStatusSucceeded, `"text": "flaky"`},
		"caught":         {`{"do":"named","text":"Special"}`, types.ExecutionStatusSucceeded, `"how": "caught"`},
		"timed out task": {`{"do":"sleep","millis":3500}`, types.ExecutionStatusSucceeded, `"how": "late"`},
		"uncaught":       {`{"do":"named","text":"Other"}`, types.ExecutionStatusFailed, ""},
		"publishing":     {`{"text":"publish"}`, types.ExecutionStatusSucceeded, "FailedEntryCount"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := result(t, start(t, uuid.NewString(), test.input))
			if out.Status != test.status || !strings.Contains(aws.ToString(out.Output), test.output) {
				t.Errorf("%s %s %s %s", out.Status, aws.ToString(out.Output), aws.ToString(out.Error), aws.ToString(out.Cause))
			}
			if test.status == types.ExecutionStatusFailed && aws.ToString(out.Error) != "Other" {
				t.Errorf("error %q", aws.ToString(out.Error))
			}
		})
	}
}

func TestMachineCallsAsItsRole(t *testing.T) {
	before := len(shared.Calls())
	result(t, start(t, uuid.NewString(), `{"text":"done"}`))
	for _, call := range shared.Calls()[before:] {
		if call.Operation == "Invoke" && call.RoleARN == "arn:aws:iam::"+vendor+":role/machine-role" {
			return
		}
	}
	t.Errorf("no invocation by the machine's role in %+v", shared.Calls()[before:])
}

func TestStartingIsRepeatable(t *testing.T) {
	name := uuid.NewString()
	first := start(t, name, `{"text":"once"}`)
	if second := start(t, name, `{"text":"once"}`); second != first {
		t.Errorf("second start is %s, want %s", second, first)
	}
	client := sfn.NewFromConfig(config(vendor))
	again := func(input string) error {
		_, err := client.StartExecution(context.Background(), &sfn.StartExecutionInput{
			StateMachineArn: aws.String(machineARN), Name: aws.String(name), Input: aws.String(input),
		})
		return err
	}
	var exists *types.ExecutionAlreadyExists
	if err := again(`{"text":"other"}`); !errors.As(err, &exists) {
		t.Errorf("other input while running: %v", err)
	}
	result(t, first)
	if err := again(`{"text":"once"}`); !errors.As(err, &exists) {
		t.Errorf("same input when closed: %v", err)
	}
}

func TestExecutionStops(t *testing.T) {
	arn := start(t, uuid.NewString(), `{"do":"sleep","millis":1500}`)
	client := sfn.NewFromConfig(config(vendor))
	// moto fails an execution that is stopped while it comes to its first task.
	eventually(t, func() (string, bool) {
		out, err := client.GetExecutionHistory(context.Background(), &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
		return "start the task", err == nil && slices.ContainsFunc(out.Events, func(e types.HistoryEvent) bool { return e.Type == types.HistoryEventTypeTaskStarted })
	})
	_, err := client.StopExecution(context.Background(), &sfn.StopExecutionInput{
		ExecutionArn: aws.String(arn), Error: aws.String("Stopped"), Cause: aws.String("by test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if out := result(t, arn); out.Status != types.ExecutionStatusAborted {
		t.Errorf("stopped execution is %s", out.Status)
	}
}
