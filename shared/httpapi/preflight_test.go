package httpapi

import (
	"context"
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// checks answers preflights, and keeps what it was asked.
type checks struct {
	asked  []preflight.Task
	answer []preflight.Check
	err    error
}

func (c *checks) Preflight(_ context.Context, t preflight.Task) (preflight.Answer, error) {
	c.asked = append(c.asked, t)
	return preflight.NewAnswer(c.answer), c.err
}

func TestPreflight(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	path, role := acmes+"/"+id+"/preflight", roleARN+cloud.Stem(id)+"-iam-role"
	a.checks.answer = []preflight.Check{{Name: preflight.Role, Verdict: preflight.Failed, Message: "No.", Cure: "Yes."}}

	// Without a role there is nothing that could be asked.
	if r := a.as(admin, "POST", path, "").wants(400); !strings.Contains(r.text, "Apply the template") {
		t.Error(r.text)
	}
	a.as(admin, "POST", path, `{"aws_iam_role_arn":"arn:aws:iam::222222222222:role/other"}`).wants(400)
	a.as(admin, "POST", path, `{"role":"x"}`).wants(400)
	if len(a.checks.asked) != 0 {
		t.Errorf("asked %+v", a.checks.asked)
	}

	version := a.clouds[id].Version
	r := a.as(admin, "POST", path, `{"aws_iam_role_arn":"`+role+`"}`).wants(200)
	if r.body["verdict"] != "failed" || len(r.body["checks"].([]any)) != 1 || r.body["counts"].(map[string]any)["failed"] != 1.0 {
		t.Error(r.text)
	}
	got := a.checks.asked[0]
	if !got.Answer || got.RoleARN != role || got.CloudID != id || got.OrganizationID != "acme" || got.Execution != id+"-preflight" {
		t.Errorf("asked %+v", got)
	}
	if c := a.clouds[id]; c.Version != version || c.RoleARN != "" {
		t.Errorf("a preflight wrote %+v", c)
	}

	// Afterwards, with the role on record and no other.
	c := a.clouds[id]
	c.RoleARN = role
	a.clouds[id] = c
	a.inState(id, cloud.Active)
	a.as(admin, "POST", path, "").wants(200)
	a.as(admin, "POST", path, `{"aws_iam_role_arn":"`+strings.Replace(role, "222222222222", "333333333333", 1)+`"}`).wants(409)
	a.inState(id, cloud.Deleted)
	a.as(admin, "POST", path, "").wants(409)
}

// Checks that do not answer are no error of the request.
func TestPreflightWithoutAnAnswer(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	path, body := acmes+"/"+id+"/preflight", `{"aws_iam_role_arn":"`+roleARN+cloud.Stem(id)+`-iam-role"}`
	a.checks.err = cloud.Errorf(cloud.Unavailable, "The checks did not end in time.")
	r := a.as(admin, "POST", path, body).wants(200)
	if r.body["verdict"] != "could_not_check" || len(r.body["checks"].([]any)) != len(preflight.Names()) || strings.Contains(r.text, "passed\"}") {
		t.Error(r.text)
	}
	a.checks.err = cloud.Errorf(cloud.Internal, "secret")
	if r := a.as(admin, "POST", path, body).wants(500); strings.Contains(r.text, "secret") {
		t.Error(r.text)
	}
}
