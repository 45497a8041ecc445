package ec2behaviour

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"byoc/infra/local/awscall"
)

// taggable is the one resource type that each operation can tag.
var taggable = map[string]string{
	"AllocateAddress":               "elastic-ip",
	"AuthorizeSecurityGroupEgress":  "security-group-rule",
	"AuthorizeSecurityGroupIngress": "security-group-rule",
	"CreateInternetGateway":         "internet-gateway",
	"CreateNatGateway":              "natgateway",
	"CreateNetworkInterface":        "network-interface",
	"CreateRouteTable":              "route-table",
	"CreateSecurityGroup":           "security-group",
	"CreateSubnet":                  "subnet",
	"CreateVpc":                     "vpc",
}

// refuseTags applies the restrictions of
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
// to the tags of CreateTags and of creating calls.
func (q *request) refuseTags() *awscall.Response {
	if !q.options.Tags {
		return nil
	}
	if q.Operation == "CreateTags" {
		return q.refuseTagList("Tag.")
	}
	want, ok := taggable[q.Operation]
	if !ok {
		return nil
	}
	for n := 1; ; n++ {
		prefix := fmt.Sprintf("TagSpecification.%d.", n)
		is := q.param(prefix + "ResourceType")
		if is == "" {
			return nil
		}
		if is != want {
			return q.badRequest("InvalidParameterValue",
				"'%s' is not a valid taggable resource type for this operation.", is)
		}
		if refusal := q.refuseTagList(prefix + "Tag."); refusal != nil {
			return refusal
		}
	}
}

func (q *request) refuseTagList(prefix string) *awscall.Response {
	seen := map[string]bool{}
	for n := 1; q.Query.Has(fmt.Sprintf("%s%d.Key", prefix, n)); n++ {
		key := q.param(fmt.Sprintf("%s%d.Key", prefix, n))
		value := q.param(fmt.Sprintf("%s%d.Value", prefix, n))
		switch {
		case seen[key]:
			return q.badRequest("InvalidParameterValue", "Duplicate tag key '%s' specified.", key)
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return q.badRequest("InvalidParameterValue", "Tag keys starting with 'aws:' are reserved for internal use")
		case key == "" || utf8.RuneCountInString(key) > 128:
			return q.badRequest("InvalidParameterValue", "Tag key must have between 1 and 128 characters.")
		case utf8.RuneCountInString(value) > 256:
			return q.badRequest("InvalidParameterValue", "Tag value exceeds the maximum length of 256 characters.")
		}
		seen[key] = true
	}
	if len(seen) > 50 {
		return q.badRequest("TagLimitExceeded", "More than 50 tags specified.")
	}
	return nil
}
