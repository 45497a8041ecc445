package authorization

import (
	"context"
	"fmt"
)

// stsOperations are the actions of "Actions, resources, and condition keys for
// AWS Security Token Service". GetCallerIdentity needs no permission, and no
// policy can take it away.
var stsOperations = map[string]mapping{
	"AssumeRole": stsAssumeRole,
	"GetCallerIdentity": func(context.Context, *request) ([]Authorization, error) {
		return nil, nil
	},
}

// stsAssumeRole asks the caller's own policies. What the role's trust policy
// says is another question, put to the role's account.
func stsAssumeRole(_ context.Context, c *request) ([]Authorization, error) {
	role := c.Query.Get("RoleArn")
	assume := Authorization{Action: "sts:AssumeRole", Resource: role, Context: map[string][]string{}}
	assume.set("sts:ExternalId", c.Query.Get("ExternalId"))
	assume.set("sts:RoleSessionName", c.Query.Get("RoleSessionName"))
	assume.set("sts:SourceIdentity", c.Query.Get("SourceIdentity"))
	list := []Authorization{assume}

	if tags := c.iamTags(); len(tags) > 0 {
		tagging := Authorization{Action: "sts:TagSession", Resource: role, Context: map[string][]string{}}
		setRequestTags(tagging.Context, tags)
		for i := 1; c.Query.Has(fmt.Sprintf("TransitiveTagKeys.member.%d", i)); i++ {
			key := c.Query.Get(fmt.Sprintf("TransitiveTagKeys.member.%d", i))
			tagging.Context["sts:TransitiveTagKeys"] = append(tagging.Context["sts:TransitiveTagKeys"], key)
		}
		list = append(list, tagging)
	}
	if identity := c.Query.Get("SourceIdentity"); identity != "" {
		source := Authorization{Action: "sts:SetSourceIdentity", Resource: role, Context: map[string][]string{}}
		source.set("sts:SourceIdentity", identity)
		list = append(list, source)
	}
	return list, nil
}
