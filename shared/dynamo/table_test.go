package dynamo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/dynamo/dynamotest"
)

const org = "org-a"

// now is when every test happens; nanoseconds have to survive.
var now = time.Date(2026, 3, 4, 5, 6, 7, 80900, time.UTC)

// world is a fresh table with one organization.
type world struct {
	*dynamo.Table
	t  *testing.T
	db *dynamotest.Database
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := dynamotest.New(t)
	w := &world{Table: dynamo.New(db.Client, db.Table), t: t, db: db}
	w.Now = func() time.Time { return now }
	w.organization(org)
	return w
}

func (w *world) organization(id string) {
	w.t.Helper()
	_, err := w.PutOrganization(ctx(w.t), cloud.Organization{ID: id, Name: id, AccountID: "acc-" + id, SupportTier: cloud.Premium, BYOCEnabled: true})
	w.ok(err)
	w.db.Calls()
}

// draft is created and read back.
func (w *world) draft(name string) cloud.Cloud {
	w.t.Helper()
	c := newDraft(name)
	w.ok(w.Create(ctx(w.t), c, event(c, "")))
	return w.find(c.ID)
}

// creating is a cloud whose first run is under way.
func (w *world) creating(name string) cloud.Cloud {
	w.t.Helper()
	return w.to(w.to(w.draft(name), cloud.Validating), cloud.Creating)
}

// to writes the cloud in another state, as the use cases do.
func (w *world) to(before cloud.Cloud, s cloud.State) cloud.Cloud {
	w.t.Helper()
	after := before
	after.State = s
	if s.StartsRun() {
		after.Attempt++
	}
	after.UpdatedAt = before.UpdatedAt.Add(time.Second)
	after.Version++
	e := event(after, before.State)
	after, err := w.Save(ctx(w.t), before, after, []cloud.Event{e})
	w.ok(err)
	return after
}

func (w *world) find(id string) cloud.Cloud {
	w.t.Helper()
	c, err := w.Find(ctx(w.t), org, id)
	w.ok(err)
	w.db.Calls()
	return c
}

func (w *world) clouds() int {
	w.t.Helper()
	o, err := w.FindOrganization(ctx(w.t), org)
	w.ok(err)
	w.db.Calls()
	return o.Clouds
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) code(err error, want cloud.Code) {
	w.t.Helper()
	if got := cloud.CodeOf(err); got != want {
		w.t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

// calls asserts which calls were made since the last look.
func (w *world) calls(want string) {
	w.t.Helper()
	if got := w.db.Calls(); got != want {
		w.t.Errorf("table calls: got %q, want %q", got, want)
	}
}

var ids int

// newDraft has an id of its own and nothing optional.
func newDraft(name string) cloud.Cloud {
	ids++
	return cloud.Cloud{
		ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", ids), OrganizationID: org, DisplayName: name,
		Provider: "aws", Region: "eu-west-1", DeploymentModel: "standard", CIDR: "10.0.0.0/16",
		NATGateways: cloud.NATPerZone, ExternalID: "external", State: cloud.Draft, Version: 1,
		CreatedAt: now, UpdatedAt: now,
	}
}

func event(c cloud.Cloud, from cloud.State) cloud.Event {
	return cloud.Event{
		ID: cloud.EventID(c.ID, c.Version), Type: cloud.StateChanged, OrganizationID: c.OrganizationID,
		CloudID: c.ID, Version: c.Version, Attempt: c.Attempt, From: from, To: c.State,
		Actor: "user-1", Message: "It happened.", At: c.UpdatedAt,
	}
}

func removal(c cloud.Cloud) cloud.Event {
	e := event(c, cloud.Draft)
	e.Version, e.ID, e.To = c.Version+1, cloud.EventID(c.ID, c.Version+1), cloud.Deleted
	return e
}

func ctx(t *testing.T) context.Context { return t.Context() }
