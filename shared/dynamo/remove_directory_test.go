package dynamo_test

import (
	"testing"

	"byoc/shared/cloud"
)

func TestWhatIsRemovedFromTheDirectoryIsGone(t *testing.T) {
	w := newWorld(t)
	d := &cloud.Directory{Store: w.Table}
	_, err := d.PutUnit(ctx(t), cloud.Unit{ID: "u", OrganizationID: org, Name: "U"}, anyVersion)
	w.ok(err)
	_, err = d.PutProject(ctx(t), cloud.Project{ID: "p", OrganizationID: org, Name: "P"}, anyVersion)
	w.ok(err)
	w.putMember(cloud.Principal{ID: "m", OrganizationID: org, Role: cloud.Admin})
	p, err := w.FindProjectOf(ctx(t), org, "p")
	w.ok(err)
	if p.Name != "P" {
		t.Errorf("%+v", p)
	}
	_, err = w.FindProjectOf(ctx(t), "other", "p")
	w.code(err, cloud.NotFound)
	for _, code := range []cloud.Code{"", cloud.NotFound} {
		w.code(d.RemoveUnit(ctx(t), org, "u", anyVersion), code)
		w.code(d.RemoveProject(ctx(t), org, "p", anyVersion), code)
		w.code(d.RemoveMember(ctx(t), org, "m", anyVersion), code)
	}
	_, err = w.FindProject(ctx(t), "p")
	w.code(err, cloud.NotFound)
	_, err = w.FindMember(ctx(t), org, "m")
	w.code(err, cloud.NotFound)
}

func anyVersion(int) error { return nil }
