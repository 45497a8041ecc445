package dynamo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func TestAStepThatEndedIsInTheHistory(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	j := w.Journal(c.Ref(), c.Fence())
	s := cloud.Step{Key: "nat_gateway/euw1-az1", State: cloud.StepPending, ResourceID: "nat-1", StartedAt: now.Add(time.Hour)}
	w.ok(j.Record(ctx(t), s))
	s.State, s.EndedAt = cloud.StepReady, now.Add(2*time.Hour)
	w.ok(j.Record(ctx(t), s))
	w.ok(j.Record(ctx(t), s)) // the same again
	entries, _, err := w.History(ctx(t), org, c.ID, 100, "")
	w.ok(err)
	var steps []cloud.Step
	for _, e := range entries {
		if e.Step != nil {
			steps = append(steps, *e.Step)
			if e.Attempt != c.Attempt {
				t.Errorf("attempt %d", e.Attempt)
			}
		}
	}
	if diff := cmp.Diff([]cloud.Step{s}, steps); diff != "" {
		t.Error(diff)
	}
	other := w.Journal(c.Ref(), cloud.Fence{State: cloud.Deleting, Attempt: c.Attempt})
	s.Key = "vpc"
	w.code(other.Record(ctx(t), s), cloud.Moved)
	if after, _, err := w.History(ctx(t), org, c.ID, 100, ""); err != nil || len(after) != len(entries) {
		t.Errorf("a run that was overtaken wrote history: %d entries, %v", len(after), err)
	}
}
