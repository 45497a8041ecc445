package httpapi

import (
	"reflect"
	"slices"
	"testing"
)

func TestPermissions(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	path := acmes + "/" + id + "/permissions"
	want := func(r response, accounts, projects []any) {
		t.Helper()
		r.wants(200)
		if !reflect.DeepEqual(r.body, map[string]any{"accounts": accounts, "projects": projects}) {
			t.Errorf("answer %s", r.text)
		}
	}
	want(a.as(member, "GET", path, ""), []any{}, []any{})
	want(a.as(admin, "PUT", path+"?limit=999", `{"accounts":["unit-1","unit-1"],"projects":["project-1"]}`), []any{"unit-1"}, []any{"project-1"})
	want(a.as(member, "GET", path, ""), []any{"unit-1"}, []any{"project-1"})
	if c := a.as(member, "GET", acmes+"/"+id, "").cloud(); c["availability"] != "by_selection" {
		t.Errorf("availability %v", c["availability"])
	}
	// The Go client sends null for an empty list.
	want(a.as(admin, "PUT", path, `{"accounts":["acc-acme"],"projects":null}`), []any{"acc-acme"}, []any{})
	if c := a.as(member, "GET", acmes+"/"+id, "").cloud(); c["availability"] != "all_projects" {
		t.Errorf("availability %v", c["availability"])
	}
	want(a.as(admin, "PUT", path, `{"accounts":null,"projects":null}`), []any{}, []any{})
}

func TestUnknownIdsOfPermissionsAreNamed(t *testing.T) {
	a := newAPI(t)
	path := acmes + "/" + a.draft() + "/permissions"
	r := a.as(admin, "PUT", path, `{"accounts":["unit-1","unit-other","project-1"],"projects":["acc-acme","project-other","../x"]}`).wants(400)
	want := []string{"body.accounts[1]", "body.accounts[2]", "body.projects[0]", "body.projects[1]", "body.projects[2]"}
	if got := r.locations(); !slices.Equal(got, want) {
		t.Errorf("named %v", got)
	}
	for _, body := range []string{"", "{}", `{"units":[]}`, `{"accounts":"unit-1"}`, `{"accounts":[null]}`} {
		a.as(admin, "PUT", path, body).wants(400)
	}
}
