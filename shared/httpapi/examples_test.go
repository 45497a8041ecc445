package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// Every example of the document is sent, and answered as the document says. A
// route without one is sent without a body.
func TestEveryDocumentedExampleIsAnsweredAsDocumented(t *testing.T) {
	described := operations(schemas{})
	for _, o := range documented().Operations() {
		d := described[o.Method+" "+o.Path]
		if d.optional || len(o.Examples) == 0 {
			o.Examples["no body"] = nil
		}
		for name, example := range o.Examples {
			t.Run(d.id+"/"+name, func(t *testing.T) {
				a := newAPI(t)
				a.example(d)
				body := ""
				if example != nil {
					text, err := json.Marshal(example)
					if err != nil {
						t.Fatal(err)
					}
					if err := documented().Request(o.Method, o.Path, text); err != nil {
						t.Error(err)
					}
					body = string(text)
				}
				who := operator
				if d.given == nil && d.in == "" && strings.Contains(o.Path, "/account") {
					who = admin
				}
				r := a.as(who, o.Method, examplePath(o.Path), body)
				if r.status != d.status {
					t.Errorf("%d instead of %d: %s", r.status, d.status, r.text)
				}
			})
		}
	}
	// What is there already, and what is not there yet, have statuses of their own.
	a := newAPI(t)
	a.example(described["PUT "+servicePath])
	a.as(operator, "PUT", examplePath(servicePath), "").wants(201)
	a.as(operator, "PUT", examplePath(servicePath), "").wants(200)
	a.as(operator, "PUT", "/v1/organization/new", `{"organization_name":"New","account_id":"acc-new"}`).wants(201)
	if unused := documented().Unused(); len(unused) > 0 {
		t.Errorf("the document promises what no example gets: %v", unused)
	}
}

// example prepares what an example is about.
func (a *api) example(d operation) {
	state := d.in
	if state == "" {
		state = cloud.Draft
	}
	a.clouds[exampleCloud] = cloud.Cloud{
		ID: exampleCloud, OrganizationID: "acme", DisplayName: "Main", Provider: "aws", Region: "eu-west-1", DeploymentModel: "standard",
		CIDR: "10.1.0.0/16", NATGateways: cloud.NATPerZone, State: state, Version: 1, ExternalID: "external",
		Contacts: []cloud.Contact{{Email: "ann@example.com"}}, CreatedAt: a.now, UpdatedAt: a.now,
	}
	if d.given != nil {
		d.given(a)
	}
	// The operator has no address that could become a contact.
	p := a.tokens[hashOf(operator)]
	p.Principal.Email = "op@example.com"
	a.tokens[hashOf(operator)] = p
}

func examplePath(path string) string {
	return strings.NewReplacer(
		"{organization_id}", "acme", "{custom_cloud_environment_id}", exampleCloud, "{service}", "pg-main", "{project}", "project-1",
		"{unit_id}", "unit-1", "{project_id}", "project-1", "{member_id}", "ann", "{account_id}", "acc-acme", "{token_id}", cloud.TokenID(hashOf(admin)),
	).Replace(path)
}

// A schema that refuses nothing proves nothing.
func TestTheContractRefusesWhatIsNotInIt(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	path := acmes + "/" + id
	good := a.as(admin, "GET", path, "").wants(200)
	alter := func(change func(map[string]any)) []byte {
		var body map[string]any
		if err := json.Unmarshal([]byte(good.text), &body); err != nil {
			t.Fatal(err)
		}
		change(body["custom_cloud_environment"].(map[string]any))
		text, _ := json.Marshal(body)
		return text
	}
	check := documented().Check
	for name, err := range map[string]error{
		"a field too many":    check("GET", path, 200, good.header, alter(func(c map[string]any) { c["new"] = 1 })),
		"a field less":        check("GET", path, 200, good.header, alter(func(c map[string]any) { delete(c, "state") })),
		"another type":        check("GET", path, 200, good.header, alter(func(c map[string]any) { c["tags"] = []any{} })),
		"another state":       check("GET", path, 200, good.header, alter(func(c map[string]any) { c["state"] = "gone" })),
		"another status":      check("GET", path, 204, good.header, nil),
		"an unknown path":     check("GET", "/v1/other", 200, good.header, []byte("{}")),
		"an unknown method":   check("PATCH", path, 200, good.header, []byte("{}")),
		"no ETag":             check("GET", path, 200, http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"r"}}, []byte(good.text)),
		"another kind":        check("GET", path, 200, http.Header{"Content-Type": {"text/html"}, "Etag": {"1"}, "X-Request-Id": {"r"}}, []byte(good.text)),
		"an error of its own": check("GET", path, 404, http.Header{"Content-Type": {"application/problem+json"}}, []byte(`{"error":"no"}`)),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
