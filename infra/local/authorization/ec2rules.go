package authorization

import (
	"context"
	"fmt"
)

// ec2AuthorizeRules authorizes rules on their group. The new rules are a
// resource of their own only when the call tags them.
func ec2AuthorizeRules(ctx context.Context, c *request) ([]Authorization, error) {
	list, err := ec2Operation{on: []ec2Resource{onGroup}}.list(ctx, c)
	if err != nil || c.Query.Get("TagSpecification.1.ResourceType") == "" {
		return list, err
	}
	return append(list, c.ec2Created("security-group-rule")...), nil
}

func ec2ModifyRules(ctx context.Context, c *request) ([]Authorization, error) {
	list, err := ec2Operation{on: []ec2Resource{onGroup}}.list(ctx, c)
	if err != nil {
		return nil, err
	}
	for i := 1; ; i++ {
		id := c.Query.Get(fmt.Sprintf("SecurityGroupRule.%d.SecurityGroupRuleId", i))
		if id == "" {
			return list, nil
		}
		list = append(list, c.ec2Existing("security-group-rule", id))
	}
}

// ec2DisassociateAddress authorizes on the address and on the interface it is
// taken from.
func ec2DisassociateAddress(ctx context.Context, c *request) ([]Authorization, error) {
	allocation, networkInterface, err := c.account.AddressAssociation(ctx, c.Query.Get("AssociationId"), c.Query.Get("PublicIp"))
	if err != nil {
		return nil, err
	}
	list := []Authorization{c.ec2Existing("elastic-ip", allocation)}
	if networkInterface != "" {
		list = append(list, c.ec2Existing("network-interface", networkInterface))
	}
	return list, nil
}

func ec2DisassociateRouteTable(ctx context.Context, c *request) ([]Authorization, error) {
	table, subnet, err := c.account.RouteTableAssociation(ctx, c.Query.Get("AssociationId"))
	if err != nil {
		return nil, err
	}
	return c.ec2TableAndSubnet(table, subnet), nil
}

// ec2ReplaceRouteTableAssociation authorizes on the table that takes over.
func ec2ReplaceRouteTableAssociation(ctx context.Context, c *request) ([]Authorization, error) {
	_, subnet, err := c.account.RouteTableAssociation(ctx, c.Query.Get("AssociationId"))
	if err != nil {
		return nil, err
	}
	return c.ec2TableAndSubnet(c.Query.Get("RouteTableId"), subnet), nil
}

func (c *request) ec2TableAndSubnet(table, subnet string) []Authorization {
	list := []Authorization{c.ec2Existing("route-table", table)}
	if subnet != "" {
		list = append(list, c.ec2Existing("subnet", subnet))
	}
	return list
}
