package rolepolicy

import (
	"slices"
	"strings"
)

// Condition says whose Name tag a grant looks at.
type Condition int

const (
	// Anything: the action knows no resource, or none with a name (Describe*).
	Anything Condition = iota
	// NamedInRequest: the call gives the new resource a name of this cloud's.
	NamedInRequest
	// NamedOnResource: the resource already has a name of this cloud's.
	NamedOnResource
)

// Grant is one permission that a step of the network needs.
type Grant struct {
	// Action as IAM names it: ec2:CreateVpc.
	Action string
	// ResourceType as in an EC2 ARN: vpc, subnet, elastic-ip. Empty where the
	// action knows no resource.
	ResourceType string
	Condition    Condition
	// TagsOnCreate: the call creates the resource with its tags, which needs
	// ec2:CreateTags besides.
	TagsOnCreate bool
}

// TagKeys are the only tags that resources of a custom cloud carry.
func TagKeys() []string {
	return []string{"Name", "aiven_custom_cloud_environment_id", "aiven_security_group", "aiven_subnet"}
}

const (
	// named ends the Sid of a statement that lets something be created.
	named = "WithThisCloudsName"

	sidRole   = "ReadThisRoleTemplateV"
	sidLook   = "LookInThisRegion"
	sidTag    = "TagWhileCreating"
	sidChange = "ChangeWhatHasThisCloudsName"
	sidRemove = "RemoveWhatHasThisCloudsName"
)

// why by Sid.
var why = map[string]string{
	sidLook:                               "Find out what is there: network parts, their settings and tags.",
	sidTag:                                "Tags are set in the call that creates a resource, never afterwards, and only these four keys.",
	"CreateInThisCloudsVpc":               "The parts of a VPC are created in no other than this cloud's.",
	"CreateNatGatewayInThisCloudsSubnets": "NAT gateways use no subnet and no address but this cloud's.",
	sidChange:                             "Connect and configure this cloud's own resources, nothing else's.",
	sidRemove:                             "Take this cloud's own resources away again, nothing else's.",
}

// Why a statement is there, for the reader of the template.
func Why(sid string) string {
	if strings.HasPrefix(sid, sidRole) {
		return "Read this very role: which version of the template is applied, and whether it was edited."
	}
	if strings.HasSuffix(sid, named) && strings.HasPrefix(sid, "Create") {
		return "What is created carries this cloud's name from the start."
	}
	return why[sid]
}

// From makes the policy of a template version of what the steps need: exactly
// that, narrowed to one cloud's names and region.
//
// An action that is needed on several resource types under different conditions
// is never in one statement with a type it is needed on under another: it would
// be allowed there under the wrong one.
func From(version string, grants []Grant) Document {
	d := Document{Version: "2012-10-17"}
	add := func(sid string, actions []string, resources []string, conditions Conditions) {
		if len(actions) == 0 {
			return
		}
		d.Statement = append(d.Statement, Statement{
			Sid: sid, Effect: "Allow", Action: sorted(actions), Resource: sorted(resources), Condition: conditions,
		})
	}
	add(sidRole+version, []string{"iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"},
		[]string{"arn:aws:iam::*:role/" + Stem + "-iam-role"}, nil)

	look, _ := gather(grants, func(g Grant) bool { return g.Condition == Anything })
	add(sidLook, look, []string{"*"}, Conditions{"StringEquals": {"aws:RequestedRegion": {Region}}})

	creators, tagged := gather(grants, func(g Grant) bool { return g.TagsOnCreate })
	for i, c := range creators {
		creators[i] = strings.TrimPrefix(c, "ec2:")
	}
	if len(creators) > 0 {
		add(sidTag, []string{"ec2:CreateTags"}, arns(tagged), Conditions{
			"StringEquals":              {"ec2:CreateAction": sorted(creators)},
			"ForAllValues:StringEquals": {"aws:TagKeys": TagKeys()},
		})
	}

	inRequest := Conditions{"StringLike": {"aws:RequestTag/Name": {Stem + "-*"}}}
	onResource := Conditions{"StringLike": {"ec2:ResourceTag/Name": {Stem + "-*"}}}
	parents := parentsOf(grants)
	for _, place := range places(grants, parents) {
		in := func(c Condition) func(Grant) bool {
			return func(g Grant) bool { return g.Condition == c && creates(g.Action) && parents[g.Action] == place }
		}
		actions, types := gather(grants, in(NamedInRequest))
		if place == "" {
			add("Create"+named, actions, arns(types), inRequest)
		} else {
			for i, action := range actions {
				add(strings.TrimPrefix(action, "ec2:")+named, []string{action}, arns(types[i:i+1]), inRequest)
			}
		}
		actions, types = gather(grants, in(NamedOnResource))
		add(inside(place), actions, arns(types), onResource)
	}

	actions, types := gather(grants, func(g Grant) bool {
		return g.Condition == NamedOnResource && !creates(g.Action) && !removes(g.Action)
	})
	add(sidChange, actions, arns(types), onResource)
	actions, types = gather(grants, func(g Grant) bool {
		return g.Condition == NamedOnResource && removes(g.Action)
	})
	add(sidRemove, actions, arns(types), onResource)
	return d
}

// parentsOf says, by action that creates, on which existing resources it is
// authorized besides.
func parentsOf(grants []Grant) map[string]string {
	parents := map[string]string{}
	for _, g := range grants {
		if creates(g.Action) {
			_, types := gather(grants, func(h Grant) bool { return h.Action == g.Action && h.Condition == NamedOnResource })
			parents[g.Action] = strings.Join(sorted(types), ",")
		}
	}
	return parents
}

// places are the distinct values of parents, the simplest first.
func places(grants []Grant, parents map[string]string) []string {
	var out []string
	for _, g := range grants {
		if p, ok := parents[g.Action]; ok {
			out = append(out, p)
		}
	}
	out = sorted(out)
	slices.SortStableFunc(out, func(a, b string) int { return strings.Count(a, ",") - strings.Count(b, ",") })
	return out
}

// inside is the Sid of what may be created in existing resources of these types.
func inside(place string) string {
	switch place {
	case "vpc":
		return "CreateInThisCloudsVpc"
	case "elastic-ip,subnet":
		return "CreateNatGatewayInThisCloudsSubnets"
	}
	sid := "CreateInThisClouds"
	for _, part := range strings.FieldsFunc(place, func(r rune) bool { return r == ',' || r == '-' }) {
		sid += strings.ToUpper(part[:1]) + part[1:]
	}
	return sid
}

// creates says whether an action makes a resource of its own. A route is part
// of its table.
func creates(action string) bool {
	name := strings.TrimPrefix(action, "ec2:")
	return name != "CreateRoute" && (strings.HasPrefix(name, "Create") || strings.HasPrefix(name, "Allocate"))
}

func removes(action string) bool {
	name := strings.TrimPrefix(action, "ec2:")
	return slices.ContainsFunc([]string{"Delete", "Detach", "Disassociate", "Release", "Revoke"}, func(verb string) bool {
		return strings.HasPrefix(name, verb)
	})
}

func gather(grants []Grant, want func(Grant) bool) (actions, types []string) {
	for _, g := range grants {
		if want(g) {
			actions = append(actions, g.Action)
			if g.ResourceType != "" {
				types = append(types, g.ResourceType)
			}
		}
	}
	return actions, types
}

func arns(types []string) []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = "arn:aws:ec2:" + Region + ":*:" + t + "/*"
	}
	return out
}

func sorted(in []string) []string {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
