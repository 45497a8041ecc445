package stepfunctions

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"byoc/shared/cloud"
	"byoc/shared/watch"
)

// fake answers as it is told and keeps what it was asked.
type fake struct {
	status types.ExecutionStatus
	err    error
	start  *sfn.StartExecutionInput
	asked  string
}

func (f *fake) StartExecution(_ context.Context, in *sfn.StartExecutionInput, _ ...func(*sfn.Options)) (*sfn.StartExecutionOutput, error) {
	f.start = in
	return &sfn.StartExecutionOutput{}, f.err
}

func (f *fake) DescribeExecution(_ context.Context, in *sfn.DescribeExecutionInput, _ ...func(*sfn.Options)) (*sfn.DescribeExecutionOutput, error) {
	f.asked = aws.ToString(in.ExecutionArn)
	return &sfn.DescribeExecutionOutput{Status: f.status}, f.err
}

const (
	provision   = "arn:aws:states:eu-west-1:123456789012:stateMachine:provision"
	deprovision = "arn:aws:states:eu-west-1:123456789012:stateMachine:deprovision"
)

var ref = cloud.Ref{OrganizationID: "org1", CloudID: "c1", Attempt: 3}

func TestStatus(t *testing.T) {
	for status, want := range map[types.ExecutionStatus]watch.RunStatus{
		types.ExecutionStatusRunning:        watch.RunRunning,
		types.ExecutionStatusPendingRedrive: watch.RunRunning,
		types.ExecutionStatusSucceeded:      watch.RunEnded,
		types.ExecutionStatusFailed:         watch.RunEnded,
		types.ExecutionStatusTimedOut:       watch.RunEnded,
		types.ExecutionStatusAborted:        watch.RunEnded,
	} {
		f := &fake{status: status}
		got, err := New(f, provision, deprovision).Status(t.Context(), cloud.Run{Ref: ref, Operation: cloud.OperationProvision})
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v; want %s", status, got, err, want)
		}
		if want := "arn:aws:states:eu-west-1:123456789012:execution:provision:c1-provision-3"; f.asked != want {
			t.Errorf("asked for %s, want %s", f.asked, want)
		}
	}
	m := New(&fake{err: &types.ExecutionDoesNotExist{}}, provision, deprovision)
	if got, err := m.Status(t.Context(), cloud.Run{Ref: ref}); err != nil || got != watch.RunAbsent {
		t.Errorf("no such execution: got %s, %v", got, err)
	}
	m = New(&fake{err: errors.New("lost")}, provision, deprovision)
	if got, err := m.Status(t.Context(), cloud.Run{Ref: ref}); cloud.CodeOf(err) != cloud.Unavailable {
		t.Errorf("no answer: got %s, %v; it says nothing of the run", got, err)
	}
}

func TestStartIsRepeatable(t *testing.T) {
	for op, machine := range map[cloud.Operation]string{
		cloud.OperationProvision: provision, cloud.OperationRepair: provision,
		cloud.OperationDelete: deprovision, cloud.OperationRollback: deprovision,
	} {
		f := &fake{}
		if err := New(f, provision, deprovision).Start(t.Context(), cloud.Run{Ref: ref, Operation: op}); err != nil {
			t.Fatal(err)
		}
		input := `{"organization_id":"org1","cloud_id":"c1","attempt":3}`
		if aws.ToString(f.start.StateMachineArn) != machine || aws.ToString(f.start.Input) != input || aws.ToString(f.start.Name) != "c1-"+string(op)+"-3" {
			t.Errorf("%s: started %s of %s with %s", op, *f.start.Name, *f.start.StateMachineArn, *f.start.Input)
		}
	}
	for _, c := range []struct {
		answer error
		want   cloud.Code
	}{{&types.ExecutionAlreadyExists{}, ""}, {errors.New("lost"), cloud.Unavailable}} {
		err := New(&fake{err: c.answer}, provision, deprovision).Start(t.Context(), cloud.Run{Ref: ref})
		if (err != nil) != (c.want != "") || err != nil && cloud.CodeOf(err) != c.want {
			t.Errorf("answered %v: got %v, want %q", c.answer, err, c.want)
		}
	}
}
