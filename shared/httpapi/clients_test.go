package httpapi

import (
	"net/http"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// What the compatible clients send, header for header and byte for byte, read
// from their sources: the command-line client (aiven-client, Python) and the
// Terraform provider, which speaks through the generated Go client.

// avn sends a request as the command-line client does: a body in Python's
// spacing, and a content type that belongs to no body where there is none.
func (a *api) avn(method, path, body string) response {
	a.Helper()
	kind := "application/json"
	if body == "" {
		kind = "application/octet-stream"
	}
	return a.as(admin, method, path, body, header("Content-Type", kind), header("Accept", "*/*"), header("Accept-Encoding", "gzip, deflate"),
		header("Authorization", "aivenv1 "+admin), header("User-Agent", "aiven-client/4.0.0"))
}

func TestTheCommandLineClient(t *testing.T) {
	a := newAPI(t)
	// avn byoc create
	c := a.avn("POST", acmes, `{"deployment_model": "standard", "cloud_provider": "aws", "cloud_region": "eu-west-1", "reserved_cidr": "10.0.0.0/16", "display_name": "Main"}`).wants(201).cloud()
	one := acmes + "/" + c["custom_cloud_environment_id"].(string)
	// avn byoc list
	if list := a.avn("GET", acmes, "").wants(200).body["custom_cloud_environments"].([]any); len(list) != 1 {
		t.Errorf("%v", list)
	}
	// avn byoc update
	a.avn("PUT", one, `{"display_name": "Renamed", "contact_emails": [{"email": "a@example.com", "real_name": "A", "role": "Admin"}]}`).wants(200)
	// avn byoc tags update, replace and list: the last by an update of nothing.
	a.avn("PUT", one, `{"tags": {"byoc_resource_tag:team": "x", "byoc_resource_tag:gone": null}}`).wants(200)
	a.avn("PUT", one, `{"tags": {"byoc_resource_tag:team": "data", "byoc_resource_tag:stage": "prod"}}`).wants(200)
	tags := a.avn("PUT", one, `{}`).wants(200).cloud()["tags"].(map[string]any)
	if len(tags) != 2 || tags["byoc_resource_tag:team"] != "data" {
		t.Errorf("tags %v", tags)
	}
	// avn byoc cloud permissions get, set, add, remove
	p := a.avn("GET", one+"/permissions", "").wants(200).body
	if len(p["accounts"].([]any))+len(p["projects"].([]any)) != 0 {
		t.Errorf("%v", p)
	}
	a.avn("PUT", one+"/permissions", `{"accounts": ["unit-1"], "projects": []}`).wants(200)
	a.avn("PUT", one+"/permissions", `{"accounts": ["unit-1"], "projects": ["project-1"]}`).wants(200)
	a.avn("PUT", one+"/permissions", `{"accounts": [], "projects": []}`).wants(200)
	// avn byoc template terraform get-template, get-vars
	if s := a.avn("GET", one+"/infra-templates/terraform/template", "").wants(200).body["template"].(string); !strings.Contains(s, "aws_iam_role") {
		t.Error(s)
	}
	if s := a.avn("GET", one+"/infra-templates/terraform/variables", "").wants(200).body["variables"].(string); !strings.Contains(s, "external_id") {
		t.Error(s)
	}
	// avn byoc provision without a role, then with one that does not fit
	a.avn("POST", one+"/provision", `{}`).wants(400)
	r := a.avn("POST", one+"/provision", `{"aws_iam_role_arn": "arn:aws:iam::222222222222:role/other"}`).wants(400)
	if m, _ := r.body["message"].(string); !strings.Contains(m, c["byoc_unique_name"].(string)) {
		t.Errorf("the sentence that avn prints: %s", r.text)
	}
	// avn byoc delete
	a.avn("DELETE", one+"?force=false", "").wants(200)
}

// terraform sends a request as the provider does.
func (a *api) terraform(method, path, body string) response {
	a.Helper()
	return a.as(admin, method, path+"?limit=999", body, header("Content-Type", "application/json"), header("User-Agent", "go-client-codegen/0.237.0 terraform-provider-aiven/4"))
}

func TestTheTerraformProvider(t *testing.T) {
	a := newAPI(t)
	const entity = `{"cloud_provider":"aws","cloud_region":"eu-west-1","contact_emails":[{"email":"ops@example.com","real_name":"Ops Team","role":"admin"},{"email":"devops@example.com","role":"ops"}],"deployment_model":"standard","display_name":"main","reserved_cidr":"10.0.0.0/16"}`
	created := a.terraform("POST", acmes, entity).wants(201).cloud()
	id := created["custom_cloud_environment_id"].(string)
	one := acmes + "/" + id
	// A plan after the apply: what is read is what was written, and what is
	// computed stays as it is.
	for range 2 {
		read := a.terraform("GET", one, "").wants(200).cloud()
		for _, name := range entityAttributes {
			if encoded(t, read[name]) != encoded(t, created[name]) {
				t.Errorf("%s changed by itself: %v, %v", name, created[name], read[name])
			}
		}
	}
	if contacts := encoded(t, created["contact_emails"]); contacts != `[{"email":"ops@example.com","real_name":"Ops Team","role":"admin"},{"email":"devops@example.com","role":"ops"}]` {
		t.Errorf("an attribute that was not configured is in %s", contacts)
	}
	// An update sends everything that is configured, what cannot change too.
	a.inState(id, cloud.Active)
	updated := a.terraform("PUT", one, strings.Replace(entity, `"main"`, `"renamed"`, 1)).wants(200).cloud()
	if updated["display_name"] != "renamed" || updated["aiven_aws_assume_role_external_id"] != created["aiven_aws_assume_role_external_id"] {
		t.Errorf("%v", updated)
	}
	// Import by ORG/ID is a read; of one that is not there, nothing.
	a.terraform("GET", one, "").wants(200)
	a.terraform("GET", acmes+"/00000000-0000-4000-8000-000000000000", "").wants(404)

	// aiven_byoc_permissions: set, read, and empty lists where it is destroyed;
	// lists that are not configured are null.
	a.terraform("PUT", one+"/permissions", `{"accounts":["acc-acme"],"projects":null}`).wants(200)
	if p := a.terraform("GET", one+"/permissions", "").wants(200); p.text != `{"accounts":["acc-acme"],"projects":[]}`+"\n" {
		t.Error(p.text)
	}
	a.terraform("PUT", one+"/permissions", `{"accounts":[],"projects":[]}`).wants(200)
}

func TestTheTerraformProvidersProvision(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	one := acmes + "/" + id
	role := roleARN + cloud.Stem(id) + "-iam-role"
	body := `{"aws_iam_role_arn":"` + role + `"}`
	if c := a.terraform("POST", one+"/provision", body).wants(200).cloud(); c["state"] != "validating" || c["aws_iam_role_arn"] != role {
		t.Errorf("%v", c)
	}
	// It polls for active, and takes "already exists" for its own success.
	for _, state := range []cloud.State{cloud.Validating, cloud.Creating, cloud.Active} {
		a.inState(id, state)
		if c := a.terraform("GET", one, "").wants(200).cloud(); c["state"] != string(state) {
			t.Errorf("%v", c["state"])
		}
	}
	r := a.terraform("POST", one+"/provision", body).wants(http.StatusConflict)
	if !strings.Contains(r.body["message"].(string), "already exists") {
		t.Error(r.text)
	}
	// Destroying provision deletes, and waits for deleted; destroying the entity
	// deletes once more, and reads what is deleted.
	a.terraform("DELETE", one, "").wants(200)
	a.terraform("DELETE", one, "").wants(200)
	a.inState(id, cloud.Deleted)
	if c := a.terraform("GET", one, "").wants(200).cloud(); c["state"] != "deleted" {
		t.Errorf("%v", c["state"])
	}
	a.terraform("DELETE", one, "").wants(200)
}

// entityAttributes are what aiven_byoc_aws_entity keeps in its state.
var entityAttributes = []string{
	"aiven_aws_account_principal", "aiven_aws_assume_role_external_id", "aiven_management_cidr_blocks", "aws_subnets_bastion", "aws_subnets_workload",
	"bucket_names", "byoc_resource_tags", "byoc_unique_name", "cloud_provider", "cloud_region", "contact_emails", "custom_cloud_environment_id",
	"deployment_model", "display_name", "reserved_cidr", "tags", "use_customer_owned_storage",
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(b)
}
