package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

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
	for _, cidr := range hostileCIDRs {
		quoted, _ := json.Marshal(cidr)
		values = append(values, string(quoted))
	}
	return values
}

// hostileCIDRs are ranges in every notation.
var hostileCIDRs = []string{
	"10.0.0.0", "10.0.0.0/", "/16", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/016", "010.0.0.0/16", "0x0a.0.0.0/16", "167772160/16", "10.0/16",
	" 10.0.0.0/16", "10.0.0.0/16 ", "10.0.0.0 /16", "10.0.0.0/16/16", "10.0.0.1/16", "10.0.0.0/15", "10.0.0.0/25", "11.0.0.0/16", "172.32.0.0/16",
	"fd00::/16", "::ffff:10.0.0.0/112", "fe80::1%eth0/64", "10.0.0.0/१६", "１０.0.0.0/16", "10.0.0.0/255.255.0.0", "10.0.0.0\\/16", "10.0.0.256/24",
}

var bodyFields = []string{
	"cloud_provider", "cloud_region", "deployment_model", "display_name", "reserved_cidr", "contact_emails", "tags", "peer_cidrs",
	"nat_gateways", "ingress_rules", "aws_iam_role_arn", "accounts", "projects", "enabled", "comment", "organization_name", "account_id", "support_tier",
	"unit_name", "parent_id", "project_name", "unit_id", "role", "email", "real_name", "member_id", "description", "expires_at",
}

var hostileIDs = []string{
	"..", ".", "../other", "%2e%2e", "..%2f..%2fother", "%00", "a%00b", "%2F", "a/b", "%20", "x%0d%0aX-Evil:1", "%", "%zz", "?x", "#x",
	"*", "null", "ORG#other", "acme%23CLOUD%23x", strings.Repeat("a", 5000), "%ff", "%E2%80%AE", "11111111-1111-4111-8111-11111111111G",
	"urn:uuid:11111111-1111-4111-8111-111111111111", "{11111111-1111-4111-8111-111111111111}", "11111111111141118111111111111111",
}

// attack is a request that nobody means well with.
type attack struct {
	token, method, path, body string
	// header and value besides, where header is not empty.
	header, value string
}

// hostileBodies: every value in every field of every body, in the items of
// lists too, and as the whole body.
func hostileBodies() (all []attack) {
	for _, o := range documented().Operations() {
		if o.Method != http.MethodPost && o.Method != http.MethodPut {
			continue
		}
		path := examplePath(o.Path)
		token := operator
		if strings.HasPrefix(path, acmes) && !strings.Contains(path, "/services/") {
			token = admin
		}
		send := func(body string) {
			all = append(all, attack{token: token, method: o.Method, path: path, body: body})
		}
		// The fields that the path has, and one that it has not.
		fields := []string{"x"}
		for _, name := range bodyFields {
			if documented().Has(o.Method, o.Path, name) {
				fields = append(fields, name)
			}
		}
		with := func(name, value string) {
			body := fmt.Sprintf(`{"%s":%s}`, name, value)
			if o.Method == http.MethodPost && path == acmes {
				body = fmt.Sprintf(`%s,"%s":%s}`, strings.TrimSuffix(draftBody, "}"), name, value)
			}
			send(body)
		}
		for _, value := range hostileValues() {
			for _, name := range fields {
				with(name, value)
			}
			for _, item := range hostileItems(value) {
				if slices.Contains(fields, item.field) {
					with(item.field, item.value)
				}
			}
			send(value)
		}
	}
	return all
}

type hostileItem struct{ field, value string }

// hostileItems are lists that hold the value in an item.
func hostileItems(value string) []hostileItem {
	items := []hostileItem{
		{"peer_cidrs", `["192.168.0.0/24",` + value + `]`}, {"accounts", "[" + value + "]"}, {"projects", "[" + value + "]"},
		{"tags", `{"key":` + value + "}"}, {"ingress_rules", `[{"protocol":"tcp","from_port":443,"to_port":443,"cidr":` + value + "}]"},
	}
	for _, field := range []string{"protocol", "from_port", "to_port", "security_group_id", "description"} {
		items = append(items, hostileItem{"ingress_rules", `[{"protocol":"tcp","from_port":443,"to_port":443,"cidr":"10.9.0.0/24","` + field + `":` + value + "}]"})
	}
	for _, field := range []string{"email", "real_name", "role"} {
		items = append(items, hostileItem{"contact_emails", `[{"email":"ops@example.com","` + field + `":` + value + "}]"})
	}
	return items
}

// hostilePaths: every id in the place of every value of every path, in one and
// in all of them.
func hostilePaths(routes []route) (all []attack) {
	for _, id := range hostileIDs {
		for _, r := range routes {
			for _, who := range []string{admin, operator} {
				send := func(path string) { all = append(all, attack{token: who, method: r.method, path: path}) }
				send(pathValue.ReplaceAllLiteralString(r.path, id))
				for _, m := range pathValue.FindAllString(r.path, -1) {
					send(examplePath(strings.Replace(r.path, m, id, 1)))
				}
			}
		}
	}
	for _, path := range []string{"", "*", "//", "//evil.example.com/", "/v1//organizations", "/v1/organizations/", "/v1/./health", "/V1/health"} {
		all = append(all, attack{token: admin, method: http.MethodGet, path: path})
	}
	return all
}

func hostileHeadersAndQueries() (all []attack) {
	one := acmes + "/" + exampleCloud
	for _, value := range []string{"", " ", "\x00", "*", "\"", "W/", ",,,", "text/plain;q=x", "text/plain;q=NaN", "aivenv1", "Bearer", "Bearer ", "Basic YTpi", "aivenv1  " + admin[1:], "Bearer " + strings.Repeat("x", 10000), "\u202e"} {
		for _, name := range []string{"Authorization", "Accept", "If-Match", "Content-Type", "X-Request-Id", keyHeader} {
			for _, path := range []string{one, one + "/infra-templates/terraform/template"} {
				all = append(all, attack{admin, "GET", path, "", name, value}, attack{admin, "PUT", path, "{}", name, value}, attack{admin, "POST", acmes, "{}", name, value})
			}
		}
		for _, name := range []string{"limit", "cursor", "state", "cloud_region", "display_name", "force"} {
			for _, path := range []string{acmes, acme + "/units", acme + "/members", one + "/events"} {
				all = append(all, attack{token: operator, method: "GET", path: path + "?" + name + "=" + url.QueryEscape(value)})
			}
			all = append(all, attack{token: admin, method: "DELETE", path: acmes + "/11111111-1111-4111-8111-111111111111?" + name + "=" + url.QueryEscape(value)})
		}
	}
	for _, raw := range []string{"?%zz", "?limit", "?limit=1&limit=x", "?;", "?&&&=", "?cursor=%ff"} {
		all = append(all, attack{token: admin, method: "GET", path: acmes + raw})
	}
	return all
}

// secret is a cloud of the other organization.
var secret = cloud.Cloud{
	ID: "22222222-2222-4222-8222-222222222222", OrganizationID: "other", DisplayName: "Main of other", Provider: "aws", Region: "eu-west-1",
	DeploymentModel: "standard", CIDR: "10.2.0.0/16", NATGateways: cloud.NATPerZone, State: cloud.Draft, Version: 1, ExternalID: "secret",
}
