package dynamo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func TestAnOrganizationIsWrittenOnTheVersionThatWasRead(t *testing.T) {
	w := newWorld(t)
	w.draft("one")
	o, err := w.FindOrganization(ctx(t), org)
	w.ok(err)
	if want := (cloud.Organization{ID: org, Name: org, AccountID: "acc-" + org, SupportTier: cloud.Premium, BYOCEnabled: true, Clouds: 1, Version: 1, CreatedAt: now, UpdatedAt: now}); o != want {
		t.Errorf("got %+v, want %+v", o, want)
	}
	changed := o
	changed.Name, changed.BYOCEnabled, changed.Clouds = "New", false, 99
	got, err := w.PutOrganization(ctx(t), changed)
	w.ok(err)
	if got.Version != 2 || got.Clouds != 1 || got.Name != "New" || got.BYOCEnabled {
		t.Errorf("answered %+v", got)
	}
	found, err := w.FindOrganization(ctx(t), org)
	w.ok(err)
	if diff := cmp.Diff(got, found); diff != "" {
		t.Error(diff)
	}
	_, err = w.PutOrganization(ctx(t), changed)
	w.code(err, cloud.Stale)
	_, err = w.PutOrganization(ctx(t), cloud.Organization{ID: org})
	w.code(err, cloud.Stale)
	_, err = w.FindOrganization(ctx(t), "nope")
	w.code(err, cloud.NotFound)
}

func TestUnitsProjectsAndMembersOfAnOrganization(t *testing.T) {
	w := newWorld(t)
	w.organization("org-b")
	w.draft("not a unit")
	units := []cloud.Unit{{ID: "u1", OrganizationID: org, Name: "One", ParentID: "acc-" + org, CreatedAt: now, UpdatedAt: now}, {ID: "u2", OrganizationID: org, Name: "Two", ParentID: "u1", CreatedAt: now, UpdatedAt: now}}
	o, err := w.FindOrganization(ctx(t), org)
	w.ok(err)
	for i, u := range units {
		units[i], err = w.PutUnit(ctx(t), o, cloud.Unit{}, u)
		w.ok(err)
	}
	project := cloud.Project{ID: "p1", OrganizationID: org, Name: "P", UnitID: "u2"}
	project, err = w.PutProject(ctx(t), o, project)
	w.ok(err)
	project.Name = "Renamed"
	project, err = w.PutProject(ctx(t), o, project)
	w.ok(err)
	member := w.putMember(cloud.Principal{ID: "m1", Role: cloud.Member, OrganizationID: org, Email: "m@example.com", Name: "M"})

	gotUnits, err := w.ListUnits(ctx(t), org)
	w.ok(err)
	if diff := cmp.Diff(units, gotUnits); diff != "" {
		t.Error(diff)
	}
	projects, err := w.ListProjects(ctx(t), org)
	w.ok(err)
	if diff := cmp.Diff([]cloud.Project{project}, projects); diff != "" {
		t.Error(diff)
	}
	members, err := w.ListMembers(ctx(t), org)
	w.ok(err)
	if diff := cmp.Diff([]cloud.Membership{member}, members); diff != "" {
		t.Error(diff)
	}
	found, err := w.FindProject(ctx(t), "p1")
	w.ok(err)
	if found != project {
		t.Errorf("found %+v", found)
	}

	theirs := project
	theirs.OrganizationID, theirs.Version = "org-b", 0
	b, err := w.FindOrganization(ctx(t), "org-b")
	w.ok(err)
	theirs.UnitID = b.AccountID
	_, err = w.PutProject(ctx(t), b, theirs)
	w.code(err, cloud.AlreadyExists)
	if list, err := w.ListProjects(ctx(t), "org-b"); err != nil || len(list) != 0 {
		t.Errorf("got %v, %v", list, err)
	}
	_, err = w.FindProject(ctx(t), "nope")
	w.code(err, cloud.NotFound)
	nope := cloud.Organization{ID: "nope", AccountID: "a"}
	_, err = w.PutUnit(ctx(t), nope, cloud.Unit{}, cloud.Unit{ID: "u", OrganizationID: "nope", ParentID: "a"})
	w.code(err, cloud.NotFound)
	_, err = w.PutProject(ctx(t), nope, cloud.Project{ID: "p2", OrganizationID: "nope", UnitID: "a"})
	w.code(err, cloud.NotFound)
	_, err = w.PutMember(ctx(t), cloud.Membership{Principal: cloud.Principal{ID: "m", OrganizationID: "nope"}})
	w.code(err, cloud.NotFound)
}
