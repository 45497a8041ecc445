package cloud_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"byoc/shared/cloud"
)

type bus struct {
	published []cloud.Event
	err       error
}

func (b *bus) Publish(_ context.Context, e cloud.Event) error {
	if b.err == nil {
		b.published = append(b.published, e)
	}
	return b.err
}

type runs struct {
	started []string
	err     error
}

func (r *runs) Start(_ context.Context, run cloud.Run) error {
	r.started = append(r.started, run.Name())
	return r.err
}

type world struct {
	*cloud.Clouds
	store *store
	bus   *bus
	runs  *runs
}

var admin = cloud.Principal{ID: "u1", Role: cloud.Admin, OrganizationID: "org1"}

func newWorld() world {
	w := world{store: newStore(), bus: &bus{}, runs: &runs{}}
	w.Clouds = &cloud.Clouds{
		Store: w.store, Runs: w.runs, Events: w.bus, Now: time.Now, Log: slog.New(slog.DiscardHandler),
		Rules: cloud.Rules{VendorAccount: "111111111111", Vendor: "Vendor"},
	}
	return w
}

func (w world) draft(t *testing.T) cloud.Cloud {
	t.Helper()
	c, err := w.Create(t.Context(), "org1", valid(), admin)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func role(c cloud.Cloud) string { return "arn:aws:iam::222222222222:role/" + c.RoleName() }

func always(cloud.Cloud) error { return nil }

func (w world) in(t *testing.T, state cloud.State) cloud.Cloud {
	t.Helper()
	c := w.draft(t)
	c.State, c.Attempt, c.RoleARN = state, 1, role(c)
	w.store.clouds[c.ID] = c
	return c
}

func TestProvisionStartsOneRunPerAttempt(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	after, err := w.Provision(t.Context(), "org1", c.ID, role(c), admin, always)
	if err != nil {
		t.Fatal(err)
	}
	if after.State != cloud.Validating || after.Attempt != 1 {
		t.Errorf("%s at attempt %d", after.State, after.Attempt)
	}
	again, err := w.Provision(t.Context(), "org1", c.ID, "", admin, always)
	if err != nil || again.Attempt != 1 {
		t.Errorf("provisioning again: attempt %d, %v", again.Attempt, err)
	}
	if len(w.runs.started) != 2 || w.runs.started[0] != w.runs.started[1] {
		t.Errorf("started %v, want the same run twice", w.runs.started)
	}
}

func TestALostStartIsNoFailureOfTheWrite(t *testing.T) {
	w := newWorld()
	w.runs.err = errors.New("throttled")
	c := w.draft(t)
	if after, err := w.Provision(t.Context(), "org1", c.ID, role(c), admin, always); err != nil || after.State != cloud.Validating {
		t.Errorf("%s, %v", after.State, err)
	}
}

func TestAnUnpublishedEventIsNoFailureOfTheWrite(t *testing.T) {
	w := newWorld()
	w.bus.err = errors.New("throttled")
	w.draft(t)
	if len(w.store.events) != 1 || len(w.bus.published) != 0 {
		t.Errorf("stored %d, published %d", len(w.store.events), len(w.bus.published))
	}
}

func TestProvisionRefusesARoleThatTheTemplateDidNotMake(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	for _, arn := range []string{
		"", "nonsense",
		"arn:aws:iam::222222222222:role/other",
		"arn:aws:iam::222222222222:user/" + c.RoleName(),
		"arn:aws-cn:iam::222222222222:role/" + c.RoleName(),
		"arn:aws:iam::111111111111:role/" + c.RoleName(),
	} {
		if _, err := w.Provision(t.Context(), "org1", c.ID, arn, admin, always); cloud.CodeOf(err) != cloud.Invalid {
			t.Errorf("%q: %v", arn, err)
		}
	}
}

func TestAnActiveCloudIsNotProvisionedAgain(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	if _, err := w.Provision(t.Context(), "org1", c.ID, c.RoleARN, admin, always); cloud.CodeOf(err) != cloud.AlreadyExists {
		t.Errorf("%v", err)
	}
}

func TestDeleteWhileCreatingMovesTheFence(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Creating)
	after, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always)
	if err != nil || after.State != cloud.Deleting || after.Attempt != 2 {
		t.Fatalf("%s at attempt %d, %v", after.State, after.Attempt, err)
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); cloud.CodeOf(err) != cloud.Moved {
		t.Errorf("the old run concluded: %v", err)
	}
}

func TestAnotherWriteInBetweenIsNotLost(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Creating)
	w.store.interfere = func(s *store) {
		other := s.clouds[c.ID]
		other.DisplayName = "Renamed"
		other.Version++
		s.clouds[c.ID] = other
	}
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	if got := w.store.clouds[c.ID]; got.State != cloud.Active || got.DisplayName != "Renamed" {
		t.Errorf("%s %q", got.State, got.DisplayName)
	}
}

func TestAFailedRunTellsWhyAndWhatIsLeft(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Creating)
	c.Network.Failure = "The role may not create NAT gateways."
	c.Network.Leftovers = []cloud.Leftover{{Kind: "vpc", ID: "vpc-1"}}
	w.store.clouds[c.ID] = c
	if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeFailed, "something vaguer", "run"); err != nil {
		t.Fatal(err)
	}
	got := w.store.clouds[c.ID]
	if got.State != cloud.CreationFailed || len(got.Errors) != 2 || got.Errors[0] != c.Network.Failure {
		t.Errorf("%s %q", got.State, got.Errors)
	}
}

func TestEachTransitionIsOneEvent(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	if _, err := w.Provision(t.Context(), "org1", c.ID, role(c), admin, always); err != nil {
		t.Fatal(err)
	}
	ref := cloud.Ref{OrganizationID: "org1", CloudID: c.ID, Attempt: 1}
	for range 2 { // the second time changes nothing
		if err := w.PassChecks(t.Context(), ref, "run"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Conclude(t.Context(), ref, cloud.OutcomeReady, "", "run"); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var states []cloud.State
	for _, e := range w.bus.published {
		if seen[e.ID] {
			t.Errorf("event %s twice", e.ID)
		}
		seen[e.ID] = true
		states = append(states, e.To)
	}
	if len(states) != 4 || states[3] != cloud.Active {
		t.Errorf("events to %v", states)
	}
}

func TestWhatIsFixedAfterTheDraftIsRefused(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	for name, changes := range map[string]cloud.Changes{
		"region": {Region: cloud.Some("eu-west-2")},
		"cidr":   {CIDR: cloud.Some("10.1.0.0/16")},
		"nat":    {NATGateways: cloud.Some(cloud.NATSingle)},
	} {
		if _, err := w.Update(t.Context(), "org1", c.ID, changes, admin, always); cloud.CodeOf(err) != cloud.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.Update(t.Context(), "org1", c.ID, cloud.Changes{Region: cloud.Some(c.Region)}, admin, always); err != nil {
		t.Errorf("setting what it is already: %v", err)
	}
}

// What was seen of one role says nothing of another.
func TestOfAnotherRoleNoTemplateIsKnown(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.CreationFailed)
	c.Template.Version = 1
	w.store.clouds[c.ID] = c
	again, err := w.Provision(t.Context(), "org1", c.ID, c.RoleARN, admin, always)
	if err != nil || again.Template.Version != 1 {
		t.Errorf("with the same role: template %d, %v", again.Template.Version, err)
	}
	w.store.clouds[c.ID] = c
	other := "arn:aws:iam::333333333333:role/" + c.RoleName()
	for name, change := range map[string]func() (cloud.Cloud, error){
		"saved": func() (cloud.Cloud, error) {
			return w.Update(t.Context(), "org1", c.ID, cloud.Changes{RoleARN: cloud.Some(other)}, admin, always)
		},
		"provisioned": func() (cloud.Cloud, error) { return w.Provision(t.Context(), "org1", c.ID, other, admin, always) },
	} {
		w.store.clouds[c.ID] = c
		if after, err := change(); err != nil || after.RoleARN != other || after.Template.Version != 0 {
			t.Errorf("%s: template %d of %s, %v", name, after.Template.Version, after.RoleARN, err)
		}
	}
}

func TestDeletingADraftRemovesIt(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	if _, err := w.Delete(t.Context(), "org1", c.ID, false, admin, always); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Find(t.Context(), "org1", c.ID); cloud.CodeOf(err) != cloud.NotFound {
		t.Errorf("still there: %v", err)
	}
}

func TestProvisionWithoutARoleARNTakesTheOneThatIsStoredThen(t *testing.T) {
	w := newWorld()
	c := w.draft(t)
	c.RoleARN = "arn:aws:iam::333333333333:role/" + c.RoleName()
	w.store.clouds[c.ID] = c
	w.store.interfere = func(s *store) {
		other := s.clouds[c.ID]
		other.RoleARN = role(c)
		other.Version++
		s.clouds[c.ID] = other
	}
	after, err := w.Provision(t.Context(), "org1", c.ID, "", admin, always)
	if err != nil || after.RoleARN != role(c) {
		t.Errorf("provisioned with %s, %v", after.RoleARN, err)
	}
}
