package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
	"byoc/shared/measure"
)

// shards notes which shards were asked for.
type shards struct {
	*fake
	mu    sync.Mutex
	asked []int
}

func (s *shards) Due(_ context.Context, shard int, _ time.Time, _ int) ([]Due, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, shard)
	return nil, nil
}

func TestThePartsTogetherAreAllShardsOnce(t *testing.T) {
	for _, of := range []int{1, 3, 16} {
		s := &shards{fake: &fake{}}
		for part := range of {
			w := s.watcher()
			w.Store, w.Shards = s, 16
			if err := w.Handle(t.Context(), Part{part, of}); err != nil {
				t.Fatal(err)
			}
		}
		slices.Sort(s.asked)
		for i := range 16 {
			if len(s.asked) != 16 || s.asked[i] != i {
				t.Fatalf("of %d: %v", of, s.asked)
			}
		}
	}
}

// poisoned is a shard of which one item cannot be read, one cloud cannot be
// found, one panics when it is looked at, and of one the result cannot be kept.
type poisoned struct{ *standing }

var errPoison = errors.New("no such attribute")

func (p poisoned) Due(ctx context.Context, shard int, now time.Time, limit int) ([]Due, error) {
	list, _ := p.standing.Due(ctx, shard, now, limit)
	return list, errPoison
}

func (p poisoned) Find(ctx context.Context, org, id string) (cloud.Cloud, error) {
	if id == "c001" {
		return cloud.Cloud{}, errPoison
	}
	return p.standing.Find(ctx, org, id)
}

func (p poisoned) Look(ctx context.Context, c cloud.Cloud, session string) (Look, error) {
	if c.ID == "c002" {
		panic("no zones")
	}
	return p.standing.Look(ctx, c, session)
}

func (p poisoned) Postpone(ctx context.Context, ref cloud.Ref, f cloud.Fence, until time.Time) error {
	if ref.CloudID == "c003" {
		return errPoison
	}
	return p.standing.Postpone(ctx, ref, f, until)
}

func TestOnePoisonedCloudStopsNoOther(t *testing.T) {
	const clouds = 30
	s := newStanding(clouds)
	p := poisoned{s}
	var log strings.Builder
	clock := func() time.Time { return s.now }
	w := &Watcher{
		Metrics: metrics(clock), Store: p, Runs: p, Events: p, Shards: 1, Now: clock, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		Checks: Checks{Looker: p, Every: time.Hour, Confirm: time.Minute, Width: 8},
	}
	err := w.Handle(t.Context(), Part{})
	if n := strings.Count(fmt.Sprint(err), errPoison.Error()); n != 3 {
		t.Errorf("%d failures are told: %v", n, err)
	}
	for id, due := range s.due {
		switch put := due.Sub(s.now); id {
		case "c003":
			if put != 0 {
				t.Errorf("%s is due in %s", id, put)
			}
		case "c001", "c002":
			// Out of the others' way, and tried again soon.
			if put != lookAgain || s.clouds[id].State != cloud.Active {
				t.Errorf("%s is %s and due in %s", id, s.clouds[id].State, put)
			}
		default:
			if put < 54*time.Minute {
				t.Errorf("%s was not looked at: due in %s", id, put)
			}
		}
	}
	if !strings.Contains(log.String(), "no zones") {
		t.Error("the panic is not in the log")
	}
}

// Two runs died without a word: what is left is told from the record.
func TestADeletionThatDiedListsWhatIsOnRecord(t *testing.T) {
	s := newStanding(1)
	c := s.clouds["c000"]
	c.State, c.Network.CreateCalled = cloud.Deleting, true
	s.clouds["c000"] = c
	ended := &ended{standing: s}
	clock := func() time.Time { return s.now }
	log := slog.New(slog.DiscardHandler)
	w := &Watcher{
		Metrics: metrics(clock), Store: ended, Runs: ended, Events: s, Shards: 1, Now: clock, Log: log,
		Clouds:   &cloud.Clouds{Store: ended, Runs: s, Events: s, Now: clock, Log: log},
		OnRecord: func(string, cloud.Network) []cloud.Leftover { return []cloud.Leftover{{Kind: "vpc", ID: "vpc-1"}} },
	}
	if err := w.Handle(t.Context(), Part{}); err != nil {
		t.Fatal(err)
	}
	if c = s.clouds["c000"]; c.State != cloud.DeletionFailed || len(s.events) != 1 || len(s.events[0].Leftovers) != 1 {
		t.Errorf("%s, told %+v", c.State, s.events)
	}
}

type ended struct{ *standing }

func (e *ended) Due(context.Context, int, time.Time, int) ([]Due, error) {
	ref := e.clouds["c000"].Ref()
	return []Due{{Cloud: &ref}}, nil
}

func (e *ended) Status(context.Context, cloud.Run) (RunStatus, error) { return RunEnded, nil }

func (e *ended) RecordLeftovers(_ context.Context, _ cloud.Ref, _ cloud.Fence, list []cloud.Leftover) error {
	c := e.clouds["c000"]
	c.Network.Leftovers = list
	e.clouds["c000"] = c
	return nil
}

func TestWhereTooManyBreakAtOnceItIsUs(t *testing.T) {
	const alarm = "too many custom clouds look broken at once"
	for _, c := range []struct {
		clouds, broken int
		ours           bool
	}{{19, 19, false}, {20, 20, true}, {400, 20, false}, {400, 21, true}, {399, 20, true}} {
		s := newStanding(c.clouds)
		for i := range c.broken {
			s.looks[fmt.Sprintf("c%03d", i)] = noRole
		}
		first := s.after(t, 0)
		if strings.Contains(first, alarm) != c.ours {
			t.Errorf("%d of %d: alarm is %v", c.broken, c.clouds, !c.ours)
		}
		if got := measured(t, first)[measure.MassTrouble]; (got == float64(c.broken)) != c.ours {
			t.Errorf("%d of %d: the metric is %v", c.broken, c.clouds, got)
		}
		// All are due again, as an hour later.
		for id := range s.due {
			s.due[id] = s.now
		}
		s.after(t, 2*time.Minute)
		want := cloud.Disconnected
		if c.ours {
			want = cloud.Active
		}
		for i := range c.broken {
			s.wants(t, fmt.Sprintf("c%03d", i), want)
		}
		if c.ours && len(s.events) != 0 {
			t.Errorf("%d of %d: %d events", c.broken, c.clouds, len(s.events))
		}
	}
}

// Clouds that are disconnected for good look broken at every look. They are
// nothing that broke at once, and keep nobody from being told of the next one.
func TestWhatIsDisconnectedAlreadyIsNoTroubleOfOurs(t *testing.T) {
	const abandoned = 30
	s := newStanding(abandoned + 10)
	for i := range abandoned {
		id := fmt.Sprintf("c%03d", i)
		c := s.clouds[id]
		c.State = cloud.Disconnected
		s.clouds[id], s.looks[id] = c, noRole
	}
	s.looks["c035"] = noRole
	for range 2 {
		if log := s.after(t, 2*time.Hour); strings.Contains(log, "too many custom clouds") {
			t.Error("an alarm over clouds that were told of long ago")
		}
	}
	s.wants(t, "c035", cloud.Disconnected)
	s.wants(t, "c036", cloud.Active)
}

// A look that began late would be cut off with the invocation. What is not
// looked at stays due.
func TestNoLookBeginsThatTheInvocationMayNotSeeTheEndOf(t *testing.T) {
	s := newStanding(5)
	w := s.watcher(idlog.New(io.Discard))
	ctx, cancel := context.WithTimeout(t.Context(), 49*time.Second)
	defer cancel()
	if err := w.Handle(ctx, Part{}); err != nil {
		t.Fatal(err)
	}
	for id, due := range s.due {
		if !due.Equal(s.now) || len(s.most) != 0 {
			t.Errorf("%s was looked at: due at %s", id, due)
		}
	}
}

// Of a cloud that is disconnected for another reason, drift is told once it has
// lasted, and not while it may be trouble of ours.
func TestDriftOfADisconnectedCloudIsToldOnceItLasts(t *testing.T) {
	both := Look{Defects: append(slices.Clone(noRole.Defects), noNAT.Defects...)}
	s := newStanding(1)
	s.looks["c000"] = noRole
	s.after(t, 0)
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Disconnected)
	told := len(s.events)
	s.looks["c000"] = both
	if s.after(t, time.Hour); len(s.events) != told {
		t.Errorf("drift that was seen once is told: %+v", s.events[told:])
	}
	if s.after(t, time.Hour); len(s.events) != told+1 || s.events[told].Type != cloud.DriftFound {
		t.Errorf("after %d events: %+v", told, s.events[told:])
	}
	if s.after(t, time.Hour); len(s.events) != told+1 {
		t.Errorf("told twice: %+v", s.events[told:])
	}
}

func TestDriftIsNotToldWhileItMayBeTroubleOfOurs(t *testing.T) {
	s := newStanding(21)
	for id, c := range s.clouds {
		s.looks[id] = noNAT
		if id == "c020" {
			c.State = cloud.Disconnected
			c.Network.Defects = []cloud.Defect{{Reason: cloud.ReasonMissing, Subject: "nat-1", Message: "No NAT gateway.", Since: s.now.Add(-time.Hour)}}
			s.clouds[id] = c
		}
	}
	if s.after(t, 0); len(s.events) != 0 {
		t.Errorf("told %+v", s.events)
	}
}
