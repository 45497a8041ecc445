package cloud_test

import (
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
	e := w.store.events[len(w.store.events)-1]
	if c.State != cloud.Disconnected || c.Attempt != attempt || len(c.Errors) != 1 || c.Errors[0] != gone[0].Message {
		t.Errorf("%s at attempt %d: %q", c.State, c.Attempt, c.Errors)
	}
	if e.To != cloud.Disconnected || len(e.Defects) != 1 || e.Defects[0] != gone[0] || e.Actor != "watch" || e.Message != gone[0].Message {
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
