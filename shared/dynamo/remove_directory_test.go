package dynamo_test

import (
	"testing"

	"byoc/shared/cloud"
)

func TestWhatIsRemovedFromTheDirectoryIsGone(t *testing.T) {
	w := newWorld(t)
	w.ok(w.PutUnit(ctx(t), cloud.Unit{ID: "u", OrganizationID: org, Name: "U"}))
	w.ok(w.PutProject(ctx(t), cloud.Project{ID: "p", OrganizationID: org, Name: "P"}))
	w.ok(w.PutMember(ctx(t), cloud.Principal{ID: "m", OrganizationID: org, Role: cloud.Admin}))
	p, err := w.FindProjectOf(ctx(t), org, "p")
	w.ok(err)
	if p.Name != "P" {
		t.Errorf("%+v", p)
	}
	_, err = w.FindProjectOf(ctx(t), "other", "p")
	w.code(err, cloud.NotFound)
	w.ok(w.RemoveUnit(ctx(t), org, "u"))
	w.ok(w.RemoveProject(ctx(t), org, "p"))
	w.ok(w.RemoveMember(ctx(t), org, "m"))
	w.code(w.RemoveUnit(ctx(t), org, "u"), cloud.NotFound)
	w.code(w.RemoveProject(ctx(t), org, "p"), cloud.NotFound)
	w.code(w.RemoveMember(ctx(t), org, "m"), cloud.NotFound)
	_, err = w.FindProject(ctx(t), "p")
	w.code(err, cloud.NotFound)
	_, err = w.FindMember(ctx(t), org, "m")
	w.code(err, cloud.NotFound)
}
