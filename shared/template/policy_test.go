package template_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"byoc/infra/local/iampolicy"
	"byoc/shared/cloud"
	"byoc/shared/network"
	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

const cloudID = "0b6a6a2c-5a3f-4f8e-9f0b-1d2c3b4a5968"

func values() template.Values {
	return template.ValuesFor(cloud.Cloud{ID: cloudID, Region: "eu-west-1", ExternalID: "ext-5f1d7a90c2b34e6f"},
		"arn:aws:iam::111111111111:role/byoc-customer-access")
}

func parse(t *testing.T, name, text string) iampolicy.Policies {
	t.Helper()
	p, err := iampolicy.Parse(name, text)
	if err != nil {
		t.Fatal(err)
	}
	return iampolicy.Policies{Identity: []iampolicy.Policy{p}}
}

func allowed(t *testing.T, p iampolicy.Policies, r iampolicy.Request) bool {
	t.Helper()
	d, err := iampolicy.Evaluate(p, r)
	if err != nil {
		t.Fatal(err)
	}
	return d.Allowed
}

func rolePolicy(t *testing.T) (string, rolepolicy.Document) {
	t.Helper()
	text, err := template.RolePolicy(values())
	if err != nil {
		t.Fatal(err)
	}
	d, err := rolepolicy.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return text, d
}

func TestPolicyFitsIAMsLimit(t *testing.T) {
	text, _ := rolePolicy(t)
	n := utf8.RuneCountInString(strings.Join(strings.Fields(text), ""))
	t.Logf("%d characters", n)
	if n >= rolepolicy.MaxCharacters {
		t.Errorf("%d characters of %d", n, rolepolicy.MaxCharacters)
	}
}

// requests are what a statement allows, each on a resource in region, under the
// name that the condition asks for, with name in place of the cloud's own.
func requests(s rolepolicy.Statement, region, name string) []iampolicy.Request {
	var out []iampolicy.Request
	for _, action := range s.Action {
		for _, resource := range s.Resource {
			resource = strings.ReplaceAll(resource, ":*:", ":222222222222:")
			resource = strings.ReplaceAll(strings.ReplaceAll(resource, "::*", "::222222222222"), "/*", "/x-1")
			resource = strings.ReplaceAll(resource, "eu-west-1", region)
			contexts := []map[string][]string{{"aws:RequestedRegion": {region}}}
			for _, keys := range s.Condition {
				for key := range keys {
					if strings.HasSuffix(key, "/Name") {
						contexts[0][key] = []string{name + "-x"}
					}
				}
			}
			if action == "ec2:CreateTags" {
				contexts = nil
				for _, creator := range s.Condition["StringEquals"]["ec2:CreateAction"] {
					contexts = append(contexts, map[string][]string{"ec2:CreateAction": {creator}, "aws:TagKeys": rolepolicy.TagKeys()})
				}
			}
			for _, c := range contexts {
				out = append(out, iampolicy.Request{Action: action, Resource: resource, Context: c})
			}
		}
	}
	return out
}

// Whatever the role's policy allows, customer-policy.json allows, its denials
// included; and it allows none of it on another cloud or in another region.
func TestPolicyIsPartOfTheCustomersAndNarrower(t *testing.T) {
	text, document := rolePolicy(t)
	role := parse(t, "role", text)
	customers, err := os.ReadFile("testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	customer := parse(t, "customer", string(customers))
	for _, s := range document.Statement {
		if s.Effect != "Allow" {
			t.Errorf("%s: %s", s.Sid, s.Effect)
		}
		own := requests(s, "eu-west-1", values().Stem)
		for _, r := range own {
			if !allowed(t, role, r) {
				t.Errorf("%s: the role may not %+v", s.Sid, r)
			}
			if !allowed(t, customer, r) {
				t.Errorf("%s: customer-policy.json does not allow %+v", s.Sid, r)
			}
		}
		others := requests(s, "us-east-1", values().Stem)
		if s.Action[0] == "iam:GetRole" {
			others = nil
		}
		if _, named := s.Condition["StringLike"]; named {
			others = append(others, requests(s, "eu-west-1", "cce-ffffffffffffffffffffffffffffffff")...)
			for _, r := range own {
				r.Context = nil
				others = append(others, r)
			}
		}
		for _, r := range others {
			if allowed(t, role, r) {
				t.Errorf("%s: the role may %+v", s.Sid, r)
			}
		}
	}
}

// The policy allows exactly what the steps declare: each grant under its own
// condition, and no action besides.
func TestPolicyIsWhatTheStepsNeed(t *testing.T) {
	text, document := rolePolicy(t)
	role := parse(t, "role", text)
	needed := map[string]bool{"ec2:CreateTags": true}
	for _, a := range []string{"GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"} {
		needed["iam:"+a] = true
	}
	for _, g := range grants() {
		needed[g.Action] = true
		if g.Condition == rolepolicy.Anything && !strings.HasPrefix(g.Action, "ec2:Describe") {
			t.Errorf("%s is needed on any resource", g.Action)
		}
		for condition, key := range map[rolepolicy.Condition]string{
			rolepolicy.NamedInRequest: "aws:RequestTag/Name", rolepolicy.NamedOnResource: "ec2:ResourceTag/Name",
		} {
			if g.Condition == rolepolicy.Anything {
				continue
			}
			r := iampolicy.Request{
				Action: g.Action, Resource: "arn:aws:ec2:eu-west-1:222222222222:" + g.ResourceType + "/x-1",
				Context: map[string][]string{key: {values().Stem + "-x"}},
			}
			if got := allowed(t, role, r); got != (g.Condition == condition) {
				t.Errorf("%s on %s with %s: allowed %t", g.Action, g.ResourceType, key, got)
			}
		}
	}
	for _, s := range document.Statement {
		for _, a := range s.Action {
			if !needed[a] {
				t.Errorf("%s: no step needs %s", s.Sid, a)
			}
		}
		if rolepolicy.Why(s.Sid) == "" {
			t.Errorf("%s: nothing says why", s.Sid)
		}
	}
}

func TestTagKeysAreTheOnesThatStepsSet(t *testing.T) {
	set := network.TagKeys()
	slices.Sort(set)
	if !slices.Equal(set, rolepolicy.TagKeys()) {
		t.Errorf("steps set %v", set)
	}
}

// same compares two JSON texts.
func same(t *testing.T, got, want string) {
	t.Helper()
	var g, w any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	a, _ := json.Marshal(g)
	b, _ := json.Marshal(w)
	if string(a) != string(b) {
		t.Errorf("got  %s\nwant %s", a, b)
	}
}
