package dynamo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

// One write may change the state and tell of drift: both events are kept, found
// in the history, and published each for itself.
func TestTwoEventsOfOneWriteAreKeptAndPublishedEach(t *testing.T) {
	w := newWorld(t)
	before := w.to(w.creating("one"), cloud.Active)
	after := before
	after.State, after.UpdatedAt, after.Version = cloud.Disconnected, before.UpdatedAt.Add(time.Second), before.Version+1
	after.Network.DisconnectedSince, after.Network.DriftTold = after.UpdatedAt, true
	changed := event(after, cloud.Active)
	changed.Quiet = true
	drift := changed
	drift.Type, drift.ID, drift.Quiet = cloud.DriftFound, changed.ID+"-drift", false
	drift.Defects = []cloud.Defect{{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "Gone.", Since: now}}
	_, err := w.Save(ctx(t), before, after, []cloud.Event{changed, drift})
	w.ok(err)
	if diff := cmp.Diff(after, w.find(after.ID)); diff != "" {
		t.Error("stored:", diff)
	}
	history, _, err := w.History(ctx(t), org, after.ID, 2, "")
	w.ok(err)
	if diff := cmp.Diff([]cloud.Entry{{Event: &drift}, {Event: &changed}}, history); diff != "" {
		t.Error("history:", diff)
	}
	w.ok(w.MarkPublished(ctx(t), drift))
	unpublished := map[string]bool{}
	for shard := range dynamo.Shards {
		due, err := w.Due(ctx(t), shard, after.UpdatedAt.Add(time.Hour), 100)
		w.ok(err)
		for _, d := range due {
			if d.Event != nil {
				unpublished[d.Event.ID] = true
			}
		}
	}
	if !unpublished[changed.ID] || unpublished[drift.ID] {
		t.Errorf("unpublished: %v", unpublished)
	}

	// Connected again, nothing of it is on record.
	connected := after
	connected.State, connected.UpdatedAt = cloud.Deleting, after.UpdatedAt.Add(time.Second)
	connected.Network.DisconnectedSince, connected.Network.DriftTold = time.Time{}, false
	_, err = w.Save(ctx(t), after, connected, nil)
	w.ok(err)
	if n := w.find(after.ID).Network; n.DriftTold || !n.DisconnectedSince.IsZero() {
		t.Errorf("still %+v", n)
	}
}
