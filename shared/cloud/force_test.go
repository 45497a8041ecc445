package cloud_test

import (
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

// left is a deleting cloud of which the last run listed what it could not remove.
func (w world) left(t *testing.T, force bool) cloud.Cloud {
	t.Helper()
	c := w.in(t, cloud.Active)
	c, err := w.Delete(t.Context(), "org1", c.ID, force, admin, always)
	if err != nil || c.State != cloud.Deleting {
		t.Fatalf("%s, %v", c.State, err)
	}
	c.Network.Leftovers = []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws ec2 delete-vpc --vpc-id vpc-1"}}
	w.store.clouds[c.ID] = c
	return c
}

func TestAForcedDeletionEndsDeletedAndListsWhatIsLeft(t *testing.T) {
	w := newWorld()
	c := w.left(t, true)
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "The role cannot be assumed.", "run"); err != nil {
		t.Fatal(err)
	}
	c = w.store.clouds[c.ID]
	last := w.bus.published[len(w.bus.published)-1]
	if c.State != cloud.Deleted || len(c.Network.Leftovers) != 1 || last.To != cloud.Deleted || len(last.Leftovers) != 1 {
		t.Errorf("%s with %v, told with %v", c.State, c.Network.Leftovers, last.Leftovers)
	}
	if len(c.Errors) != 2 || c.Errors[0] != "The role cannot be assumed." || !strings.Contains(last.Message, "1 resource is left") {
		t.Errorf("%v, %q", c.Errors, last.Message)
	}
}

func TestWithoutForceTheSameEndIsDeletionFailedAndCanBeForcedThen(t *testing.T) {
	w := newWorld()
	c := w.left(t, false)
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "The role cannot be assumed.", "run"); err != nil {
		t.Fatal(err)
	}
	if c = w.store.clouds[c.ID]; c.State != cloud.DeletionFailed || c.Forced {
		t.Fatalf("%s, forced %t", c.State, c.Forced)
	}
	c, err := w.Delete(t.Context(), "org1", c.ID, true, admin, always)
	if err != nil || c.State != cloud.Deleting || !c.Forced || c.Attempt != 3 {
		t.Fatalf("%s at attempt %d, forced %t, %v", c.State, c.Attempt, c.Forced, err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "", "run"); err != nil {
		t.Fatal(err)
	}
	if c = w.store.clouds[c.ID]; c.State != cloud.Deleted {
		t.Errorf("%s", c.State)
	}
}

func TestADeletionUnderWayCanBeForcedAndKeepsItsRun(t *testing.T) {
	w := newWorld()
	before := w.left(t, false)
	c, err := w.Delete(t.Context(), "org1", before.ID, true, admin, always)
	if err != nil || !c.Forced || c.Fence() != before.Fence() {
		t.Fatalf("forced %t at %v, %v", c.Forced, c.Fence(), err)
	}
	// Without force it stays forced: it is the same deletion.
	if c, err = w.Delete(t.Context(), "org1", c.ID, false, admin, always); err != nil || !c.Forced {
		t.Fatalf("forced %t, %v", c.Forced, err)
	}
	if err := w.Conclude(t.Context(), before.Ref(), cloud.OutcomeFailed, "", "run"); err != nil {
		t.Fatal(err)
	}
	if c = w.store.clouds[c.ID]; c.State != cloud.Deleted {
		t.Errorf("%s", c.State)
	}
}

func TestForceRemovesAllTheSameWhatCanBeRemoved(t *testing.T) {
	w := newWorld()
	c := w.left(t, true)
	c.Network.Leftovers = nil
	w.store.clouds[c.ID] = c
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeEmpty, "", "run"); err != nil {
		t.Fatal(err)
	}
	c = w.store.clouds[c.ID]
	if last := w.bus.published[len(w.bus.published)-1]; c.State != cloud.Deleted || len(c.Errors) != 0 || last.Message != "Nothing of the custom cloud is left in the account." {
		t.Errorf("%s, %v, %q", c.State, c.Errors, last.Message)
	}
}

func TestWhateverIsLeftIsToldByTheEvent(t *testing.T) {
	left := []cloud.Leftover{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws ec2 delete-vpc --vpc-id vpc-1"}}
	for _, from := range []cloud.State{cloud.Creating, cloud.Deleting} {
		w := newWorld()
		c := w.in(t, from)
		c.Network.Leftovers = left
		w.store.clouds[c.ID] = c
		if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "Denied.", "run"); err != nil {
			t.Fatal(err)
		}
		if e := w.bus.published[len(w.bus.published)-1]; len(e.Leftovers) != 1 || e.Leftovers[0] != left[0] {
			t.Errorf("%s: told with %v", from, e.Leftovers)
		}
	}
}

// The sweep of the run that made the cloud active showed that all is on record.
func TestADeletionOfAnActiveCloudGoesOnFromItsSweep(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	c.Network.EmptySweeps, c.Network.LastEmptySweep = 1, time.Now()
	w.store.clouds[c.ID] = c
	after, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always)
	if err != nil || after.Network.EmptySweeps != 1 {
		t.Errorf("begins with %d sweeps, %v", after.Network.EmptySweeps, err)
	}
}

// What an earlier run proved of the account proves nothing of this deletion, and
// a deletion that was asked for twice starts the run that may have got lost.
func TestADeletionStartsAnewAndItsRunAgain(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.CreationFailed)
	c.Network.EmptySweeps, c.Network.LastEmptySweep, c.Network.Failure = 1, time.Now(), "It failed."
	w.store.clouds[c.ID] = c
	for range 2 {
		if _, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.store.clouds[c.ID].Network; n.EmptySweeps != 0 || n.Failure != "" {
		t.Errorf("begins with %d empty sweeps, failure %q", n.EmptySweeps, n.Failure)
	}
	if len(w.runs.started) != 2 || w.runs.started[0] != w.runs.started[1] {
		t.Errorf("started %v, want the same run twice", w.runs.started)
	}
}
