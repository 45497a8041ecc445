package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byoc/shared/cloud"
)

// hostile values, as JSON.
func hostileValues() []string {
	values := []string{
		`null`, `true`, `0`, `-1`, `1e400`, `1.5`, `99999999999999999999`, `""`, `" "`, `[]`, `{}`, `[[]]`, `[null]`, `{"a":null}`, `{"a":{}}`, `[{}]`,
		`"\u0000"`, `"a\u0000b"`, `"\n"`, `"\ud800"`, `"\u202egnp.exe"`, `"\u200b"`, `"e\u0301"`, `"Ⅿain"`, `"Маin"`, `"<script>alert(1)</script>"`,
		`"${jndi:ldap://x}"`, `"'; DROP TABLE clouds; --"`, `"../../etc/passwd"`, `"%00"`, `"{{7*7}}"`, `"` + strings.Repeat("a", 10000) + `"`,
		"\"\xff\xfe\"", `"unterminated`, `nope`, strings.Repeat("[", 20000), strings.Repeat(`{"a":`, 20000), strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		`["10.0.0.0/8", null, 3]`, `{"__proto__": "x"}`, `{"a":"1","a":"2"}`,
	}
	for _, cidr := range []string{
		"10.0.0.0", "10.0.0.0/", "/16", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/016", "010.0.0.0/16", "0x0a.0.0.0/16", "167772160/16", "10.0/16",
		" 10.0.0.0/16", "10.0.0.0/16 ", "10.0.0.0 /16", "10.0.0.0/16/16", "10.0.0.1/16", "10.0.0.0/15", "10.0.0.0/25", "11.0.0.0/16", "172.32.0.0/16",
		"fd00::/16", "::ffff:10.0.0.0/112", "fe80::1%eth0/64", "10.0.0.0/१६", "１０.0.0.0/16", "10.0.0.0/255.255.0.0", "10.0.0.0\\/16", "10.0.0.256/24",
	} {
		quoted, _ := json.Marshal(cidr)
		values = append(values, string(quoted))
	}
	return values
}

var bodyFields = []string{
	"cloud_provider", "cloud_region", "deployment_model", "display_name", "reserved_cidr", "contact_emails", "tags", "peer_cidrs",
	"nat_gateways", "ingress_rules", "aws_iam_role_arn", "accounts", "projects", "enabled", "comment", "organization_name", "account_id", "support_tier",
	"unit_name", "parent_id", "project_name", "unit_id", "role", "email", "real_name", "member_id", "description", "expires_at",
}

func TestHostileBodiesNeverFailOnOurSide(t *testing.T) {
	a := newAPI(t)
	a.example(operation{})
	type target struct {
		method, path string
		fields       []string
	}
	var targets []target
	for _, o := range documented().Operations() {
		if o.Method != "POST" && o.Method != "PUT" {
			continue
		}
		// The fields that the path has, and one that it has not.
		t := target{o.Method, examplePath(o.Path), []string{"x"}}
		for _, name := range bodyFields {
			if documented().Has(o.Method, o.Path, name) {
				t.fields = append(t.fields, name)
			}
		}
		targets = append(targets, t)
	}
	for _, value := range hostileValues() {
		for _, target := range targets {
			for _, name := range target.fields {
				body := fmt.Sprintf(`{"%s":%s}`, name, value)
				if target.method == "POST" && target.path == acmes {
					body = fmt.Sprintf(`%s,"%s":%s}`, strings.TrimSuffix(draftBody, "}"), name, value)
				}
				r := a.as(operator, target.method, target.path, body)
				a.checkHostile(r, target.method+" "+target.path+" "+fmt.Sprintf("%.100s", body))
			}
			a.checkHostile(a.as(operator, target.method, target.path, value), target.path+" "+fmt.Sprintf("%.100s", value))
		}
	}
}

// checkHostile: no 5xx, no trace, an error says what is wrong.
func (a *api) checkHostile(r response, what string) {
	a.Helper()
	if r.status >= 500 || strings.Contains(r.text, "goroutine") {
		a.Fatalf("%s: %d %s", what, r.status, r.text)
	}
	if r.status >= 400 {
		r.wantsProblem(r.status)
	}
}

func TestARefusedFieldIsNamedWithWhatWouldBeRight(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct{ field, value, says string }{
		{"reserved_cidr", `"10.0.0.1/16"`, "10.0.0.0/16"}, {"reserved_cidr", `"fd00::/16"`, "IPv4"}, {"reserved_cidr", `"8.8.8.0/24"`, "RFC 1918"},
		{"reserved_cidr", `16`, "a string"}, {"display_name", `"a\u0000b"`, "control"}, {"display_name", `"\u202ex"`, "control"},
		{"cloud_provider", `"azure"`, "custom-cloud-requests"}, {"deployment_model", `"hipaa"`, "standard"}, {"tags", `["a"]`, "an object"},
		{"nat_gateways", `"none"`, "per_az"}, {"contact_emails", `[]`, "1 to 100"}, {"peer_cidrs", `"10.0.0.0/8"`, "a list"},
	} {
		body := fmt.Sprintf(`%s,"%s":%s}`, strings.TrimSuffix(draftBody, "}"), c.field, c.value)
		r := a.as(admin, "POST", acmes, body).wants(400)
		if got := r.locations(); len(got) != 1 || got[0] != "body."+c.field || !strings.Contains(r.text, c.says) {
			t.Errorf("%s = %s: %s", c.field, c.value, r.text)
		}
	}
	if len(a.clouds) != 0 {
		t.Error("something was created")
	}
}

var hostileIDs = []string{
	"..", ".", "../other", "%2e%2e", "..%2f..%2fother", "%00", "a%00b", "%2F", "a/b", "%20", "x%0d%0aX-Evil:1", "%", "%zz", "?x", "#x",
	"*", "null", "ORG#other", "acme%23CLOUD%23x", strings.Repeat("a", 5000), "%ff", "%E2%80%AE", "11111111-1111-4111-8111-11111111111G",
	"urn:uuid:11111111-1111-4111-8111-111111111111", "{11111111-1111-4111-8111-111111111111}", "11111111111141118111111111111111",
}

func TestHostilePathsNeverFailOnOurSide(t *testing.T) {
	a := newAPI(t)
	a.clouds["secret"] = cloud.Cloud{ID: "secret", OrganizationID: "other", DisplayName: "Main of other"}
	send := func(who, method, path string) {
		r := httptest.NewRequest(method, "http://api.example.com/", nil)
		r.URL = &url.URL{Scheme: "http", Host: "api.example.com", Path: path}
		if u, err := url.Parse("http://api.example.com" + path); err == nil {
			r.URL = u
		}
		r.Header.Set("Authorization", "Bearer "+who)
		w := httptest.NewRecorder()
		a.handler.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code < 400 && w.Code >= 300 || strings.Contains(w.Body.String(), "of other") || w.Header().Get("X-Evil") != "" {
			t.Errorf("%s %.100s as %s: %d %s", method, path, who, w.Code, w.Body)
		}
		if w.Code >= 300 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %.100s: %v", method, path, w.Header())
		}
	}
	for _, id := range hostileIDs {
		for _, r := range a.server.routes() {
			for _, who := range []string{admin, operator} {
				send(who, r.method, strings.NewReplacer("{"+organizationParam+"}", id, "{"+cloudParam+"}", id, "{"+accountParam+"}", id).Replace(r.path))
				send(who, r.method, strings.NewReplacer("{"+organizationParam+"}", "acme", "{"+cloudParam+"}", id, "{"+accountParam+"}", id).Replace(r.path))
			}
		}
	}
	for _, path := range []string{"", "*", "//", "//evil.example.com/", "/v1//organizations", "/v1/organizations/", "/v1/./health", "/V1/health"} {
		send(admin, http.MethodGet, path)
	}
}

func TestHostileHeadersAndQueriesNeverFailOnOurSide(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	for _, value := range []string{"", " ", "\x00", "*", "\"", "W/", ",,,", "text/plain;q=x", "text/plain;q=NaN", "aivenv1", "Bearer", "Bearer ", "Basic YTpi", "aivenv1  " + admin[1:], "Bearer " + strings.Repeat("x", 10000), "‮"} {
		for _, name := range []string{"Authorization", "Accept", "If-Match", "Content-Type", "X-Request-Id", keyHeader} {
			for _, path := range []string{acmes + "/" + id, acmes + "/" + id + "/infra-templates/terraform/template"} {
				a.checkHostile(a.as(admin, "GET", path, "", header(name, value)), name+": "+value)
				a.checkHostile(a.as(admin, "PUT", path, "{}", header(name, value)), name+": "+value)
				a.checkHostile(a.as(admin, "POST", acmes, "{}", header(name, value)), name+": "+value)
			}
		}
		query := url.QueryEscape(value)
		for _, name := range []string{"limit", "cursor", "state", "cloud_region", "display_name", "force"} {
			a.checkHostile(a.as(admin, "GET", acmes+"?"+name+"="+query, ""), name+"="+value)
		}
	}
	for _, raw := range []string{"?%zz", "?limit", "?limit=1&limit=x", "?;", "?&&&=", "?cursor=%ff"} {
		r := httptest.NewRequest("GET", "http://api.example.com"+acmes+raw, nil)
		r.Header.Set("Authorization", "aivenv1 "+admin)
		w := httptest.NewRecorder()
		if a.handler.ServeHTTP(w, r); w.Code >= 500 {
			t.Errorf("%s: %d %s", raw, w.Code, w.Body)
		}
	}
}

// Whatever JSON a client thinks of, it is answered with a status below 500, and
// what was accepted can be read back.
func TestAnyJSONIsAnswered(t *testing.T) {
	a := newAPI(t)
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.String().AsAny(), rapid.SampledFrom([]string{"aws", "eu-west-1", "standard", "10.0.0.0/16", "tcp"}).AsAny(),
	)
	any1 := rapid.OneOf(scalar, rapid.SliceOfN(scalar, 0, 3).AsAny(), rapid.MapOfN(rapid.SampledFrom([]string{"email", "role", "protocol", "from_port", "cidr", "x"}), scalar, 0, 3).AsAny())
	any2 := rapid.OneOf(any1, rapid.SliceOfN(any1, 0, 3).AsAny())
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(rapid.MapOfN(rapid.SampledFrom(bodyFields), any2, 0, 6).Draw(t, "body"))
		if err != nil {
			t.Skip()
		}
		r := a.as(admin, "POST", acmes, string(body))
		switch {
		case r.status >= 500:
			t.Fatalf("%s: %d %s", body, r.status, r.text)
		case r.status == 201:
			id := r.cloud()["custom_cloud_environment_id"].(string)
			a.as(admin, "GET", acmes+"/"+id, "").wants(200)
			a.as(admin, "DELETE", acmes+"/"+id, "").wants(200)
		}
	})
}
