package ec2behaviour

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"byoc/infra/local/awscall"
)

// kind is a type of resource, known by the prefix of its ids.
type kind struct {
	describe string // the operation that lists it
	set, id  string // where its ids are in that operation's answer
	filter   string // the filter that finds one
	notFound string // the error code where there is none
	name     string // what the error's message calls it
}

var kinds = map[string]kind{
	"vpc":      {"DescribeVpcs", "vpcSet", "vpcId", "vpc-id", "InvalidVpcID.NotFound", "vpc"},
	"subnet":   {"DescribeSubnets", "subnetSet", "subnetId", "subnet-id", "InvalidSubnetID.NotFound", "subnet"},
	"igw":      {"DescribeInternetGateways", "internetGatewaySet", "internetGatewayId", "internet-gateway-id", "InvalidInternetGatewayID.NotFound", "internetGateway"},
	"rtb":      {"DescribeRouteTables", "routeTableSet", "routeTableId", "route-table-id", "InvalidRouteTableID.NotFound", "routeTable"},
	"eipalloc": {"DescribeAddresses", "addressesSet", "allocationId", "allocation-id", "InvalidAllocationID.NotFound", "allocation"},
	"nat":      {"DescribeNatGateways", "natGatewaySet", "natGatewayId", "nat-gateway-id", "NatGatewayNotFound", "natGateway"},
	"sg":       {"DescribeSecurityGroups", "securityGroupInfo", "groupId", "group-id", "InvalidGroup.NotFound", "security group"},
	"eni":      {"DescribeNetworkInterfaces", "networkInterfaceSet", "networkInterfaceId", "network-interface-id", "InvalidNetworkInterfaceID.NotFound", "networkInterface"},
}

func kindOf(id string) (kind, bool) {
	prefix, _, _ := strings.Cut(id, "-")
	k, ok := kinds[prefix]
	return k, ok
}

// find is the resource with the id, nil where there is none.
func (q *request) find(id string) *node {
	k, ok := kindOf(id)
	if !ok || q.err != nil {
		return nil
	}
	for _, item := range q.ask(k.describe, "Filter.1.Name", k.filter, "Filter.1.Value.1", id).items(k.set) {
		if item.at(k.id) == id {
			return item
		}
	}
	return nil
}

// list are the resources that a filter finds.
func (q *request) list(prefix, filter, value string) []*node {
	k := kinds[prefix]
	return q.ask(k.describe, "Filter.1.Name", filter, "Filter.1.Value.1", value).items(k.set)
}

// notFound is the answer to a call that names an id which does not exist. The
// code depends on the call for NAT gateways only.
func (q *request) notFound(id string) *awscall.Response {
	k, _ := kindOf(id)
	switch {
	case k.describe == "DescribeNatGateways" && strings.HasSuffix(q.Operation, "Route"):
		return q.badRequest("InvalidNatGatewayID.NotFound", "The natGateway ID '%s' does not exist", id)
	case k.describe == "DescribeNatGateways":
		return q.badRequest(k.notFound, "NAT gateway %s was not found", id)
	case k.name == "security group":
		return q.badRequest(k.notFound, "The security group '%s' does not exist", id)
	}
	return q.badRequest(k.notFound, "The %s ID '%s' does not exist", k.name, id)
}

var idParameter = regexp.MustCompile(`Id(\.\d+)?$`)

// named are the ids of known kinds that the call names, filters aside: a
// filter for what does not exist finds nothing and is no error.
func (q *request) named() []string {
	var ids []string
	for name, values := range q.Query {
		if !idParameter.MatchString(name) || strings.HasPrefix(name, "Filter.") {
			continue
		}
		for _, value := range values {
			if _, ok := kindOf(value); ok {
				ids = append(ids, value)
			}
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(a, b) })
	return slices.Compact(ids)
}
