package dynamo_test

import (
	"fmt"
	"sync"
	"testing"

	"byoc/shared/cloud"
)

// active is a cloud in which services can be.
func (w *world) active(name string) cloud.Cloud {
	w.t.Helper()
	return w.to(w.creating(name), cloud.Active)
}

func TestServicesAreCountedOnTheirCloud(t *testing.T) {
	w := newWorld(t)
	c := w.active("one")
	s := cloud.Service{OrganizationID: org, CloudID: c.ID, Name: "pg", Since: now}
	w.db.Calls()
	w.ok(w.AddService(ctx(t), c, s))
	w.calls("TransactWriteItems")
	got, found, err := w.FindService(ctx(t), org, c.ID, "pg")
	w.ok(err)
	w.calls("GetItem")
	if !found || got != s {
		t.Errorf("%v %+v", found, got)
	}
	with := w.find(c.ID)
	if with.Services != 1 || with.Version != c.Version+1 {
		t.Errorf("%d services at version %d", with.Services, with.Version)
	}
	w.code(w.AddService(ctx(t), with, s), cloud.Stale)
	// What an admin writes leaves the count as it is.
	with.DisplayName = "Renamed"
	with, err = w.Save(ctx(t), with, with, nil)
	w.ok(err)
	w.ok(w.RemoveService(ctx(t), w.find(c.ID), s))
	w.code(w.RemoveService(ctx(t), w.find(c.ID), s), cloud.Stale)
	if got := w.find(c.ID); got.Services != 0 || got.Version != with.Version+1 {
		t.Errorf("%d services at version %d", got.Services, got.Version)
	}
}

func TestARegistrationAndADeletionAtOnce(t *testing.T) {
	w := newWorld(t)
	for i := range 5 {
		c := w.active(fmt.Sprint("race ", i))
		deleting := c
		deleting.State, deleting.Attempt = cloud.Deleting, c.Attempt+1
		e := event(deleting, c.State)
		e.Version, e.ID = c.Version+1, cloud.EventID(c.ID, c.Version+1)
		var added, saved error
		var group sync.WaitGroup
		group.Go(func() {
			added = w.AddService(t.Context(), c, cloud.Service{OrganizationID: org, CloudID: c.ID, Name: "pg", Since: now})
		})
		group.Go(func() { _, saved = w.Save(t.Context(), c, deleting, []cloud.Event{e}) })
		group.Wait()
		got := w.find(c.ID)
		if (added == nil) == (saved == nil) || (got.State == cloud.Deleting) == (got.Services == 1) {
			t.Fatalf("added %v, saved %v: %s with %d services", added, saved, got.State, got.Services)
		}
	}
}
