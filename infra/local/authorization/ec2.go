package authorization

import (
	"context"
	"fmt"
	"strings"
)

// ec2Operation tells the resources of one EC2 action ("Actions, resources, and
// condition keys for Amazon EC2").
type ec2Operation struct {
	// creates is the type of the resource that the call creates.
	creates string
	// on are the existing resources it acts on.
	on []ec2Resource
}

// ec2Resource is an existing resource, named by a parameter.
type ec2Resource struct {
	kind, parameter string
	// optional resources are authorized only when the call names them.
	optional bool
}

// ec2IDKeys are the condition keys that hold a resource's own id.
var ec2IDKeys = map[string]string{
	"vpc": "ec2:VpcID", "subnet": "ec2:SubnetID", "internet-gateway": "ec2:InternetGatewayID",
	"route-table": "ec2:RouteTableID", "security-group": "ec2:SecurityGroupID",
	"elastic-ip": "ec2:AllocationId", "network-interface": "ec2:NetworkInterfaceID",
}

// ec2Unmodelled are parameters that bring in further resources.
var ec2Unmodelled = []string{
	"Ipv4IpamPoolId", "Ipv6IpamPoolId", "Ipv6Pool", "IpamPoolId", "PublicIpv4Pool", "PublicIpv4PoolId",
	"SecondaryAllocationId.1", "AvailabilityZoneAddress.1.AvailabilityZone",
}

// ec2Kinds tells types by the prefix of an id.
var ec2Kinds = map[string]string{
	"vpc": "vpc", "subnet": "subnet", "igw": "internet-gateway", "nat": "natgateway",
	"eipalloc": "elastic-ip", "rtb": "route-table", "sg": "security-group",
	"sgr": "security-group-rule", "eni": "network-interface",
}

var (
	onVPC     = ec2Resource{kind: "vpc", parameter: "VpcId"}
	onSubnet  = ec2Resource{kind: "subnet", parameter: "SubnetId"}
	onGateway = ec2Resource{kind: "internet-gateway", parameter: "InternetGatewayId"}
	onTable   = ec2Resource{kind: "route-table", parameter: "RouteTableId"}
	onGroup   = ec2Resource{kind: "security-group", parameter: "GroupId"}
)

func (r ec2Resource) orNone() ec2Resource { r.optional = true; return r }

var ec2Operations = map[string]mapping{
	// Unlike the other Describe actions this one has a resource.
	"DescribeVpcAttribute": ec2Operation{on: []ec2Resource{onVPC}}.list,

	"CreateVpc":          ec2Operation{creates: "vpc"}.list,
	"ModifyVpcAttribute": ec2Operation{on: []ec2Resource{onVPC}}.list,
	"DeleteVpc":          ec2Operation{on: []ec2Resource{onVPC}}.list,

	"CreateSubnet":          ec2Operation{creates: "subnet", on: []ec2Resource{onVPC}}.list,
	"ModifySubnetAttribute": ec2Operation{on: []ec2Resource{onSubnet}}.list,
	"DeleteSubnet":          ec2Operation{on: []ec2Resource{onSubnet}}.list,

	"CreateInternetGateway": ec2Operation{creates: "internet-gateway"}.list,
	"AttachInternetGateway": ec2Operation{on: []ec2Resource{onGateway, onVPC}}.list,
	"DetachInternetGateway": ec2Operation{on: []ec2Resource{onGateway, onVPC}}.list,
	"DeleteInternetGateway": ec2Operation{on: []ec2Resource{onGateway}}.list,

	"AllocateAddress":     ec2Operation{creates: "elastic-ip"}.list,
	"ReleaseAddress":      ec2Operation{on: []ec2Resource{{kind: "elastic-ip", parameter: "AllocationId"}}}.list,
	"DisassociateAddress": ec2DisassociateAddress,

	"CreateNatGateway": ec2Operation{creates: "natgateway", on: []ec2Resource{
		onSubnet.orNone(), {kind: "elastic-ip", parameter: "AllocationId", optional: true}, onVPC.orNone(),
	}}.list,
	"DeleteNatGateway": ec2Operation{on: []ec2Resource{{kind: "natgateway", parameter: "NatGatewayId"}}}.list,

	"CreateRouteTable": ec2Operation{creates: "route-table", on: []ec2Resource{onVPC}}.list,
	"CreateRoute":      ec2Operation{on: []ec2Resource{onTable}}.list,
	"ReplaceRoute":     ec2Operation{on: []ec2Resource{onTable}}.list,
	"DeleteRoute":      ec2Operation{on: []ec2Resource{onTable}}.list,
	"AssociateRouteTable": ec2Operation{on: []ec2Resource{
		onTable, onSubnet.orNone(), {kind: "internet-gateway", parameter: "GatewayId", optional: true},
	}}.list,
	"DisassociateRouteTable":       ec2DisassociateRouteTable,
	"ReplaceRouteTableAssociation": ec2ReplaceRouteTableAssociation,
	"DeleteRouteTable":             ec2Operation{on: []ec2Resource{onTable}}.list,

	"CreateSecurityGroup":                        ec2Operation{creates: "security-group", on: []ec2Resource{onVPC.orNone()}}.list,
	"DeleteSecurityGroup":                        ec2Operation{on: []ec2Resource{onGroup}}.list,
	"AuthorizeSecurityGroupIngress":              ec2AuthorizeRules,
	"AuthorizeSecurityGroupEgress":               ec2AuthorizeRules,
	"RevokeSecurityGroupIngress":                 ec2Operation{on: []ec2Resource{onGroup}}.list,
	"RevokeSecurityGroupEgress":                  ec2Operation{on: []ec2Resource{onGroup}}.list,
	"UpdateSecurityGroupRuleDescriptionsIngress": ec2Operation{on: []ec2Resource{onGroup}}.list,
	"UpdateSecurityGroupRuleDescriptionsEgress":  ec2Operation{on: []ec2Resource{onGroup}}.list,
	"ModifySecurityGroupRules":                   ec2ModifyRules,

	"CreateTags": ec2Tags,
	"DeleteTags": ec2Tags,
}

// ec2Describe is the mapping of every other Describe action: none of them has
// resources or looks at tags.
func ec2Describe(_ context.Context, c *request) ([]Authorization, error) {
	list := one("ec2:"+c.Operation, "*")
	list[0].set("ec2:Region", c.Region)
	return list, nil
}

// list authorizes the action on the resource it creates and on those it acts
// on. Request tags count for the created one only, resource tags for existing
// ones only. Tags in the call need ec2:CreateTags besides ("Grant permission
// to tag Amazon EC2 resources during creation").
func (o ec2Operation) list(_ context.Context, c *request) ([]Authorization, error) {
	if c.Query.Get("GroupName") != "" && c.Query.Get("GroupId") == "" && o.creates == "" {
		return nil, c.unknown("a security group named by GroupName")
	}
	for _, parameter := range ec2Unmodelled {
		if c.Query.Has(parameter) {
			return nil, c.unknown("the resource that " + parameter + " names")
		}
	}
	var list []Authorization
	for _, resource := range o.on {
		id := c.Query.Get(resource.parameter)
		if id != "" || !resource.optional {
			list = append(list, c.ec2Existing(resource.kind, id))
		}
	}
	if o.creates == "" {
		return list, nil
	}
	return append(list, c.ec2Created(o.creates)...), nil
}

// ec2Existing authorizes the call's action on an existing resource.
func (c *request) ec2Existing(kind, id string) Authorization {
	authorization := Authorization{
		Action: "ec2:" + c.Operation, TagsOf: id,
		Context: map[string][]string{"ec2:Region": {c.Region}},
	}
	if id == "" {
		id = "*"
	}
	authorization.Resource = c.arn("ec2", kind+"/"+id)
	if key := ec2IDKeys[kind]; key != "" && id != "*" {
		authorization.set(key, id)
	}
	return authorization
}

// ec2Created authorizes the creation of a resource, then the tags.
func (c *request) ec2Created(kind string) []Authorization {
	created := c.ec2Existing(kind, "")
	if vpc := c.Query.Get("VpcId"); vpc != "" && kind != "vpc" {
		created.set("ec2:Vpc", c.arn("ec2", "vpc/"+vpc))
	}
	var tagging []Authorization
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("TagSpecification.%d.", i)
		tagged := c.Query.Get(prefix + "ResourceType")
		if tagged == "" {
			break
		}
		tags := c.ec2RequestTags(prefix)
		if len(tags) == 0 {
			continue
		}
		if tagged == kind {
			setRequestTags(created.Context, tags)
		}
		authorization := Authorization{
			Action: "ec2:CreateTags", Resource: c.arn("ec2", tagged+"/*"),
			Context: map[string][]string{"ec2:Region": {c.Region}, "ec2:CreateAction": {c.Operation}},
		}
		setRequestTags(authorization.Context, tags)
		tagging = append(tagging, authorization)
	}
	return append([]Authorization{created}, tagging...)
}

// tag is one tag of a request. DeleteTags may leave out the value.
type tag struct {
	key, value string
	hasValue   bool
}

func (c *request) ec2RequestTags(prefix string) []tag {
	var tags []tag
	for i := 1; ; i++ {
		name := fmt.Sprintf("%sTag.%d.", prefix, i)
		if !c.Query.Has(name + "Key") {
			return tags
		}
		tags = append(tags, tag{c.Query.Get(name + "Key"), c.Query.Get(name + "Value"), c.Query.Has(name + "Value")})
	}
}

func setRequestTags(keys map[string][]string, tags []tag) {
	for _, tag := range tags {
		if tag.hasValue {
			keys["aws:RequestTag/"+tag.key] = []string{tag.value}
		}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], tag.key)
	}
}

// ec2Tags authorizes tags on existing resources: there is no ec2:CreateAction
// then.
func ec2Tags(_ context.Context, c *request) ([]Authorization, error) {
	tags := c.ec2RequestTags("")
	var list []Authorization
	for i := 1; ; i++ {
		id := c.Query.Get(fmt.Sprintf("ResourceId.%d", i))
		if id == "" {
			return list, nil
		}
		prefix, _, _ := strings.Cut(id, "-")
		kind := ec2Kinds[prefix]
		if kind == "" {
			return nil, c.unknown("the type of " + id)
		}
		authorization := c.ec2Existing(kind, id)
		setRequestTags(authorization.Context, tags)
		list = append(list, authorization)
	}
}
