package httpapi

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestCreateAnswersEverythingAboutTheDraft(t *testing.T) {
	a := newAPI(t)
	r := a.as(admin, "POST", acmes+"?limit=999", draftBody).wants(201)
	c := r.cloud()
	id := c["custom_cloud_environment_id"].(string)
	for field, want := range map[string]any{
		"display_name": "Main", "state": "draft", "cloud_provider": "aws", "cloud_region": "eu-west-1",
		"deployment_model": "standard", "reserved_cidr": "10.0.0.0/16", "nat_gateways": "per_az",
		"create_time": "2026-11-23T12:00:00.000Z", "update_time": "2026-11-23T12:00:00.000Z",
		"errors": []any{}, "tags": map[string]any{}, "peer_cidrs": []any{}, "ingress_rules": []any{},
		"contact_emails":              []any{map[string]any{"email": "ann@example.com", "real_name": "Ann", "role": "Admin"}},
		"aws_iam_role_arn":            nil,
		"aiven_aws_account_principal": customer, "aiven_management_cidr_blocks": []any{"198.51.100.0/24"},
		"aws_subnets_bastion": map[string]any{}, "aws_subnets_workload": map[string]any{},
		"byoc_unique_name":           "cce-" + strings.ReplaceAll(id, "-", ""),
		"byoc_resource_tags":         map[string]any{"aiven_custom_cloud_environment_id": id},
		"custom_cloud_names":         []any{},
		"bucket_names":               map[string]any{},
		"availability":               "by_selection",
		"warnings":                   []any{},
		"organization_id":            "acme",
		"use_customer_owned_storage": false,
	} {
		if got, there := c[field]; !there || !reflect.DeepEqual(got, want) {
			t.Errorf("%s is %#v instead of %#v", field, got, want)
		}
	}
	if e := c["aiven_aws_assume_role_external_id"].(string); len(e) < 26 {
		t.Errorf("external id %q can be guessed", e)
	}
	if got := r.header.Get("ETag"); got != `"1"` {
		t.Errorf("ETag %s", got)
	}
	if got := r.header.Get("Location"); got != acmes+"/"+id {
		t.Errorf("Location %s", got)
	}
}

func TestPlanPriceAndProgressOfADraft(t *testing.T) {
	a := newAPI(t)
	c := a.as(admin, "POST", acmes, draftBody).wants(201).cloud()
	plan := c["plan"].(map[string]any)
	zone := plan["zones"].([]any)[0].(map[string]any)
	if plan["assumed"] != true || len(plan["zones"].([]any)) != 3 || plan["service_nodes"].(float64) != 3*16379 {
		t.Errorf("plan %v", plan)
	}
	if w := zone["workload"].(map[string]any); w["cidr"] != "10.0.0.0/18" || w["usable_addresses"].(float64) != 16379 {
		t.Errorf("first zone %v", zone)
	}
	price := c["monthly_price"].(map[string]any)
	// Three NAT gateways at 0.048 and three addresses at 0.005, 730 hours.
	if price["amount"] != "116.07" || price["currency"] != "USD" || price["price_list_date"] != priceListDate || price["estimate"] != true {
		t.Errorf("price %v", price)
	}
	if alternative := price["alternative"].(map[string]any); alternative["nat_gateways"] != "single" || alternative["amount"] != "38.69" {
		t.Errorf("alternative %v", alternative)
	}
	progress := c["provisioning"].(map[string]any)
	if progress["percentage"].(float64) != 0 || progress["attempt"].(float64) != 0 || len(progress["steps"].([]any)) != 0 {
		t.Errorf("provisioning %v", progress)
	}
	if len(c["next_steps"].([]any)) != 3 {
		t.Errorf("next steps %v", c["next_steps"])
	}
}

func TestCreateReportsAllInvalidFieldsTogether(t *testing.T) {
	a := newAPI(t)
	r := a.as(admin, "POST", acmes, `{"cloud_provider":"google","cloud_region":"mars","deployment_model":"hipaa","display_name":" ","reserved_cidr":"10.0.0.1/16"}`).wants(400)
	want := []string{"body.cloud_provider", "body.cloud_region", "body.deployment_model", "body.display_name", "body.reserved_cidr"}
	if got := r.locations(); !slices.Equal(got, want) {
		t.Errorf("named %v", got)
	}
	if !strings.Contains(r.text, "10.0.0.0/16") {
		t.Errorf("no suggestion in %s", r.text)
	}
	r = a.as(admin, "POST", acmes, `{"cloud_provider":1,"tags":{"a":2},"peer_cidrs":["10.0.0.0/8",3],"contact_emails":[{"email":[]},4],"ingress_rules":{}}`).wants(400)
	// What has a wrong type and what is missing, each once.
	want = []string{
		"body.cloud_provider", "body.cloud_region", "body.contact_emails[0].email", "body.contact_emails[1]", "body.deployment_model",
		"body.display_name", "body.ingress_rules", "body.peer_cidrs[1]", "body.reserved_cidr", "body.tags.a",
	}
	if got := r.locations(); !slices.Equal(got, want) {
		t.Errorf("named %v", got)
	}
}

func TestATakenNameAlreadyExists(t *testing.T) {
	a := newAPI(t)
	a.draft()
	r := a.as(admin, "POST", acmes, strings.ReplaceAll(draftBody, "Main", "MAIN")).wants(409)
	if !strings.Contains(r.body["message"].(string), "already exists") {
		t.Errorf("message %q", r.body["message"])
	}
}

func TestOverlapWithAnotherCloudIsAWarning(t *testing.T) {
	a := newAPI(t)
	a.draft()
	r := a.as(admin, "POST", acmes, strings.NewReplacer("Main", "Second", "10.0.0.0/16", "10.0.16.0/20").Replace(draftBody)).wants(201)
	warnings := r.cloud()["warnings"].([]any)
	if len(warnings) != 1 {
		t.Fatalf("warnings %v", warnings)
	}
	w := warnings[0].(map[string]any)
	if w["code"] != "overlapping_range" || !strings.Contains(w["message"].(string), "Main (10.0.0.0/16)") || !strings.Contains(w["action"].(string), "10.1.0.0/20") {
		t.Errorf("warning %v", w)
	}
}

func TestAnEmptyPutIsARead(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	want := a.as(admin, "GET", acmes+"/"+id, "").wants(200)
	for _, body := range []string{"", "{}", "null", " \n", `{"unknown":1}`, `{"display_name":null}`} {
		r := a.as(admin, "PUT", acmes+"/"+id+"?limit=999", body).wants(200)
		if r.text != want.text || r.header.Get("ETag") != want.header.Get("ETag") {
			t.Errorf("PUT %q: %s", body, r.text)
		}
	}
	a.as(member, "PUT", acmes+"/"+id, "").wants(403)
}

func TestPutChangesWhatItNamesAndNothingElse(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	r := a.as(admin, "PUT", acmes+"/"+id, `{"display_name":"Renamed","tags":{"byoc_resource_tag:team":"x","gone":null}}`).wants(200)
	c := r.cloud()
	if c["display_name"] != "Renamed" || c["reserved_cidr"] != "10.0.0.0/16" || !reflect.DeepEqual(c["tags"], map[string]any{"byoc_resource_tag:team": "x"}) {
		t.Errorf("answer %v", c)
	}
	if r.header.Get("ETag") != `"2"` {
		t.Errorf("ETag %s", r.header.Get("ETag"))
	}
	a.inState(id, cloud.Active)
	a.as(admin, "PUT", acmes+"/"+id, `{"reserved_cidr":"10.1.0.0/16"}`).wants(409)
	a.as(admin, "PUT", acmes+"/"+id, `{"contact_emails":[{"email":"b@example.com"}]}`).wants(200)
}

func TestIfMatchRefusesWhatWasNotRead(t *testing.T) {
	for _, call := range []struct{ method, path, body string }{
		{"PUT", "", `{"display_name":"x"}`}, {"PUT", "", ""}, {"DELETE", "", ""}, {"POST", "/provision", ""},
		{"PUT", "/permissions", `{"accounts":[],"projects":[]}`},
	} {
		a := newAPI(t)
		id := a.draft()
		for _, tag := range []string{`"2"`, `W/"1"`, `1`, `"1`, `"x", "7"`} {
			a.as(admin, call.method, acmes+"/"+id+call.path, call.body, header("If-Match", tag)).wants(412)
		}
		for _, tag := range []string{`*`, `"1"`, `"9", "1"`} {
			b := newAPI(t)
			id := b.draft()
			if r := b.as(admin, call.method, acmes+"/"+id+call.path, call.body, header("If-Match", tag)); r.status == 412 {
				t.Errorf("%s %s with If-Match %s: %s", call.method, call.path, tag, r.text)
			}
		}
	}
}

func TestProvision(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	role := roleARN + cloud.Stem(id) + "-iam-role"
	provision := acmes + "/" + id + "/provision"

	r := a.as(admin, "POST", provision, "").wants(400)
	if !slices.Equal(r.locations(), []string{"body.aws_iam_role_arn"}) {
		t.Errorf("named %v", r.locations())
	}
	a.as(admin, "POST", provision, `{"aws_iam_role_arn":"arn:aws:iam::222222222222:role/other"}`).wants(400)
	c := a.as(admin, "POST", provision, `{"aws_iam_role_arn":"`+role+`"}`).wants(200).cloud()
	if c["state"] != "validating" || c["aws_iam_role_arn"] != role {
		t.Errorf("answer %v", c)
	}
	// The same run again: harmless, and no new attempt.
	c = a.as(admin, "POST", provision, "").wants(200).cloud()
	if c["provisioning"].(map[string]any)["attempt"].(float64) != 1 || !slices.Equal(a.runs, []string{"provision", "provision"}) {
		t.Errorf("attempt %v, runs %v", c["provisioning"], a.runs)
	}
	a.inState(id, cloud.Active)
	r = a.as(admin, "POST", provision, "").wants(409)
	if !strings.Contains(r.body["message"].(string), "already exists") {
		t.Errorf("message %q", r.body["message"])
	}
}

func TestTheRoleOfADraftIsSaved(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	role := roleARN + cloud.Stem(id) + "-iam-role"
	a.as(admin, "PUT", acmes+"/"+id, `{"aws_iam_role_arn":"`+role+`"}`).wants(200)
	// Another admin resumes it.
	if got := a.as(second, "GET", acmes+"/"+id, "").wants(200).cloud()["aws_iam_role_arn"]; got != role {
		t.Errorf("the other admin finds %v", got)
	}
	a.as(second, "POST", acmes+"/"+id+"/provision", "").wants(200)
}

func TestDelete(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	if c := a.as(admin, "DELETE", acmes+"/"+id+"?force=false", "").wants(200).cloud(); c["state"] != "deleted" {
		t.Errorf("answer %v", c)
	}
	a.as(admin, "DELETE", acmes+"/"+id, "").wants(404)
	a.as(admin, "GET", acmes+"/"+id, "").wants(404)
	id = a.draft()
	a.inState(id, cloud.Active)
	a.as(admin, "DELETE", acmes+"/"+id+"?force=maybe", "").wants(400)
	if c := a.as(admin, "DELETE", acmes+"/"+id, "").wants(200).cloud(); c["state"] != "deleting" {
		t.Errorf("answer %v", c)
	}
	a.inState(id, cloud.Deleted)
	a.as(admin, "DELETE", acmes+"/"+id, "").wants(200)
	a.as(admin, "GET", acmes+"/"+id, "").wants(200)
}
