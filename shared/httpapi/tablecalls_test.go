package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

// A read costs one call of the table, a write one transaction and one update
// that marks its event published; the token and the organization one read each
// in 30 seconds.
func TestTableCalls(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	role := roleARN + cloud.Stem(id) + "-iam-role"
	for _, who := range []string{member, operator} {
		a.as(who, "GET", acmes, "").wants(200)
	}
	for _, c := range []struct {
		token, method, path, body string
		want                      []string
	}{
		{member, "GET", acmes + "/" + id, "", []string{"Find"}},
		{member, "GET", acmes + "/" + id + "/permissions", "", []string{"Find"}},
		{member, "GET", acmes + "/" + id + "/infra-templates/terraform/variables", "", []string{"Find"}},
		{member, "GET", acmes, "", []string{"List"}},
		{admin, "PUT", acmes + "/" + id, "", []string{"Find"}},
		{admin, "POST", acmes + "/" + id + "/provision", `{"aws_iam_role_arn":"` + role + `"}`, []string{"Find", "Save", "MarkPublished"}},
		{stranger, "GET", acmes + "/" + id, "", []string{"FindToken"}},
		{"bad", "GET", acmes + "/" + id, "", []string{"FindToken"}},
		{"bad", "GET", acmes + "/" + id, "", nil},
		{"", "GET", acmes + "/" + id, "", nil},
		{member, "GET", acmes + "/not-an-id", "", nil},
		{member, "PUT", acmes + "/" + id, "{}", nil},
		{operator, "GET", "/v1/organization/ORG%23other/custom-cloud-environments", "", nil},
	} {
		a.calls = nil
		a.as(c.token, c.method, c.path, c.body)
		if !slices.Equal(a.calls, c.want) {
			t.Errorf("%s %s with %q: %v instead of %v", c.method, c.path, c.token, a.calls, c.want)
		}
	}
	a.now = a.now.Add(Freshness + time.Second)
	a.calls = nil
	a.as(member, "GET", acmes+"/"+id, "")
	if want := []string{"FindToken", "FindOrganization", "Find"}; !slices.Equal(a.calls, want) {
		t.Errorf("after a while: %v", a.calls)
	}
}

// Every GET, by the table of routes: one call, token and organization being
// known. What takes more says why.
func TestEveryGetIsOneTableCall(t *testing.T) {
	other := map[string][]string{
		// Where the project is, what is above it, and what is permitted to those.
		"/v1/project/{project}/clouds": {"FindProject", "ListUnits", "List"},
		// That the cloud is there, and what happened to it.
		cloudPath + "/events": {"Find", "History"},
		"/v1/openapi.json":    nil,
		"/v1/health":          nil,
	}
	described := operations(schemas{})
	for _, r := range newAPI(t).server.routes() {
		if r.method != http.MethodGet {
			continue
		}
		a := newAPI(t)
		d := described[r.method+" "+r.path]
		a.example(d)
		who := operator
		if r.path == "/v1/organizations" || strings.HasPrefix(r.path, "/v1/account") {
			who = admin
		}
		// So that token and organization are known.
		a.as(who, r.method, examplePath(r.path), "").wants(d.status)
		a.calls = nil
		a.as(who, r.method, examplePath(r.path), "").wants(d.status)
		want, differs := other[r.path]
		if differs && !slices.Equal(a.calls, want) || !differs && len(a.calls) != 1 {
			t.Errorf("GET %s: %v", r.path, a.calls)
		}
	}
}
