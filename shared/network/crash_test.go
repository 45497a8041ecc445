package network

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// fault is what happens at the k-th call.
type fault struct {
	name string
	// sent: AWS acts on the call. dies: the process does, right after.
	sent, dies bool
}

var faults = []fault{
	{"killed before the call", false, true},
	{"killed after the call", true, true},
	{"answer lost", true, false},
}

// inject arranges f at the k-th call from now.
func (w *world) inject(k int, f fault) {
	w.account.forget()
	w.fault = func(n int, _ string) (drop, lose bool) {
		if n != k {
			return false, false
		}
		if f.dies {
			w.down.Store(true)
		}
		return !f.sent, f.sent
	}
}

// revive starts the next process, some seconds later.
func (w *world) revive() {
	w.fault = nil
	w.down.Store(false)
	w.clock = w.clock.Add(5 * time.Second)
}

// thorough is the whole sweep, every call with every fault: some minutes.
var thorough = os.Getenv("NETWORK_SWEEP") != ""

// everyFault runs each fault at each call. The usual run takes every twelfth of
// these pairs, starting anywhere, so that over time all have been.
func everyFault(t *testing.T, calls int, run func(k int, f fault)) {
	stride, first := 12, rand.IntN(12)
	if thorough {
		stride, first = 1, 0
	}
	for i := first; i < calls*len(faults); i += stride {
		// Neighbours are different calls: a stride meets all kinds of faults.
		k, f := i%calls+1, faults[i/calls]
		if run(k, f); t.Failed() {
			return
		}
	}
}

func TestCrashAtEveryCallOfAProvision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	w.provision()
	calls := w.counted("")
	t.Logf("%d calls", calls)
	everyFault(t, calls, func(k int, f fault) {
		w := newWorld(t, 2, cloud.NATPerZone)
		before := w.inventory(t)
		w.inject(k, f)
		_, _ = w.untilDown((*Engine).Ensure)
		w.revive()
		w.provision()
		w.holds(before)
		w.remove()
		w.empty(before)
	})
}

func TestCrashAtEveryCallOfADeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	w.provision()
	w.account.forget()
	w.remove()
	calls := w.counted("")
	t.Logf("%d calls", calls)
	everyFault(t, calls, func(k int, f fault) {
		w := newWorld(t, 2, cloud.NATPerZone)
		before := w.inventory(t)
		w.provision()
		w.inject(k, f)
		_, _ = w.untilDown((*Engine).Delete)
		w.revive()
		w.remove()
		w.empty(before)
	})
}

// A run that was interrupted anywhere is rolled back, not resumed.
func TestRollBackAfterEveryCallOfAProvision(t *testing.T) {
	t.Parallel()
	for k := 1; k <= 40; k++ {
		if !thorough && rand.IntN(12) > 0 {
			continue
		}
		t.Logf("killed after call %d", k)
		w := newWorld(t, 2, cloud.NATSingle)
		before := w.inventory(t)
		w.inject(k, faults[1])
		_, _ = w.untilDown((*Engine).Ensure)
		w.revive()
		w.remove()
		w.empty(before)
		// A retry after that starts afresh.
		w.clock = w.clock.Add(time.Second)
		w.provision()
		w.holds(before)
	}
}

// untilDown runs passes until the process dies, something fails, or it is over.
func (w *world) untilDown(pass func(*Engine, context.Context) (Outcome, error)) (out Outcome, err error) {
	for range 20 {
		out, err = pass(w.engine(), context.Background())
		if w.down.Load() || err != nil || out.Done || len(out.Pending) == 0 {
			return out, err
		}
		w.clock = w.clock.Add(out.Wait)
	}
	return out, err
}

func TestARecordThatIsNotPersistedFailsTheStepAndLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	w.provision()
	writes := w.journal.writes
	for n := 1; n <= writes; n++ {
		if !thorough && n > 1 && rand.IntN(12) > 0 {
			continue
		}
		t.Logf("write %d is refused", n)
		w := newWorld(t, 2, cloud.NATPerZone)
		before := w.inventory(t)
		moved := cloud.Errorf(cloud.Moved, "The run does not own the cloud any more.")
		w.journal.fail = func(i int) error {
			if i >= n {
				return moved
			}
			return nil
		}
		_, err := w.until((*Engine).Ensure)
		if !errors.Is(err, moved) || cloud.CodeOf(err) != cloud.Moved {
			t.Fatalf("write %d refused: got %v", n, err)
		}
		w.journal.fail = nil
		w.clock = w.clock.Add(5 * time.Second)
		if n == 1 {
			if m := w.mutating(); len(m) > 0 {
				t.Fatalf("something was created before that was on record: %v", m)
			}
		}
		w.provision()
		w.holds(before)
	}
}

// outOfTime is AWS creating a VPC in the last moment of a pass.
type outOfTime struct {
	EC2
	cancel context.CancelFunc
}

func (o outOfTime) CreateVpc(ctx context.Context, in *ec2.CreateVpcInput, options ...func(*ec2.Options)) (*ec2.CreateVpcOutput, error) {
	defer o.cancel()
	return o.EC2.CreateVpc(ctx, in, options...)
}

func TestWhatIsCreatedInTheLastMomentGoesOnRecord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	ctx, cancel := context.WithCancel(t.Context())
	w.client = outOfTime{w.client, cancel}
	_, _ = w.engine().Ensure(ctx)
	if ctx.Err() == nil || w.engine().id(stepVPC) == "" {
		t.Errorf("the VPC that was just created is not on record: %+v", w.journal.network.Steps)
	}
}

func TestThrottlingIsPendingNotAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	before := w.inventory(t)
	w.fault = func(n int, action string) (bool, bool) {
		return n < 60 && strings.HasPrefix(action, "Describe"), false
	}
	w.provision()
	w.holds(before)
}
