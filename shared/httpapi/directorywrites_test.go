package httpapi

import (
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestOperatorsKeepOrganizationsInStep(t *testing.T) {
	a := newAPI(t)
	path := "/v1/organization/new"
	if got := a.as(operator, "PUT", path, `{"organization_name":5,"support_tier":"gold","x":1}`).wants(400).locations(); strings.Join(got, " ") != "body.organization_name body.x" {
		t.Errorf("named %v", got)
	}
	a.as(operator, "PUT", path, `{"organization_name":"New"}`).wants(400)
	r := a.as(operator, "PUT", path, `{"organization_name":"New","account_id":"acc-new","support_tier":"priority"}`).wants(201)
	if r.body["organization_id"] != "new" || r.body["byoc_enabled"] != false || r.header.Get("ETag") != `"1"` {
		t.Errorf("%s", r.text)
	}
	a.as(operator, "PUT", path, `{"organization_name":"Newer"}`, header("If-Match", `"9"`)).wants(412)
	if r := a.as(operator, "PUT", path, `{"organization_name":"Newer"}`, header("If-Match", `"1"`)).wants(200); r.header.Get("ETag") != `"2"` || r.body["account_id"] != "acc-new" {
		t.Errorf("%s", r.text)
	}
	if r := a.as(operator, "PUT", path, `{"organization_name":"Newer"}`).wants(200); r.header.Get("ETag") != `"2"` {
		t.Error("what changes nothing was written")
	}
	a.as(operator, "PUT", path, `{"account_id":"acc-other"}`).wants(409)
}

func TestALowerSupportTierEndsTheFeature(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "GET", acmes, "").wants(200)
	a.as(operator, "PUT", acme, `{"support_tier":"basic"}`).wants(200)
	if r := a.as(admin, "GET", acmes, "").wants(403); !strings.Contains(r.text, "priority support tier") {
		t.Error(r.text)
	}
}

func TestOperatorsKeepUnitsAndProjectsInStep(t *testing.T) {
	a := newAPI(t)
	a.as(operator, "PUT", acme+"/units/u2", `{"unit_name":"Two","parent_id":"unit-1"}`).wants(200)
	a.as(operator, "PUT", acme+"/units/u3", `{"unit_name":"Three"}`).wants(200)
	for _, body := range []string{`{"unit_name":"x","parent_id":"nothing"}`, `{"unit_name":""}`, `{}`, `{"unit_name":"x","extra":1}`, `{"unit_name":"x","parent_id":"../x"}`} {
		a.as(operator, "PUT", acme+"/units/u4", body).wants(400)
	}
	if r := a.as(operator, "PUT", acme+"/units/unit-1", `{"unit_name":"Unit","parent_id":"u2"}`).wants(400); !strings.Contains(r.text, "below itself") {
		t.Error(r.text)
	}
	a.as(operator, "PUT", acme+"/units/acc-acme", `{"unit_name":"x"}`).wants(400)
	a.as(operator, "PUT", acme+"/projects/p2", `{"unit_id":"u2"}`).wants(200)
	a.as(operator, "PUT", acme+"/projects/p2", `{"unit_id":"nothing"}`).wants(400)
	a.as(operator, "PUT", acme+"/projects/project-other", `{}`).wants(409)
	a.as(operator, "DELETE", acme+"/units/u2", "").wants(409)
	a.as(operator, "DELETE", acme+"/projects/p2", "").wants(200)
	a.as(operator, "DELETE", acme+"/units/u2", "").wants(200)
	a.as(operator, "DELETE", acme+"/units/u2", "").wants(404)
	r := a.as(member, "GET", acme+"/units?limit=1", "").wants(200)
	if len(r.body["units"].([]any)) != 1 || r.body["next_cursor"] == nil {
		t.Fatal(r.text)
	}
	r = a.as(member, "GET", acme+"/units?cursor="+r.body["next_cursor"].(string), "").wants(200)
	if len(r.body["units"].([]any)) != 1 || r.body["next_cursor"] != nil {
		t.Error(r.text)
	}
	a.as(member, "GET", acme+"/units?cursor=!", "").wants(400)
	a.as(member, "GET", acme+"/projects", "").wants(200)
}

func TestATokenIsShownOnceAndKeptAsAHash(t *testing.T) {
	a := newAPI(t)
	a.as(operator, "PUT", acme+"/members/bob", `{"role":"admin","email":"bob@example.com"}`).wants(200)
	r := a.as(operator, "POST", acme+"/tokens", `{"member_id":"bob","description":"CI"}`, key("k")).wants(201)
	token := r.body["token"].(map[string]any)
	secret, id := token["token"].(string), token["token_id"].(string)
	if len(secret) < 43 || token["expires_at"] != "2027-02-21T12:00:00.000Z" {
		t.Errorf("%v", token)
	}
	if kept, ok := a.tokens[hashOf(secret)]; !ok || kept.Hash == secret {
		t.Error("the hash is not kept")
	}
	a.as(secret, "GET", acmes, "").wants(200)
	// The repetition does not show it, and does not make another one.
	if r := a.as(operator, "POST", acme+"/tokens", `{"member_id":"bob","description":"CI"}`, key("k")).wants(409); strings.Contains(r.text, secret) {
		t.Error(r.text)
	}
	list := a.as(operator, "GET", acme+"/tokens", "").wants(200)
	if strings.Contains(list.text, secret) || strings.Contains(list.text, hashOf(secret)) || !strings.Contains(list.text, id) {
		t.Error(list.text)
	}
	if strings.Contains(a.log.String(), secret) {
		t.Error("the secret is in the log")
	}
	a.as(operator, "DELETE", acme+"/tokens/"+id, "").wants(200)
	a.as(operator, "DELETE", acme+"/tokens/"+id, "").wants(200)
	a.as(operator, "DELETE", acme+"/tokens/none", "").wants(404)
	a.now = a.now.Add(Freshness)
	a.as(secret, "GET", acmes, "").wants(401)
	for _, body := range []string{
		`{}`, `{"member_id":"nobody"}`, `{"member_id":"oscar"}`, `{"member_id":"bob","expires_at":"tomorrow"}`, `{"member_id":"bob","expires_at":"2020-01-01T00:00:00Z"}`,
		`{"member_id":"bob","expires_at":"2099-01-01T00:00:00Z"}`, `{"member_id":"bob","role":"operator"}`,
	} {
		a.as(operator, "POST", acme+"/tokens", body).wants(400)
	}
}

func TestTokensFollowTheirMember(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "PUT", acmes+"/11111111-1111-4111-8111-111111111111", "").wants(404)
	a.as(operator, "PUT", acme+"/members/ann", `{"role":"member"}`).wants(200)
	a.now = a.now.Add(Freshness)
	a.as(admin, "PUT", acmes+"/11111111-1111-4111-8111-111111111111", "").wants(403)
	for _, body := range []string{`{}`, `{"role":"operator"}`, `{"role":"admin","email":"x"}`, `{"role":"admin","extra":1}`} {
		a.as(operator, "PUT", acme+"/members/ann", body).wants(400)
	}
	a.as(operator, "DELETE", acme+"/members/ann", "").wants(200)
	a.now = a.now.Add(Freshness)
	a.as(admin, "GET", acmes, "").wants(401)
	a.as(operator, "DELETE", acme+"/members/ann", "").wants(404)
	a.as(operator, "GET", acme+"/members", "").wants(200)
	// A token that was made before the members' removal was finished ends by its repetition.
	a.tokens["h"] = cloud.Token{Hash: "h", Principal: cloud.Principal{ID: "ann", OrganizationID: "acme"}}
	a.as(operator, "DELETE", acme+"/members/ann", "").wants(404)
	if a.tokens["h"].RevokedAt.IsZero() {
		t.Error("a token outlives its member")
	}
}
