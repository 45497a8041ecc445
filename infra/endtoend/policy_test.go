package endtoend

import (
	"os"
	"slices"
	"strings"
	"testing"

	"byoc/shared/template/rolepolicy"
)

// afterwards is what the role may do and neither provision, preflight nor
// deletion of an intact network do: the drift check looks at the VPC's
// attributes, and a repair puts back what somebody moved.
var afterwards = []string{
	"ec2:DescribeVpcAttribute on *",
	"ec2:ReplaceRoute on route-table", "ec2:ReplaceRouteTableAssociation on route-table", "ec2:ReplaceRouteTableAssociation on subnet",
}

// A custom cloud lives its life in an account where the customer's own policy
// bounds the role: every call is judged by both policies, and one that either
// denies fails the run. What the role's policy allows and no call needs is
// found here too, so that the policy can neither lack nor exceed.
func TestTheRoleMayDoWhatIsDoneAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bound, err := os.ReadFile("../../shared/template/testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	c := w.draft(map[string]any{"ingress_rules": []map[string]any{
		{"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr": "10.9.0.0/16", "description": "analysts"},
	}})
	roleARN := w.role(c, nil)
	w.boundary(c, string(bound))
	if c = w.provision(c, roleARN); c.State != "active" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.preflight(c, roleARN)
	if c = w.delete(c); c.State != "deleted" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.wantEmpty()

	used := map[string]bool{}
	for _, u := range system.Enforcer.Used()[roleARN] {
		used[u.Action+" on "+typeOf(u.Resource)] = true
	}
	policy, err := rolepolicy.For(c.UniqueName, c.Region)
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]bool{}
	for _, s := range policy.Statement {
		for _, action := range s.Action {
			for _, resource := range s.Resource {
				allowed[action+" on "+typeOf(resource)] = true
			}
		}
	}
	// One statement has several actions and types; what no step declares of
	// their pairs is bound by the condition on the name, and no right of use.
	needed := neededPairs()
	for pair := range needed {
		if !allowed[pair] {
			t.Errorf("a step needs %s, and the policy does not allow it", pair)
		}
		if used[pair] == slices.Contains(afterwards, pair) {
			t.Errorf("%s: used %t", pair, used[pair])
		}
	}
	for pair := range allowed {
		action, _, _ := strings.Cut(pair, " on ")
		if !slices.ContainsFunc(keys(needed), func(n string) bool { return strings.HasPrefix(n, action+" on ") }) {
			t.Errorf("the policy allows %s, and no step needs it", action)
		}
	}
	t.Logf("%d distinct authorizations, %d pairs of action and resource", len(system.Enforcer.Used()[roleARN]), len(needed))
}

// typeOf is the type in an ARN, or *.
func typeOf(arn string) string {
	last := arn[strings.LastIndexByte(arn, ':')+1:]
	kind, _, _ := strings.Cut(last, "/")
	return kind
}
