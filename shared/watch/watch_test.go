package watch

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/measure"
)

// fake is a table with one cloud and one event due, and executions.
type fake struct {
	cloud     cloud.Cloud
	status    map[cloud.Operation]RunStatus
	published []string
	marked    []string
	started   []cloud.Operation
	postponed time.Time
	fail      error
}

func (f *fake) Due(_ context.Context, shard int, _ time.Time, _ int) ([]Due, error) {
	if shard > 0 {
		return nil, nil
	}
	ref := f.cloud.Ref()
	return []Due{{Event: &cloud.Event{ID: "e1"}, Since: now}, {Cloud: &ref, Since: now}}, nil
}

func (f *fake) Find(context.Context, string, string) (cloud.Cloud, error) { return f.cloud, nil }

func (f *fake) MarkPublished(_ context.Context, e cloud.Event) error {
	f.marked = append(f.marked, e.ID)
	return nil
}

func (f *fake) RecordTemplate(context.Context, cloud.Ref, cloud.Fence, cloud.SeenTemplate) error {
	return nil
}

func (f *fake) Postpone(_ context.Context, _ cloud.Ref, _ cloud.Fence, until time.Time) error {
	f.postponed = until
	return nil
}

func (f *fake) PutOff(context.Context, cloud.Ref, time.Time, time.Time) error {
	return errors.New("every cloud can be read")
}

func (f *fake) RecordLeftovers(_ context.Context, _ cloud.Ref, _ cloud.Fence, list []cloud.Leftover) error {
	f.cloud.Network.Leftovers = list
	return nil
}

func (f *fake) RecordDefects(context.Context, cloud.Ref, cloud.Fence, []cloud.Defect, time.Time) error {
	return errors.New("no account is looked at")
}

func (f *fake) Publish(_ context.Context, e cloud.Event) error {
	if f.fail != nil {
		return f.fail
	}
	f.published = append(f.published, e.ID)
	return nil
}

func (f *fake) Start(_ context.Context, r cloud.Run) error {
	f.started = append(f.started, r.Operation)
	return nil
}

func (f *fake) Status(_ context.Context, r cloud.Run) (RunStatus, error) {
	if s, ok := f.status[r.Operation]; ok {
		return s, nil
	}
	return RunAbsent, nil
}

var now = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func metrics(clock func() time.Time) measure.Metrics {
	return measure.Metrics{Namespace: "test", Function: "watch", Now: clock}
}

func (f *fake) watcher() *Watcher {
	return &Watcher{Store: f, Runs: f, Events: f, Shards: 2, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler), Metrics: metrics(func() time.Time { return now })}
}

func TestWhatBecomesOfARun(t *testing.T) {
	const provision, remove, repair, rollback = cloud.OperationProvision, cloud.OperationDelete, cloud.OperationRepair, cloud.OperationRollback
	for name, c := range map[string]struct {
		state   cloud.State
		status  map[cloud.Operation]RunStatus
		started []cloud.Operation
	}{
		"a provision that never started":   {cloud.Validating, nil, []cloud.Operation{provision}},
		"a deletion that never started":    {cloud.Deleting, nil, []cloud.Operation{remove}},
		"a repair that never started":      {cloud.Reconnecting, nil, []cloud.Operation{repair}},
		"a provision under way":            {cloud.Creating, map[cloud.Operation]RunStatus{provision: RunRunning}, nil},
		"a provision that died":            {cloud.Creating, map[cloud.Operation]RunStatus{provision: RunEnded}, []cloud.Operation{rollback}},
		"a validation that died":           {cloud.Validating, map[cloud.Operation]RunStatus{provision: RunEnded}, []cloud.Operation{rollback}},
		"its rollback under way":           {cloud.Creating, map[cloud.Operation]RunStatus{provision: RunEnded, rollback: RunRunning}, nil},
		"a deletion that died":             {cloud.Deleting, map[cloud.Operation]RunStatus{remove: RunEnded}, []cloud.Operation{rollback}},
		"the rest of a deletion under way": {cloud.Deleting, map[cloud.Operation]RunStatus{remove: RunEnded, rollback: RunRunning}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fake{cloud: cloud.Cloud{ID: "c1", OrganizationID: "org1", State: c.state, Attempt: 2}, status: c.status}
			if err := f.watcher().Handle(t.Context(), Part{}); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(f.started, c.started) {
				t.Errorf("started %v, want %v", f.started, c.started)
			}
			if !f.postponed.Equal(now.Add(lookAgain)) {
				t.Errorf("looks again at %s, want %s", f.postponed, now.Add(lookAgain))
			}
			if !slices.Equal(f.published, []string{"e1"}) || !slices.Equal(f.marked, f.published) {
				t.Errorf("published %v and marked %v, want e1", f.published, f.marked)
			}
		})
	}
}

// A repair removes nothing: one that died is concluded as it stands, at once, and
// nothing is said to be left.
func TestARepairThatDiedIsConcludedAtOnce(t *testing.T) {
	s := newStanding(1)
	c := s.clouds["c000"]
	c.State, c.Network.CreateCalled = cloud.Reconnecting, true
	s.clouds["c000"] = c
	ended := &ended{standing: s}
	clock := func() time.Time { return s.now }
	log := slog.New(slog.DiscardHandler)
	w := &Watcher{
		Metrics: metrics(clock), Store: ended, Runs: repairEnded{s}, Events: s, Shards: 1, Now: clock, Log: log,
		Clouds:   &cloud.Clouds{Store: ended, Runs: s, Events: s, Now: clock, Log: log},
		OnRecord: func(string, cloud.Network) []cloud.Leftover { return []cloud.Leftover{{Kind: "vpc", ID: "vpc-1"}} },
	}
	if err := w.Handle(t.Context(), Part{}); err != nil {
		t.Fatal(err)
	}
	if c = s.clouds["c000"]; c.State != cloud.Disconnected || len(c.Network.Leftovers) != 0 || len(s.started) != 0 {
		t.Errorf("%s with %v, started %v", c.State, c.Network.Leftovers, s.started)
	}
}

// repairEnded knows of no other run.
type repairEnded struct{ *standing }

func (repairEnded) Status(_ context.Context, run cloud.Run) (RunStatus, error) {
	if run.Operation == cloud.OperationRepair {
		return RunEnded, nil
	}
	return RunAbsent, nil
}

func TestAStateWithoutARunIsLeftAlone(t *testing.T) {
	f := &fake{cloud: cloud.Cloud{ID: "c1", State: cloud.CreationFailed}}
	if err := f.watcher().Handle(t.Context(), Part{}); err != nil || f.started != nil || !f.postponed.IsZero() {
		t.Errorf("started %v, looks again at %s, %v", f.started, f.postponed, err)
	}
}

func TestOneFailureDoesNotStopTheRest(t *testing.T) {
	f := &fake{cloud: cloud.Cloud{ID: "c1", State: cloud.Validating}, fail: errors.New("no bus")}
	if err := f.watcher().Handle(t.Context(), Part{}); err == nil {
		t.Error("an event that could not be published is no error")
	}
	if f.marked != nil || len(f.started) != 1 {
		t.Errorf("marked %v, started %v; want the run started and the event still due", f.marked, f.started)
	}
}
