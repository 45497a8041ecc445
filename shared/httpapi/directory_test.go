package httpapi

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func TestTheDirectoryAsClientsReadIt(t *testing.T) {
	a := newAPI(t)
	o := a.as(member, "GET", acme, "").wants(200)
	if o.body["organization_id"] != "acme" || o.body["organization_name"] != "Acme" || o.body["account_id"] != "acc-acme" {
		t.Errorf("organization %s", o.text)
	}
	all := a.as(member, "GET", "/v1/organizations", "").wants(200).body["organizations"].([]any)
	if len(all) != 1 || all[0].(map[string]any)["organization_id"] != "acme" {
		t.Errorf("organizations %v", all)
	}
	accounts := a.as(member, "GET", "/v1/account", "").wants(200).body["accounts"].([]any)
	root, unit := accounts[0].(map[string]any), accounts[1].(map[string]any)
	if len(accounts) != 2 || root["account_id"] != "acc-acme" || root["parent_account_id"] != nil ||
		unit["account_id"] != "unit-1" || unit["parent_account_id"] != "acc-acme" || unit["organization_id"] != "acme" {
		t.Errorf("accounts %v", accounts)
	}
	one := a.as(member, "GET", "/v1/account/unit-1", "").wants(200).body["account"].(map[string]any)
	if one["account_name"] != "Unit" {
		t.Errorf("account %v", one)
	}
	for _, id := range []string{"unit-other", "acc-other", "nothing"} {
		a.as(member, "GET", "/v1/account/"+id, "").wants(404)
	}
	// An operator is a member of no organization.
	if r := a.as(operator, "GET", "/v1/organizations", "").wants(200); len(r.body["organizations"].([]any)) != 0 {
		t.Errorf("an operator's organizations: %s", r.text)
	}
	a.as(operator, "GET", "/v1/account/unit-1", "").wants(404)
	a.as(operator, "GET", "/v1/organization/nobody", "").wants(404)
}

func TestTheFeatureIsSwitchedByOperators(t *testing.T) {
	a := newAPI(t)
	path := "/v1/organization/plain/byoc"
	clouds := "/v1/organization/plain/custom-cloud-environments"
	if b := a.as(operator, "GET", path, "").wants(200).body["byoc"].(map[string]any); b["enabled"] != false || b["eligible"] != false {
		t.Errorf("byoc %v", b)
	}
	a.as(operator, "PUT", path, `{"enabled":true}`).wants(409)
	o := a.organizations["plain"]
	o.SupportTier = cloud.Business
	a.organizations["plain"] = o
	a.as(operator, "GET", clouds, "").wants(403)
	for _, body := range []string{"", "{}", `{"enabled":"yes"}`, `{"enabled":true,"support_tier":"premium"}`} {
		a.as(operator, "PUT", path, body).wants(400)
	}
	a.as(operator, "PUT", path, `{"enabled":true}`, header("If-Match", `"9"`)).wants(412)
	r := a.as(operator, "PUT", path+"?limit=999", `{"enabled":true}`, header("If-Match", `"1"`)).wants(200)
	if r.header.Get("ETag") != `"2"` || r.body["byoc"].(map[string]any)["enabled"] != true {
		t.Errorf("answer %s, ETag %s", r.text, r.header.Get("ETag"))
	}
	o.BYOCEnabled, o.Version = true, o.Version+1
	if diff := cmp.Diff(o, a.organizations["plain"]); diff != "" {
		t.Errorf("besides the feature: %s", diff)
	}
	a.as(operator, "GET", clouds, "").wants(200)
	a.as(operator, "PUT", path, `{"enabled":true}`).wants(200)
	a.as(operator, "PUT", path, `{"enabled":false}`).wants(200)
	a.as(operator, "GET", clouds, "").wants(403)
	a.as(admin, "PUT", acme+"/byoc", `{"enabled":false}`).wants(403)
}
