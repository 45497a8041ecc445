package networkproof

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"byoc/infra/sandbox"
	"byoc/shared/cloud"
	"byoc/statemachine"
)

// TestAProvisionThatTimedOutIsRolledBack shortens the whole machine's timeout
// for one run, which nothing in the machine catches. It runs before those in
// parallel, which start the same machine.
func TestAProvisionThatTimedOutIsRolledBack(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the whole system up")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	l, err := newLab(ctx, shared(t), newAccount())
	b := &bench{T: t, lab: l, ctx: ctx}
	b.must(err)

	client := sfn.NewFromConfig(b.s.Emulator().Config(sandbox.Account, sandbox.Region))
	arn := aws.String(b.s.Outputs["ProvisionMachineArn"])
	machine, err := client.DescribeStateMachine(ctx, &sfn.DescribeStateMachineInput{StateMachineArn: arn})
	b.must(err)
	timeout := fmt.Sprintf(`"TimeoutSeconds": %d`, statemachine.DefaultIntervals().RunSeconds)
	short := strings.Replace(*machine.Definition, timeout, `"TimeoutSeconds": 8`, 1)
	if short == *machine.Definition {
		t.Fatalf("the machine has no %s", timeout)
	}
	_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: arn, Definition: &short})
	b.must(err)
	b.must(b.provision(ctx))
	run, err := b.execution(ctx)
	b.must(err)
	b.started(run)
	_, err = client.UpdateStateMachine(ctx, &sfn.UpdateStateMachineInput{StateMachineArn: arn, Definition: machine.Definition})
	b.must(err)

	if s := b.ended(run); s != types.ExecutionStatusTimedOut {
		t.Fatalf("the run ended as %s, want TIMED_OUT", s)
	}
	c, err := b.record(ctx)
	b.must(err)
	if !c.State.Running() {
		t.Fatalf("the cloud is %s before the watch has looked", c.State)
	}
	b.watchUntil(cloud.CreationFailed)
	b.become(cloud.CreationFailed)
}
