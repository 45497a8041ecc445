package httpapi

import (
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestServicesOfACloud(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	service := acmes + "/" + id + "/services/pg-1"
	a.as(operator, "PUT", service, "").wants(409)
	a.inState(id, cloud.Active)
	a.as(operator, "GET", service, "").wants(404)
	if s := a.as(operator, "PUT", service, "").wants(201).body["service"].(map[string]any); s["service_name"] != "pg-1" || s["registered_time"] != "2026-11-23T12:00:00.000Z" {
		t.Errorf("%v", s)
	}
	a.as(operator, "PUT", service, "{}").wants(200)
	a.as(operator, "GET", service, "").wants(200)
	if n := a.as(admin, "GET", acmes+"/"+id, "").wants(200).cloud()["services"]; n != 1.0 {
		t.Errorf("%v services", n)
	}
	for _, query := range []string{"", "?force=true"} {
		if r := a.as(admin, "DELETE", acmes+"/"+id+query, "").wants(409); !strings.Contains(r.text, "1 service is placed") {
			t.Error(r.text)
		}
	}
	a.as(operator, "DELETE", service, "").wants(200)
	a.as(operator, "DELETE", service, "").wants(404)
	a.as(admin, "DELETE", acmes+"/"+id, "").wants(200)
	a.as(operator, "PUT", service, "").wants(409)
}

func TestAServicesPathIsOurOwn(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	a.inState(id, cloud.Active)
	if r := a.as(operator, "PUT", acmes+"/"+id+"/services/pg", `{"service_type":"pg"}`).wants(400); r.locations()[0] != "body.service_type" {
		t.Error(r.text)
	}
	a.as(operator, "PUT", acmes+"/"+id+"/services/a%20b", "").wants(400)
}

func TestACloudOnAnotherProviderIsRequested(t *testing.T) {
	a := newAPI(t)
	path := acme + "/custom-cloud-requests"
	r := a.as(admin, "POST", path, `{"cloud_provider":"google","cloud_region":"europe-west1","display_name":" G ","comment":"By May, please."}`).wants(202)
	v := r.body["custom_cloud_request"].(map[string]any)
	if v["state"] != "recorded" || v["display_name"] != "G" || v["contact_emails"].([]any)[0].(map[string]any)["email"] != "ann@example.com" {
		t.Errorf("%v", v)
	}
	if len(a.requests) != 1 || len(a.published) != 1 || a.published[0].Type != cloud.Requested || a.published[0].Request.Comment != "By May, please." {
		t.Errorf("%v %v", a.requests, a.published)
	}
	r = a.as(admin, "POST", path, `{"cloud_provider":"aws","cloud_region":3,"comment":"\u0000","contact_emails":[],"reserved_cidr":"10.0.0.1/16","nonsense":1}`).wants(400)
	want := []string{"body.cloud_provider", "body.cloud_region", "body.comment", "body.contact_emails", "body.display_name", "body.nonsense", "body.reserved_cidr"}
	if got := r.locations(); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("named %v", got)
	}
}

func TestTheCloudsOfAProjectWithTheReason(t *testing.T) {
	a := newAPI(t)
	a.units = append(a.units, cloud.Unit{ID: "unit-2", OrganizationID: "acme", ParentID: "unit-1"})
	a.projects = append(a.projects, cloud.Project{ID: "deep", OrganizationID: "acme", UnitID: "unit-2"}, cloud.Project{ID: "top", OrganizationID: "acme", UnitID: "acc-acme"})
	for id, p := range map[string]cloud.Permissions{
		"everyone": {Accounts: []string{"acc-acme", "unit-1"}}, "unit": {Accounts: []string{"unit-1"}}, "project": {Projects: []string{"deep"}}, "nobody": {},
	} {
		a.clouds[id] = cloud.Cloud{ID: id, OrganizationID: "acme", DisplayName: id, Region: "eu-west-1", State: cloud.Active, Accounts: p.Accounts, Projects: p.Projects}
	}
	a.clouds["draft"] = cloud.Cloud{ID: "draft", OrganizationID: "acme", State: cloud.Draft, Accounts: []string{"acc-acme"}}
	for project, want := range map[string]string{
		"deep": "everyone:all_projects: project:project: unit:unit:unit-1", "top": "everyone:all_projects:", "project-1": "everyone:all_projects: unit:unit:unit-1",
	} {
		for _, who := range []string{member, operator} {
			r := a.as(who, "GET", "/v1/project/"+project+"/clouds", "").wants(200)
			var got []string
			for _, c := range r.body["clouds"].([]any) {
				c := c.(map[string]any)
				unit, _ := c["unit_id"].(string)
				got = append(got, c["custom_cloud_environment_id"].(string)+":"+c["reason"].(string)+":"+unit)
				if c["cloud_name"] != "custom-"+c["custom_cloud_environment_id"].(string)+"-aws-eu-west-1" || c["geo_region"] != "europe" {
					t.Errorf("%v", c)
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s: %v instead of %s", project, got, want)
			}
		}
	}
	for _, who := range []string{stranger, admin} {
		a.as(who, "GET", "/v1/project/nothing/clouds", "").wants(404)
	}
	a.as(stranger, "GET", "/v1/project/deep/clouds", "").wants(404)
	a.as(admin, "GET", "/v1/project/project-other/clouds", "").wants(404)
}
