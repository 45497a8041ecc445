package networkproof

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/shared/cloud"
)

// abort stops the run that works on the cloud, as somebody in the console can.
func (b *bench) abort() string {
	b.Helper()
	run, err := b.execution(b.ctx)
	b.must(err)
	b.stop(run)
	return run
}

func (b *bench) stop(run string) {
	b.Helper()
	_, err := b.steps().StopExecution(b.ctx, &sfn.StopExecutionInput{
		ExecutionArn: b.executionARN(run), Cause: aws.String("by hand"),
	})
	b.must(err)
}

// started waits until an execution is there.
func (b *bench) started(run string) {
	b.Helper()
	for {
		_, err := b.steps().DescribeExecution(b.ctx, &sfn.DescribeExecutionInput{ExecutionArn: b.executionARN(run)})
		if err == nil {
			return
		}
		select {
		case <-b.ctx.Done():
			b.Fatalf("execution %s was never started: %v", run, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// watchUntil lets the watch look at the cloud again and again, as its schedule
// does, until the cloud is in the state.
func (b *bench) watchUntil(want cloud.State) {
	b.Helper()
	for {
		c, err := b.record(b.ctx)
		b.must(err)
		if c.State == want {
			return
		}
		if !c.State.Running() {
			b.Fatalf("the cloud is %s, want %s: %v", c.State, want, c.Errors)
		}
		if err := b.watched(b.ctx); err != nil && cloud.CodeOf(err) != cloud.Moved {
			b.Fatal(err)
		}
		select {
		case <-b.ctx.Done():
			b.Fatalf("the watch leaves the cloud %s, want %s", c.State, want)
		case <-time.After(3 * time.Second):
		}
	}
}

func TestAProvisionThatWasAbortedIsRolledBack(t *testing.T) {
	b := newBench(t)
	b.must(b.provision(b.ctx))
	b.until("a network half made", half)
	b.abort()
	b.watchUntil(cloud.CreationFailed)
	c := b.become(cloud.CreationFailed)
	if len(c.Errors) == 0 || c.Attempt != 1 {
		t.Errorf("attempt %d failed with %q; want attempt 1 and a reason", c.Attempt, c.Errors)
	}
	// And what was aborted can be had again.
	b.must(b.provision(b.ctx))
	b.become(cloud.Active)
	b.must(b.gone(b.ctx))
}

func TestAProvisionThatWasAbortedBeforeItMadeAnything(t *testing.T) {
	b := newBench(t)
	b.must(b.provision(b.ctx))
	b.abort()
	b.watchUntil(cloud.CreationFailed)
	b.become(cloud.CreationFailed)
}

func TestADeletionThatWasAborted(t *testing.T) {
	b := newBench(t)
	_, err := b.active(b.ctx)
	b.must(err)
	b.must(b.delete(b.ctx))
	b.until("a network half removed", func(c cloud.Cloud) bool {
		for _, s := range c.Network.Steps {
			if s.State == cloud.StepDeleting || s.State == cloud.StepGone {
				return true
			}
		}
		return false
	})
	b.abort()
	b.watchUntil(cloud.Deleted)
	b.become(cloud.Deleted)
}

// Stopped twice it is over, and the customer may try again.
func TestADeletionThatWasAbortedTwice(t *testing.T) {
	b := newBench(t)
	_, err := b.active(b.ctx)
	b.must(err)
	b.must(b.delete(b.ctx))
	b.abort()
	b.must(b.watched(b.ctx))
	c, err := b.record(b.ctx)
	b.must(err)
	second := cloud.Run{Ref: c.Ref(), Operation: cloud.OperationRollback}.Name()
	b.started(second)
	b.stop(second)
	b.watchUntil(cloud.DeletionFailed)
	b.must(b.gone(b.ctx))
}

// noStarts refuses every start of a run of the cloud until undo.
func (b *bench) noStarts() (undo func()) {
	return b.s.Faults.Inject(faults.Rule{
		Service: "states", Operation: "StartExecution", Times: faults.Forever, Fault: faults.InternalError(),
		Match: func(on *awscall.Call) bool { return strings.Contains(string(on.Body), b.id) },
	})
}

func TestAProvisionWhoseStartWasLost(t *testing.T) {
	b := newBench(t)
	undo := b.noStarts()
	b.must(b.provision(b.ctx))
	undo()
	b.watchUntil(cloud.Active)
	c := b.become(cloud.Active)
	if c.Attempt != 1 {
		t.Errorf("the run was started again as attempt %d, want 1", c.Attempt)
	}
	b.must(b.gone(b.ctx))
}

// The API learns nothing of a run that has begun: what starts it again finds it.
func TestAProvisionWhoseStartWasAnsweredToNobody(t *testing.T) {
	b := newBench(t)
	undo := b.s.Faults.Inject(faults.Rule{
		Service: "states", Operation: "StartExecution", Times: 1, Fault: faults.LostAfter(),
		Match: func(on *awscall.Call) bool { return strings.Contains(string(on.Body), b.id) },
	})
	defer undo()
	b.must(b.provision(b.ctx))
	b.watchUntil(cloud.Active)
	c := b.become(cloud.Active)
	if c.Attempt != 1 {
		t.Errorf("the run was started again as attempt %d, want 1", c.Attempt)
	}
	b.must(b.gone(b.ctx))
}

func TestADeletionWhoseStartWasLost(t *testing.T) {
	b := newBench(t)
	_, err := b.active(b.ctx)
	b.must(err)
	undo := b.noStarts()
	b.must(b.delete(b.ctx))
	undo()
	b.watchUntil(cloud.Deleted)
	b.become(cloud.Deleted)
}

// The watch must not disturb a run that is under way.
func TestARunThatIsUnderWayIsLeftAlone(t *testing.T) {
	b := newBench(t)
	b.must(b.provision(b.ctx))
	b.until("a network half made", half)
	b.watchUntil(cloud.Active)
	if c := b.become(cloud.Active); c.Attempt != 1 {
		t.Errorf("attempt %d, want 1", c.Attempt)
	}
	b.must(b.gone(b.ctx))
}
