// Package policyproof holds three things against each other: what the steps of
// the network declare, the role's policy that is made of it, and the calls that
// were really made through the role.
package policyproof

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"byoc/infra/local/authorization"
	"byoc/infra/local/iampolicy"
	"byoc/shared/network"
	"byoc/shared/template/rolepolicy"
)

// Grants is what the steps declare, as the role's policy is made of it.
func Grants(declared []network.Action) []rolepolicy.Grant {
	var all []rolepolicy.Grant
	for _, a := range declared {
		g := rolepolicy.Grant{Action: a.Name, ResourceType: a.Resource, TagsOnCreate: a.TagOnCreate}
		switch {
		case a.NameTagInRequest:
			g.Condition = rolepolicy.NamedInRequest
		case a.NameTagOnResource:
			g.Condition = rolepolicy.NamedOnResource
		}
		if a.Resource == "*" {
			g.ResourceType = ""
		}
		all = append(all, g)
	}
	return all
}

// Proof is one custom cloud's life.
type Proof struct {
	Stem, Region string
	// Customer is customer-policy.json.
	Customer string
	// Granted is every authorization that AWS asked for on the way.
	Granted []authorization.Authorization
}

// Judge answers everything that is wrong with a declaration: a call that the
// policy made of it, or the customer's, does not allow; a call that no step
// declares; a declaration, or an action of the policy, that no call needs.
func (p Proof) Judge(declared []network.Action) ([]string, error) {
	role := rolepolicy.From(rolepolicy.CurrentVersion, Grants(declared)).For(p.Stem, p.Region)
	policies := map[string]string{"the role's policy": role.JSON(), "customer-policy.json": p.Customer}
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(policies)) {
		policy, err := iampolicy.Parse(name, policies[name])
		if err != nil {
			return nil, err
		}
		for _, g := range p.Granted {
			decision, err := iampolicy.Evaluate(iampolicy.Policies{Identity: []iampolicy.Policy{policy}},
				iampolicy.Request{Action: g.Action, Resource: g.Resource, Context: g.Context})
			if err != nil {
				return nil, err
			}
			if !decision.Allowed {
				wrong = append(wrong, fmt.Sprintf("%s does not allow %s on %s", name, g.Action, g.Resource))
			}
		}
	}
	needed, used, actions := Pairs(declared), map[string]bool{}, map[string]bool{}
	for _, g := range p.Granted {
		kind := typeOf(g.Resource)
		if needed[g.Action+" on *"] {
			// What looks is declared on everything, although AWS knows a resource
			// for one of these actions (DescribeVpcAttribute).
			kind = "*"
		}
		used[g.Action+" on "+kind] = true
		actions[g.Action] = true
	}
	for pair := range used {
		if !needed[pair] {
			wrong = append(wrong, "a call needs "+pair+", and no step declares it")
		}
	}
	for pair := range needed {
		if !used[pair] {
			wrong = append(wrong, "a step declares "+pair+", and no call needs it")
		}
	}
	for _, s := range role.Statement {
		for _, a := range s.Action {
			if !actions[a] {
				wrong = append(wrong, s.Sid+" allows "+a+", and no call needs it")
			}
		}
	}
	slices.Sort(wrong)
	return wrong, nil
}

// Pairs are the actions, each with a resource type, that steps declare, and
// what goes with them: tags on creation, and the role's look at itself.
func Pairs(declared []network.Action) map[string]bool {
	pairs := map[string]bool{}
	for _, action := range []string{"GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListRolePolicies"} {
		pairs["iam:"+action+" on role"] = true
	}
	for _, a := range declared {
		pairs[a.Name+" on "+a.Resource] = true
		if a.TagOnCreate {
			pairs["ec2:CreateTags on "+a.Resource] = true
		}
	}
	return pairs
}

// typeOf is the type in an ARN, or *.
func typeOf(arn string) string {
	kind, _, _ := strings.Cut(arn[strings.LastIndexByte(arn, ':')+1:], "/")
	return kind
}
