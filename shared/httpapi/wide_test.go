package httpapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// lambdaAnswer is the longest answer of a Lambda function; the gateway makes a
// 502 of a longer one.
const lambdaAnswer = 6 << 20

// A body that is wrong in as many places as it has room for is refused in an
// answer that can be answered.
func TestARefusalIsNoLongerThanCanBeAnswered(t *testing.T) {
	a := newAPI(t)
	a.example(operation{})
	list := "[" + strings.Repeat("1,", 120000) + "1]"
	names, pairs := make([]string, 18000), make([]string, 18000)
	for i := range names {
		names[i], pairs[i] = fmt.Sprintf(`"%x":1`, i), fmt.Sprintf(`"%x":{}`, i)
	}
	wide := map[string]string{
		"peer_cidrs": list, "accounts": list, "projects": list, "contact_emails": list, "ingress_rules": list, "tags": "{" + strings.Join(pairs, ",") + "}",
	}
	for _, o := range documented().Operations() {
		if o.Method != http.MethodPost && o.Method != http.MethodPut {
			continue
		}
		bodies := []string{"{" + strings.Join(names, ",") + "}"}
		for name, value := range wide {
			if documented().Has(o.Method, o.Path, name) {
				bodies = append(bodies, fmt.Sprintf(`{"%s":%s}`, name, value))
			}
		}
		for _, body := range bodies {
			r := a.as(operator, o.Method, examplePath(o.Path), body)
			if r.status >= 500 || r.status == http.StatusRequestEntityTooLarge || len(r.text) > lambdaAnswer/4 {
				t.Errorf("%s %s %.40s: %d, %d bytes", o.Method, o.Path, body, r.status, len(r.text))
			}
		}
	}
	r := a.as(admin, "PUT", acmes+"/"+exampleCloud, `{"peer_cidrs":`+list+`}`).wants(400)
	if n := len(r.body["errors"].([]any)); n != cloud.MaxReported || !strings.Contains(r.body["message"].(string), "120001 fields") {
		t.Errorf("%d errors: %v", n, r.body["message"])
	}
}

// A port that was left out is no port 0, and opens nothing up to the other one.
func TestBothPortsOfARuleAreNeeded(t *testing.T) {
	a := newAPI(t)
	one := acmes + "/" + a.draft()
	for left, ports := range map[string]string{
		"from_port": `"to_port":443`, "to_port": `"from_port":0`, "from_port and to_port": `"description":"all"`, "a null from_port": `"from_port":null,"to_port":443`,
	} {
		r := a.as(admin, "PUT", one, `{"ingress_rules":[{"protocol":"tcp","cidr":"10.9.0.0/24",`+ports+`}]}`).wants(400)
		if !strings.HasPrefix(r.locations()[0], "body.ingress_rules[0].") {
			t.Errorf("%s left out: %s", left, r.text)
		}
	}
	a.as(admin, "PUT", one, `{"ingress_rules":[{"protocol":"tcp","cidr":"10.9.0.0/24","from_port":0,"to_port":0}]}`).wants(200)
}

func TestUnknownFieldsOfOurOwnPathsAreNamedInItemsToo(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	a.inState(id, cloud.Active)
	for path, c := range map[string]struct{ body, location string }{
		acme + "/custom-cloud-requests": {`{"cloud_provider":"google","cloud_region":"x","display_name":"G","contact_emails":[{"email":"a@example.com"},{"email":"b@example.com","phone":"1"}]}`, "body.contact_emails[1].phone"},
		acmes + "/" + id + "/repair":    {`{"deep":true}`, "body.deep"},
		acmes + "/" + id + "/preflight": {`{"deep":true}`, "body.deep"},
	} {
		if r := a.as(admin, "POST", path, c.body).wants(400); strings.Join(r.locations(), " ") != c.location {
			t.Errorf("%s: %s", path, r.text)
		}
	}
	a.as(admin, "POST", acmes+"/"+id+"/repair", "{ }").wants(200)
}

// Every list pages, those too that are never long.
func TestEveryListTakesLimitAndCursor(t *testing.T) {
	a := newAPI(t)
	a.units = append(a.units, cloud.Unit{ID: "unit-2", OrganizationID: "acme", Name: "Two", ParentID: "unit-1", Version: 1})
	for i := range 3 {
		id := fmt.Sprintf("cloud-%d", i)
		a.clouds[id] = cloud.Cloud{ID: id, OrganizationID: "acme", DisplayName: id, Region: "eu-west-1", State: cloud.Active, Accounts: []string{"acc-acme"}}
	}
	for path, c := range map[string]struct {
		list, id string
		want     []string
	}{
		"/v1/account":                  {"accounts", "account_id", []string{"acc-acme", "unit-1", "unit-2"}},
		"/v1/organizations":            {"organizations", "organization_id", []string{"acme"}},
		"/v1/project/project-1/clouds": {"clouds", "custom_cloud_environment_id", []string{"cloud-0", "cloud-1", "cloud-2"}},
		acme + "/units":                {"units", "unit_id", []string{"unit-1", "unit-2"}},
	} {
		var got []string
		for query := "?limit=1"; query != ""; {
			r := a.as(admin, "GET", path+query, "").wants(200)
			for _, row := range r.body[c.list].([]any) {
				got = append(got, row.(map[string]any)[c.id].(string))
			}
			next, more := r.body["next_cursor"].(string)
			if query = ""; more {
				query = "?limit=1&cursor=" + next
			}
			if len(got) > len(c.want) {
				break
			}
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %v instead of %v", path, got, c.want)
		}
		a.as(admin, "GET", path+"?limit=999", "").wants(200)
		for _, query := range []string{"?limit=0", "?limit=1001", "?limit=x", "?cursor=!"} {
			a.as(admin, "GET", path+query, "").wants(400)
		}
	}
}
