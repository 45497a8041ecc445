package dynamo_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"byoc/shared/cloud"
)

func TestAStepIsOneConditionalUpdate(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	j := w.Journal(c.Ref(), c.Fence())
	step := cloud.Step{Key: "nat_gateway/euw1-az1", State: cloud.StepPending, ResourceID: "nat-1", Generation: 1, Reason: "pending", StartedAt: now}
	w.db.Calls()
	w.ok(j.Record(ctx(t), step))
	w.calls("UpdateItem")
	step.State, step.Reason, step.EndedAt = cloud.StepReady, "", now.Add(time.Minute)
	w.ok(j.Record(ctx(t), step))
	got := w.find(c.ID)
	if got.Network.Step(step.Key) != step {
		t.Errorf("got %+v", got.Network.Step(step.Key))
	}
	if got.Version != c.Version {
		t.Error("persisting a step is no edit of the cloud, but its version rose")
	}
}

func TestStepsRecordedAtOnceAreAllKept(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	j := w.Journal(c.Ref(), c.Fence())
	var group sync.WaitGroup
	for i := range 10 {
		group.Go(func() {
			if err := j.Record(context.Background(), cloud.Step{Key: fmt.Sprint("subnet/", i), State: cloud.StepReady}); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := len(w.find(c.ID).Network.Steps); n != 10 {
		t.Errorf("%d steps on record, want 10", n)
	}
}

func TestAMovedFenceStopsWhateverARunWrites(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	draft := w.draft("removed")
	w.ok(w.Remove(ctx(t), draft, removal(draft)))
	for name, stale := range map[string]struct {
		ref   cloud.Ref
		fence cloud.Fence
	}{
		"another state":    {c.Ref(), cloud.Fence{State: cloud.Validating, Attempt: c.Attempt}},
		"an older attempt": {c.Ref(), cloud.Fence{State: c.State, Attempt: c.Attempt - 1}},
		"a cloud gone":     {draft.Ref(), draft.Fence()},
	} {
		t.Run(name, func(t *testing.T) {
			j := w.Journal(stale.ref, stale.fence)
			_, lease := w.TakeLease(ctx(t), stale.ref, stale.fence, "run", now.Add(time.Hour))
			for what, err := range map[string]error{
				"Record":          j.Record(ctx(t), cloud.Step{Key: "vpc"}),
				"CreateCalled":    j.CreateCalled(ctx(t)),
				"Swept empty":     j.Swept(ctx(t), true, now),
				"Swept":           j.Swept(ctx(t), false, now),
				"FixZones":        w.FixZones(ctx(t), stale.ref, stale.fence, []cloud.Zone{{ID: "z"}}),
				"RecordFailure":   w.RecordFailure(ctx(t), stale.ref, stale.fence, "x"),
				"RecordLeftovers": w.RecordLeftovers(ctx(t), stale.ref, stale.fence, nil),
				"RecordTemplate":  w.RecordTemplate(ctx(t), stale.ref, stale.fence, cloud.SeenTemplate{Version: 1}),
				"RecordRules":     w.RecordRules(ctx(t), stale.ref, stale.fence, nil),
				"Postpone":        w.Postpone(ctx(t), stale.ref, stale.fence, now),
				"TakeLease":       lease,
			} {
				if cloud.CodeOf(err) != cloud.Moved {
					t.Errorf("%s: got %v, want Moved", what, err)
				}
			}
		})
	}
	if _, err := w.Find(ctx(t), org, draft.ID); cloud.CodeOf(err) != cloud.NotFound {
		t.Error("a late run brought a removed draft back:", err)
	}
}

func TestSweepsCountInARow(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	j := w.Journal(c.Ref(), c.Fence())
	want := func(called bool, sweeps int, last time.Time) {
		t.Helper()
		n := w.find(c.ID).Network
		if n.CreateCalled != called || n.EmptySweeps != sweeps || !n.LastEmptySweep.Equal(last) {
			t.Errorf("got %v, %d, %s", n.CreateCalled, n.EmptySweeps, n.LastEmptySweep)
		}
	}
	w.ok(j.Swept(ctx(t), true, now))
	want(false, 1, now)
	w.ok(j.Swept(ctx(t), true, now.Add(10*time.Second)))
	want(false, 2, now.Add(10*time.Second))
	w.ok(j.Swept(ctx(t), false, now.Add(20*time.Second)))
	want(false, 0, time.Time{})
	w.ok(j.Swept(ctx(t), true, now.Add(30*time.Second)))
	w.ok(j.CreateCalled(ctx(t)))
	want(true, 0, time.Time{})
}

func TestASweepWhoseAnswerIsLostCountsOnce(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	w.db.Calls()
	w.db.LoseAnswers(1)
	w.ok(w.Journal(c.Ref(), c.Fence()).Swept(ctx(t), true, now))
	w.calls("UpdateItem UpdateItem")
	if n := w.find(c.ID).Network.EmptySweeps; n != 1 {
		t.Errorf("one sweep counted %d times", n)
	}
}

func TestZonesAreFixedForGood(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	zones := []cloud.Zone{{ID: "euw1-az1", Name: "eu-west-1a", Bastion: "10.0.0.0/24", Workload: "10.0.1.0/24"}}
	w.ok(w.FixZones(ctx(t), c.Ref(), c.Fence(), zones))
	w.ok(w.FixZones(ctx(t), c.Ref(), c.Fence(), zones))
	w.code(w.FixZones(ctx(t), c.Ref(), c.Fence(), []cloud.Zone{{ID: "euw1-az2"}}), cloud.Stale)
	if got := w.find(c.ID).Network.Zones; len(got) != 1 || got[0] != zones[0] {
		t.Errorf("got %+v", got)
	}
}

func TestTheFirstFailureOfAnAttemptStays(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	w.ok(w.RecordFailure(ctx(t), c.Ref(), c.Fence(), "No room for an address."))
	w.ok(w.RecordFailure(ctx(t), c.Ref(), c.Fence(), "The VPC has dependencies."))
	c = w.find(c.ID)
	if c.Network.Failure != "No room for an address." {
		t.Errorf("got %q", c.Network.Failure)
	}
	c.Network.Failure = ""
	c = w.to(c, cloud.Deleting)
	w.ok(w.RecordFailure(ctx(t), c.Ref(), c.Fence(), "Of the deletion."))
	if got := w.find(c.ID).Network.Failure; got != "Of the deletion." {
		t.Errorf("the next attempt: got %q", got)
	}
}

func TestTheLastListOfLeftoversStays(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	for _, list := range [][]cloud.Leftover{
		{{Kind: "vpc", ID: "vpc-1", Reason: "In use.", Command: "aws"}, {Kind: "subnet", ID: "subnet-1"}},
		{{Kind: "vpc", ID: "vpc-1"}},
		nil,
	} {
		w.ok(w.RecordLeftovers(ctx(t), c.Ref(), c.Fence(), list))
		if got := w.find(c.ID).Network.Leftovers; fmt.Sprint(got) != fmt.Sprint(list) {
			t.Errorf("got %v, want %v", got, list)
		}
	}
}

func TestTheRulesThatAreAppliedAreKept(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	rules := []cloud.IngressRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: "10.9.0.0/24", Description: "web"}}
	for _, want := range [][]cloud.IngressRule{rules, nil, rules} {
		w.ok(w.RecordRules(ctx(t), c.Ref(), c.Fence(), want))
		if got := w.find(c.ID); !slices.Equal(got.Network.IngressRules, want) || got.Version != c.Version || got.RulesPending() != (want != nil) {
			t.Errorf("%v, version %d", got.Network.IngressRules, got.Version)
		}
	}
	w.to(w.find(c.ID), cloud.Active)
	if got := w.find(c.ID).Network.IngressRules; !slices.Equal(got, rules) {
		t.Errorf("after a transition: %v", got)
	}
}

func TestTheTemplateARoleWasSeenWithStaysUntilItIsSeenWithAnother(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	for _, seen := range []cloud.SeenTemplate{{Version: 1}, {Version: 2, Edits: "It lacks ec2:CreateVpc."}, {Edits: "It has no version."}, {}} {
		w.db.Calls()
		w.ok(w.RecordTemplate(ctx(t), c.Ref(), c.Fence(), seen))
		w.calls("UpdateItem")
		if got := w.find(c.ID); got.Template != seen || got.Version != c.Version {
			t.Errorf("template %+v, version %d", got.Template, got.Version)
		}
	}
	first := cloud.SeenTemplate{Version: 1, Edits: "It allows more."}
	w.ok(w.RecordTemplate(ctx(t), c.Ref(), c.Fence(), first))
	renamed := c
	renamed.DisplayName = "renamed by who read it before the look"
	renamed, err := w.Save(ctx(t), c, renamed, nil)
	w.ok(err)
	if got := w.find(c.ID).Template; got != first {
		t.Errorf("after a rename: %+v", got)
	}
	seen := w.find(renamed.ID)
	another := seen
	another.RoleARN, another.Template = "arn:aws:iam::123456789012:role/another", cloud.SeenTemplate{}
	_, err = w.Save(ctx(t), seen, another, nil)
	w.ok(err)
	if got := w.find(c.ID).Template; got != (cloud.SeenTemplate{}) {
		t.Errorf("another role's: %+v", got)
	}
}

func TestALeaseIsForOneOwner(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	until := now.Add(time.Minute)
	take := func(c cloud.Cloud, owner string) time.Time {
		t.Helper()
		held, err := w.TakeLease(ctx(t), c.Ref(), c.Fence(), owner, until)
		w.ok(err)
		return held
	}
	w.db.Calls()
	if held := take(c, "first"); !held.IsZero() {
		t.Fatal("a free lease is held until", held)
	}
	w.calls("UpdateItem")
	if held := take(c, "second"); !held.Equal(until) {
		t.Errorf("held until %s, want %s", held, until)
	}
	if held := take(c, "first"); !held.IsZero() {
		t.Error("its owner cannot take it anew")
	}

	// The next attempt waits until the old run's lease has lapsed.
	c = w.to(c, cloud.Deleting)
	if held := take(c, "second"); !held.Equal(until) {
		t.Errorf("after the fence moved: held until %s, want %s", held, until)
	}
	w.Now = func() time.Time { return until.Add(-time.Nanosecond) }
	if take(c, "second").IsZero() {
		t.Error("taken a nanosecond before it lapses")
	}
	lapsed := until
	w.Now = func() time.Time { return lapsed }
	until = until.Add(time.Minute)
	if !take(c, "second").IsZero() {
		t.Error("a lapsed lease cannot be taken")
	}

	w.ok(w.ReleaseLease(ctx(t), c.Ref(), "first")) // no longer its own
	if take(c, "third").IsZero() {
		t.Error("the first owner released the second's lease")
	}
	w.ok(w.ReleaseLease(ctx(t), c.Ref(), "second"))
	w.ok(w.ReleaseLease(ctx(t), c.Ref(), "second"))
	if !take(c, "third").IsZero() {
		t.Error("a released lease cannot be taken")
	}
}
