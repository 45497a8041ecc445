package httpapi

import (
	"slices"
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
