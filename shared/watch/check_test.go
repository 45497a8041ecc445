package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
)

// standing is a table of clouds that stand, all of one shard, and what their
// accounts show. Of cloud.Store it has what a transition needs.
type standing struct {
	cloud.Store
	mu      sync.Mutex
	now     time.Time
	clouds  map[string]cloud.Cloud
	due     map[string]time.Time
	looks   map[string]Look
	errs    map[string]error
	started []string
	events  []cloud.Event
	// templates that were recorded, in order.
	templates []cloud.SeenTemplate
	// at once in one account and region, and the most there were.
	within, most map[string]int
}

func newStanding(n int) *standing {
	s := &standing{
		now: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), clouds: map[string]cloud.Cloud{}, due: map[string]time.Time{},
		looks: map[string]Look{}, errs: map[string]error{}, within: map[string]int{}, most: map[string]int{},
	}
	for i := range n {
		id := fmt.Sprintf("c%03d", i)
		s.clouds[id] = cloud.Cloud{
			ID: id, OrganizationID: "o", State: cloud.Active, Attempt: 1, Version: 1, Region: "eu-west-1",
			RoleARN: fmt.Sprintf("arn:aws:iam::%012d:role/cce-%s-iam-role", 1000+i/4, id),
		}
		s.due[id] = s.now
	}
	return s
}

func (s *standing) Due(_ context.Context, shard int, now time.Time, _ int) (list []Due, err error) {
	for id, at := range s.due {
		if c := s.clouds[id]; shard == 0 && !at.After(now) && c.State.Watched() {
			ref := c.Ref()
			list = append(list, Due{Cloud: &ref, Since: at})
		}
	}
	return list, nil
}

func (s *standing) Find(_ context.Context, _, id string) (cloud.Cloud, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clouds[id], nil
}

func (s *standing) Save(_ context.Context, before, after cloud.Cloud, events []cloud.Event, _ ...cloud.Kept) (cloud.Cloud, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after.Version = before.Version + 1
	s.clouds[after.ID], s.due[after.ID], s.events = after, s.now, append(s.events, events...)
	return after, nil
}

func (s *standing) Postpone(_ context.Context, ref cloud.Ref, _ cloud.Fence, until time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due[ref.CloudID] = until
	return nil
}

func (s *standing) PutOff(ctx context.Context, ref cloud.Ref, since, until time.Time) error {
	if !s.due[ref.CloudID].Equal(since) {
		return nil
	}
	return s.Postpone(ctx, ref, cloud.Fence{}, until)
}

func (s *standing) RecordTemplate(_ context.Context, ref cloud.Ref, _ cloud.Fence, seen cloud.SeenTemplate) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.clouds[ref.CloudID]
	c.Template = seen
	s.clouds[ref.CloudID], s.templates = c, append(s.templates, seen)
	return nil
}

func (s *standing) RecordDefects(ctx context.Context, ref cloud.Ref, f cloud.Fence, defects []cloud.Defect, until time.Time) error {
	s.mu.Lock()
	c := s.clouds[ref.CloudID]
	c.Network.Defects = defects
	s.clouds[ref.CloudID] = c
	s.mu.Unlock()
	return s.Postpone(ctx, ref, f, until)
}

func (s *standing) RecordLeftovers(context.Context, cloud.Ref, cloud.Fence, []cloud.Leftover) error {
	return errors.New("no run is concluded")
}

func (s *standing) MarkPublished(context.Context, cloud.Event) error { return nil }
func (s *standing) Publish(context.Context, cloud.Event) error       { return nil }
func (s *standing) Start(_ context.Context, r cloud.Run) error {
	s.started = append(s.started, r.Name())
	return nil
}
func (s *standing) Status(context.Context, cloud.Run) (RunStatus, error) { return RunRunning, nil }

func (s *standing) Look(_ context.Context, c cloud.Cloud, _ string) (Look, error) {
	at := c.AccountID() + c.Region
	s.mu.Lock()
	s.within[at]++
	s.most[at] = max(s.most[at], s.within[at])
	s.mu.Unlock()
	time.Sleep(time.Millisecond)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.within[at]--
	return s.looks[c.ID], s.errs[c.ID]
}

// after lets time pass and fires the watch; what it logged is the answer.
func (s *standing) after(t *testing.T, d time.Duration) string {
	t.Helper()
	s.now = s.now.Add(d)
	var log strings.Builder
	if err := s.watcher(idlog.New(&log)).Handle(t.Context(), Part{}); err != nil {
		t.Fatal(err)
	}
	return log.String()
}

func (s *standing) watcher(log *slog.Logger) *Watcher {
	clock := func() time.Time { return s.now }
	return &Watcher{
		Store: s, Runs: s, Events: s, Shards: 2, Now: clock, Log: log, Metrics: metrics(clock),
		Clouds: &cloud.Clouds{Store: s, Runs: s, Events: s, Now: clock, Log: log},
		Checks: Checks{Looker: s, Every: time.Hour, Confirm: time.Minute, Width: 8},
	}
}

func (s *standing) wants(t *testing.T, id string, state cloud.State) {
	t.Helper()
	if got := s.clouds[id].State; got != state {
		t.Errorf("%s is %s, want %s", id, got, state)
	}
}

var (
	noRole = Look{Defects: []cloud.Defect{{Reason: cloud.ReasonRoleNotAssumable, Message: "No role."}}}
	noNAT  = Look{Defects: []cloud.Defect{{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "No NAT gateway."}}}
)

func TestOnlyTroubleThatLastsDisconnects(t *testing.T) {
	s := newStanding(1)
	s.looks["c000"] = noRole
	s.after(t, 0)
	s.wants(t, "c000", cloud.Active)
	first := s.now
	s.after(t, 59*time.Second)
	s.wants(t, "c000", cloud.Active)
	s.after(t, time.Second)
	s.wants(t, "c000", cloud.Disconnected)
	if len(s.events) != 1 || len(s.events[0].Defects) != 1 || !s.events[0].Defects[0].Since.Equal(first) || s.events[0].Message != "No role." {
		t.Errorf("events %+v", s.events)
	}
	// It is told once, however often it is seen.
	s.after(t, 2*time.Hour)
	if s.wants(t, "c000", cloud.Disconnected); len(s.events) != 1 {
		t.Errorf("%d events", len(s.events))
	}
	s.looks["c000"] = Look{Unsettled: true}
	s.after(t, 2*time.Hour)
	s.wants(t, "c000", cloud.Disconnected)
	s.looks["c000"] = Look{}
	s.after(t, 2*time.Hour)
	if s.wants(t, "c000", cloud.Reconnecting); len(s.started) != 1 || s.started[0] != "c000-repair-2" {
		t.Errorf("started %v", s.started)
	}
}

// What the role told of its template is kept when it changes, whatever else was
// seen; a look that was not told anything keeps what is known.
func TestWhatTheRoleTellsOfItsTemplateIsKept(t *testing.T) {
	s := newStanding(1)
	first, edited := cloud.SeenTemplate{Version: 1}, cloud.SeenTemplate{Version: 1, Edits: "It lacks ec2:CreateVpc."}
	broken := noNAT
	broken.Template = &edited
	for _, look := range []Look{{Template: &first}, {Template: &first}, {}, broken, noRole} {
		s.looks["c000"] = look
		s.after(t, 2*time.Hour)
	}
	if !slices.Equal(s.templates, []cloud.SeenTemplate{first, edited}) || s.clouds["c000"].Template != edited {
		t.Errorf("recorded %+v", s.templates)
	}
}

func TestTroubleThatPassesOrChangesDoesNotDisconnect(t *testing.T) {
	s := newStanding(2)
	s.looks["c000"], s.looks["c001"] = noRole, noRole
	s.after(t, 0)
	s.looks["c000"], s.looks["c001"] = Look{}, noNAT
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Active)
	s.wants(t, "c001", cloud.Active)
	if len(s.clouds["c000"].Network.Defects) != 0 {
		t.Error("what passed is still on record")
	}
	s.looks["c000"] = noRole
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Active)
	s.wants(t, "c001", cloud.Disconnected)
}

func TestWhatAWSDidNotAnswerNeverCounts(t *testing.T) {
	s := newStanding(1)
	s.errs["c000"] = cloud.Errorf(cloud.Unavailable, "throttled")
	for range 10 {
		s.after(t, time.Hour)
	}
	s.wants(t, "c000", cloud.Active)
	s.errs["c000"] = errors.New("anything")
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Active)
	// Nor does it heal.
	s.errs["c000"], s.looks["c000"] = nil, noRole
	s.after(t, time.Hour)
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Disconnected)
	s.errs["c000"] = cloud.Errorf(cloud.Unavailable, "throttled")
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Disconnected)
}

func TestASoundCloudIsLookedAtOnceInItsTime(t *testing.T) {
	s := newStanding(40)
	s.after(t, 0)
	spread := map[time.Time]bool{}
	for id, at := range s.due {
		if d := at.Sub(s.now); d < 54*time.Minute || d > time.Hour {
			t.Errorf("%s is looked at again after %s", id, d)
		}
		spread[at] = true
	}
	if len(spread) < 30 {
		t.Errorf("%d times for 40 clouds", len(spread))
	}
	for at, n := range s.most {
		if n != 1 {
			t.Errorf("%d looks at once in %s", n, at)
		}
	}
}
