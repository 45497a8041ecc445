package cloud_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

var gone = []cloud.Defect{{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "The NAT gateway nat-1 is missing.", Since: time.Unix(1, 0).UTC()}}

func TestTroubleDisconnectsAndItsEndReconnects(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	attempt := c.Attempt
	if err := w.Disconnect(t.Context(), c.Ref(), gone, "watch"); err != nil {
		t.Fatal(err)
	}
	c = w.store.clouds[c.ID]
	e := w.store.events[len(w.store.events)-2]
	if c.State != cloud.Disconnected || c.Attempt != attempt || len(c.Errors) != 1 || c.Errors[0] != gone[0].Message {
		t.Errorf("%s at attempt %d: %q", c.State, c.Attempt, c.Errors)
	}
	if e.To != cloud.Disconnected || len(e.Defects) != 1 || e.Defects[0] != gone[0] || e.Type != cloud.StateChanged || e.Actor != "watch" || e.Message != gone[0].Message {
		t.Errorf("event %+v", e)
	}
	if err := w.Disconnect(t.Context(), c.Ref(), gone, "watch"); cloud.CodeOf(err) != cloud.Moved {
		t.Errorf("disconnecting again: %v", err)
	}

	if err := w.Reconnect(t.Context(), c.Ref(), "watch"); err != nil {
		t.Fatal(err)
	}
	c = w.store.clouds[c.ID]
	if c.State != cloud.Reconnecting || c.Attempt != attempt+1 || len(w.runs.started) == 0 {
		t.Fatalf("%s at attempt %d, started %v", c.State, c.Attempt, w.runs.started)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	if c = w.store.clouds[c.ID]; c.State != cloud.Active || len(c.Network.Defects) != 0 || len(c.Errors) != 0 {
		t.Errorf("%s with %v, %v", c.State, c.Network.Defects, c.Errors)
	}
}

func TestRepairStartsARunOfWhatStands(t *testing.T) {
	for _, s := range cloud.States() {
		w := newWorld()
		c := w.in(t, s)
		after, err := w.Repair(t.Context(), "org1", c.ID, admin, always)
		switch s {
		case cloud.Active, cloud.Disconnected:
			if err != nil || after.State != cloud.Reconnecting || after.Attempt != c.Attempt+1 {
				t.Errorf("%s: %s at attempt %d, %v", s, after.State, after.Attempt, err)
			}
			if run := w.runs.started[len(w.runs.started)-1]; run != (cloud.Run{Ref: after.Ref(), Operation: cloud.OperationRepair}).Name() {
				t.Errorf("%s: started %s", s, run)
			}
		case cloud.Reconnecting:
			if err != nil || after.Attempt != c.Attempt || len(w.runs.started) == 0 {
				t.Errorf("%s: attempt %d, started %v, %v", s, after.Attempt, w.runs.started, err)
			}
		default:
			if cloud.CodeOf(err) != cloud.Conflict {
				t.Errorf("%s: %v", s, err)
			}
		}
	}
}

var (
	noNAT  = cloud.Defect{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "No NAT gateway."}
	noRole = cloud.Defect{Reason: cloud.ReasonRoleNotAssumable, Message: "No role."}
)

// told are the types of the events since n were, with q for those that tell
// contacts nothing new.
func (w world) told(n int) (list []string) {
	for _, e := range w.bus.published[n:] {
		s := strings.TrimPrefix(string(e.Type), "CustomCloud") + " " + string(e.To)
		if e.Quiet {
			s += " quiet"
		}
		list = append(list, s)
	}
	return list
}

func (w world) wantTold(t *testing.T, n int, want ...string) {
	t.Helper()
	if got := w.told(n); !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

func TestDriftIsToldOnceAndItsEndOnce(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	n := len(w.bus.published)
	if err := w.Disconnect(t.Context(), c.Ref(), []cloud.Defect{noNAT}, "watch"); err != nil {
		t.Fatal(err)
	}
	// It goes on, and a repair of it fails.
	if err := w.FindDrift(t.Context(), c.Ref(), []cloud.Defect{noNAT}, "watch"); err != nil {
		t.Fatal(err)
	}
	c, err := w.Repair(t.Context(), "org1", c.ID, admin, always)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "Denied.", "run"); err != nil {
		t.Fatal(err)
	}
	if c, err = w.Repair(t.Context(), "org1", c.ID, admin, always); err != nil {
		t.Fatal(err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, n, "StateChanged disconnected", "DriftFound disconnected", "StateChanged reconnecting", "StateChanged disconnected",
		"StateChanged reconnecting", "StateChanged active", "DriftHealed active")
	found, healed := w.bus.published[n+1], w.bus.published[len(w.bus.published)-1]
	if len(found.Defects) != 1 || found.Defects[0] != noNAT || len(healed.Defects) != 0 {
		t.Errorf("found %v, healed with %v", found.Defects, healed.Defects)
	}
	ids := map[string]bool{}
	for _, e := range w.bus.published {
		ids[e.ID] = true
	}
	if len(ids) != len(w.bus.published) || len(w.store.events) != len(w.bus.published) {
		t.Errorf("%d ids of %d events, %d stored", len(ids), len(w.bus.published), len(w.store.events))
	}
}

// What is over is over: drift that comes again is told again.
func TestDriftThatComesAgainIsToldAgain(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	for round := range 2 {
		n := len(w.bus.published)
		if err := w.Disconnect(t.Context(), c.Ref(), []cloud.Defect{noNAT}, "watch"); err != nil {
			t.Fatal(err)
		}
		w.wantTold(t, n, "StateChanged disconnected", "DriftFound disconnected")
		var err error
		if c, err = w.Repair(t.Context(), "org1", c.ID, admin, always); err != nil {
			t.Fatal(err)
		}
		if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
	}
}

// Whoever comes with an attempt that is over changes nothing: a run that was
// thought dead, a look that began before a repair.
func TestAnAttemptThatIsOverChangesNothing(t *testing.T) {
	for name, x := range map[string]struct {
		state cloud.State
		late  func(w world, ref cloud.Ref) error
	}{
		"a run's end":     {cloud.Reconnecting, func(w world, ref cloud.Ref) error { return w.Conclude(t.Context(), ref, cloud.OutcomeReady, "", "run") }},
		"its validation":  {cloud.Validating, func(w world, ref cloud.Ref) error { return w.PassChecks(t.Context(), ref, "run") }},
		"trouble":         {cloud.Active, func(w world, ref cloud.Ref) error { return w.Disconnect(t.Context(), ref, gone, "watch") }},
		"trouble's end":   {cloud.Disconnected, func(w world, ref cloud.Ref) error { return w.Reconnect(t.Context(), ref, "watch") }},
		"drift":           {cloud.Disconnected, func(w world, ref cloud.Ref) error { return w.FindDrift(t.Context(), ref, gone, "watch") }},
		"another's state": {cloud.Deleting, func(w world, ref cloud.Ref) error { ref.Attempt++; return w.FindDrift(t.Context(), ref, gone, "watch") }},
	} {
		w := newWorld()
		c := w.in(t, x.state)
		ref := c.Ref()
		c.Attempt++
		w.store.clouds[c.ID] = c
		n := len(w.bus.published)
		if err := x.late(w, ref); cloud.CodeOf(err) != cloud.Moved {
			t.Errorf("%s: %v", name, err)
		}
		if after := w.store.clouds[c.ID]; after.State != x.state || after.Version != c.Version || len(w.bus.published) != n || len(w.runs.started) != 0 {
			t.Errorf("%s: %s at version %d, told %v, started %v", name, after.State, after.Version, w.told(n), w.runs.started)
		}
	}
}

func TestDriftBehindALostRoleIsToldWhenItShows(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	n := len(w.bus.published)
	if err := w.Disconnect(t.Context(), c.Ref(), []cloud.Defect{noRole}, "watch"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.FindDrift(t.Context(), c.Ref(), []cloud.Defect{noNAT}, "watch"); err != nil {
			t.Fatal(err)
		}
	}
	w.wantTold(t, n, "StateChanged disconnected", "DriftFound disconnected")
	if got := w.store.clouds[c.ID]; len(got.Errors) != 1 || got.Errors[0] != noNAT.Message {
		t.Errorf("errors %v", got.Errors)
	}
}

func TestContactsAreToldOnceOfOneReason(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	if err := w.Disconnect(t.Context(), c.Ref(), []cloud.Defect{noRole}, "watch"); err != nil {
		t.Fatal(err)
	}
	since := w.store.clouds[c.ID].Network.DisconnectedSince
	n := len(w.bus.published)
	fails := func(why string) {
		t.Helper()
		c, err := w.Repair(t.Context(), "org1", c.ID, admin, always)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, why, "run"); err != nil {
			t.Fatal(err)
		}
	}
	fails(noRole.Message)
	fails("Denied.")
	fails("Denied.")
	w.wantTold(t, n, "StateChanged reconnecting", "StateChanged disconnected quiet", "StateChanged reconnecting", "StateChanged disconnected",
		"StateChanged reconnecting", "StateChanged disconnected quiet")
	if got := w.store.clouds[c.ID].Network.DisconnectedSince; since.IsZero() || !got.Equal(since) {
		t.Errorf("disconnected since %s, then %s", since, got)
	}
}

func TestARepairOfWhatWasNeverDisconnectedIsNoNews(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	n := len(w.bus.published)
	c, err := w.Repair(t.Context(), "org1", c.ID, admin, always)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, n, "StateChanged reconnecting", "StateChanged active quiet")
	// One that fails is: it is disconnected now.
	n = len(w.bus.published)
	if c, err = w.Repair(t.Context(), "org1", c.ID, admin, always); err != nil {
		t.Fatal(err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "Denied.", "run"); err != nil {
		t.Fatal(err)
	}
	w.wantTold(t, n, "StateChanged reconnecting", "StateChanged disconnected")
}
