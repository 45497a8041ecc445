package template_test

import (
	"byoc/shared/network"
	"byoc/shared/template/rolepolicy"
)

// grants is what the steps of the network need.
func grants() []rolepolicy.Grant {
	var all []rolepolicy.Grant
	for _, a := range network.Actions() {
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
