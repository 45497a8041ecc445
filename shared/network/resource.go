package network

import (
	"context"
	"strings"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// The only tag keys that the customer's policy allows.
const (
	TagName          = "Name"
	TagCloud         = "aiven_custom_cloud_environment_id"
	TagSubnet        = "aiven_subnet"
	TagSecurityGroup = "aiven_security_group"
)

// Resource is an AWS resource as a describe shows it, in plain values.
type Resource struct {
	kind *kind
	ID   string
	Tags map[string]string
	// VPC it lies in; empty for addresses and what is attached to none.
	VPC string
	// State is AWS's word, for kinds that have one: pending, available, failed,
	// deleting, deleted.
	State string
	// Failure is AWS's code and message of a failed NAT gateway.
	Failure string
	// CIDR of a VPC or subnet; ZoneID and PublicIPs of a subnet.
	CIDR      string
	ZoneID    string
	PublicIPs bool
	// SubnetID and AddressID of a NAT gateway.
	SubnetID  string
	AddressID string
	// Routes and Associations of a route table.
	Routes       []route
	Associations []association
}

// Name tag.
func (r Resource) Name() string { return r.Tags[TagName] }

// live says that the resource serves, or will.
func (r Resource) live() bool { return !r.gone() && r.State != "deleting" && r.State != "failed" }

// gone says that AWS still shows what no longer exists.
func (r Resource) gone() bool { return r.State == "deleted" }

// kind is a type of AWS resource: how to see and how to remove it.
type kind struct {
	// name is the type in an ARN: vpc, elastic-ip, natgateway.
	name string
	// inVPC says that a resource of the kind lies in one VPC for life.
	inVPC bool
	// idFilter is the describe's filter for ids.
	idFilter string
	// describe lists what matches the filters. All pages.
	describe func(context.Context, EC2, ...types.Filter) ([]Resource, error)
	// command removes r by hand, without aws and --region.
	command func(r Resource) string
}

// kinds is every kind that the steps make, in the order in which they are
// removed by hand: a subnet takes its association with a route table with it.
func kinds() []*kind {
	return []*kind{natGatewayKind, addressKind, securityGroupKind, subnetKind, routeTableKind, internetGatewayKind, vpcKind}
}

// tagsFor is what a create call tags its resource with; extra are pairs.
func (p *Pass) tagsFor(s Step, extra ...string) []types.TagSpecification {
	tags := []types.Tag{tag(TagName, s.tagName(p.stem())), tag(TagCloud, p.spec.CloudID)}
	for i := 0; i+1 < len(extra); i += 2 {
		tags = append(tags, tag(extra[i], extra[i+1]))
	}
	return []types.TagSpecification{{ResourceType: types.ResourceType(s.kind.name), Tags: tags}}
}

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

func tagMap(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[text(t.Key)] = text(t.Value)
	}
	return m
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// text is the value of an optional string of the SDK, or empty.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func flag(b *bool) bool { return b != nil && *b }

// leftover tells a customer how to remove r by hand; step is the key of the
// step that has r on record, if one has.
func leftover(r Resource, step, region, reason string) cloud.Leftover {
	parts := strings.Split(r.kind.command(r), " && ")
	for i, c := range parts {
		parts[i] = "aws ec2 " + c + " --region " + region
	}
	return cloud.Leftover{Kind: r.kind.name, ID: r.ID, Step: step, Reason: reason, Command: strings.Join(parts, " && ")}
}
