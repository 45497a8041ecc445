package inventory

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// Take lists what exists in the account and region of the configuration. It is
// no snapshot: what changes meanwhile may be seen half.
func Take(ctx context.Context, config aws.Config) (Inventory, error) {
	t := taker{ctx: ctx, ec2: ec2.NewFromConfig(config), iam: iam.NewFromConfig(config)}
	err := errors.Join(t.vpcs(), t.subnets(), t.internetGateways(), t.natGateways(), t.addresses(),
		t.routeTables(), t.securityGroups(), t.rules(), t.networkInterfaces(), t.roles())
	if err != nil {
		return Inventory{}, fmt.Errorf("take inventory: %w", err)
	}
	sortByID(t.VPCs, func(v VPC) string { return v.ID })
	sortByID(t.Subnets, func(v Subnet) string { return v.ID })
	sortByID(t.InternetGateways, func(v InternetGateway) string { return v.ID })
	sortByID(t.NATGateways, func(v NATGateway) string { return v.ID })
	sortByID(t.Addresses, func(v Address) string { return v.ID })
	sortByID(t.RouteTables, func(v RouteTable) string { return v.ID })
	sortByID(t.SecurityGroups, func(v SecurityGroup) string { return v.ID })
	sortByID(t.SecurityGroupRules, func(v SecurityGroupRule) string { return v.ID })
	sortByID(t.NetworkInterfaces, func(v NetworkInterface) string { return v.ID })
	sortByID(t.Roles, func(v Role) string { return v.ID })
	return t.Inventory, nil
}

type taker struct {
	Inventory
	ctx context.Context
	ec2 *ec2.Client
	iam *iam.Client
}

// pager is what the SDK's paginators have in common.
type pager[Page, Option any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...Option) (Page, error)
}

// each runs over all pages.
func each[Page, Option any](ctx context.Context, p pager[Page, Option], do func(Page) error) error {
	for p.HasMorePages() {
		page, err := p.NextPage(ctx)
		if err != nil {
			return err
		}
		if err := do(page); err != nil {
			return err
		}
	}
	return nil
}

func (t *taker) vpcs() error {
	return each(t.ctx, ec2.NewDescribeVpcsPaginator(t.ec2, nil), func(page *ec2.DescribeVpcsOutput) error {
		for _, v := range page.Vpcs {
			support, err := t.ec2.DescribeVpcAttribute(t.ctx, &ec2.DescribeVpcAttributeInput{
				VpcId: v.VpcId, Attribute: types.VpcAttributeNameEnableDnsSupport})
			if err != nil {
				return err
			}
			hostnames, err := t.ec2.DescribeVpcAttribute(t.ctx, &ec2.DescribeVpcAttributeInput{
				VpcId: v.VpcId, Attribute: types.VpcAttributeNameEnableDnsHostnames})
			if err != nil {
				return err
			}
			t.VPCs = append(t.VPCs, VPC{ID: *v.VpcId, Block: aws.ToString(v.CidrBlock), Default: aws.ToBool(v.IsDefault),
				DNSSupport: isTrue(support.EnableDnsSupport), DNSHostnames: isTrue(hostnames.EnableDnsHostnames), Tags: tags(v.Tags)})
		}
		return nil
	})
}

func (t *taker) subnets() error {
	return each(t.ctx, ec2.NewDescribeSubnetsPaginator(t.ec2, nil), func(page *ec2.DescribeSubnetsOutput) error {
		for _, v := range page.Subnets {
			t.Subnets = append(t.Subnets, Subnet{ID: *v.SubnetId, VPC: aws.ToString(v.VpcId), Block: aws.ToString(v.CidrBlock),
				Zone: aws.ToString(v.AvailabilityZoneId), PublicIPOnLaunch: aws.ToBool(v.MapPublicIpOnLaunch), Tags: tags(v.Tags)})
		}
		return nil
	})
}

func (t *taker) internetGateways() error {
	return each(t.ctx, ec2.NewDescribeInternetGatewaysPaginator(t.ec2, nil), func(page *ec2.DescribeInternetGatewaysOutput) error {
		for _, v := range page.InternetGateways {
			g := InternetGateway{ID: *v.InternetGatewayId, Tags: tags(v.Tags)}
			for _, a := range v.Attachments {
				g.VPC = aws.ToString(a.VpcId)
			}
			t.InternetGateways = append(t.InternetGateways, g)
		}
		return nil
	})
}

func (t *taker) natGateways() error {
	return each(t.ctx, ec2.NewDescribeNatGatewaysPaginator(t.ec2, nil), func(page *ec2.DescribeNatGatewaysOutput) error {
		for _, v := range page.NatGateways {
			if v.State == types.NatGatewayStateDeleted || v.State == types.NatGatewayStateFailed {
				continue
			}
			var allocations []string
			for _, a := range v.NatGatewayAddresses {
				allocations = append(allocations, aws.ToString(a.AllocationId))
			}
			t.NATGateways = append(t.NATGateways, NATGateway{ID: *v.NatGatewayId, VPC: aws.ToString(v.VpcId),
				Subnet: aws.ToString(v.SubnetId), State: string(v.State), Addresses: joined(allocations), Tags: tags(v.Tags)})
		}
		return nil
	})
}

func (t *taker) addresses() error {
	out, err := t.ec2.DescribeAddresses(t.ctx, nil)
	if err != nil {
		return err
	}
	for _, v := range out.Addresses {
		t.Addresses = append(t.Addresses, Address{ID: aws.ToString(v.AllocationId), IP: aws.ToString(v.PublicIp),
			Association: aws.ToString(v.AssociationId), NetworkInterface: aws.ToString(v.NetworkInterfaceId), Tags: tags(v.Tags)})
	}
	return nil
}

func (t *taker) routeTables() error {
	return each(t.ctx, ec2.NewDescribeRouteTablesPaginator(t.ec2, nil), func(page *ec2.DescribeRouteTablesOutput) error {
		for _, v := range page.RouteTables {
			table := RouteTable{ID: *v.RouteTableId, VPC: aws.ToString(v.VpcId), Tags: tags(v.Tags)}
			var subnets, routes []string
			for _, a := range v.Associations {
				if aws.ToBool(a.Main) {
					table.Main = true
				} else {
					subnets = append(subnets, aws.ToString(a.SubnetId))
				}
			}
			for _, r := range v.Routes {
				routes = append(routes, first(r.DestinationCidrBlock, r.DestinationIpv6CidrBlock, r.DestinationPrefixListId)+">"+
					first(r.GatewayId, r.NatGatewayId, r.NetworkInterfaceId, r.VpcPeeringConnectionId, r.TransitGatewayId,
						r.EgressOnlyInternetGatewayId, r.InstanceId))
			}
			table.Subnets, table.Routes = joined(subnets), joined(routes)
			t.RouteTables = append(t.RouteTables, table)
		}
		return nil
	})
}

func (t *taker) securityGroups() error {
	return each(t.ctx, ec2.NewDescribeSecurityGroupsPaginator(t.ec2, nil), func(page *ec2.DescribeSecurityGroupsOutput) error {
		for _, v := range page.SecurityGroups {
			t.SecurityGroups = append(t.SecurityGroups, SecurityGroup{ID: *v.GroupId, VPC: aws.ToString(v.VpcId),
				Name: aws.ToString(v.GroupName), Tags: tags(v.Tags)})
		}
		return nil
	})
}

func (t *taker) rules() error {
	return each(t.ctx, ec2.NewDescribeSecurityGroupRulesPaginator(t.ec2, nil), func(page *ec2.DescribeSecurityGroupRulesOutput) error {
		for _, v := range page.SecurityGroupRules {
			rule := SecurityGroupRule{ID: aws.ToString(v.SecurityGroupRuleId), Group: aws.ToString(v.GroupId),
				Protocol: aws.ToString(v.IpProtocol), Egress: aws.ToBool(v.IsEgress), From: aws.ToInt32(v.FromPort),
				To: aws.ToInt32(v.ToPort), Peer: first(v.CidrIpv4, v.CidrIpv6, v.PrefixListId), Description: aws.ToString(v.Description)}
			if v.ReferencedGroupInfo != nil {
				rule.Peer = aws.ToString(v.ReferencedGroupInfo.GroupId)
			}
			t.SecurityGroupRules = append(t.SecurityGroupRules, rule)
		}
		return nil
	})
}

func (t *taker) networkInterfaces() error {
	return each(t.ctx, ec2.NewDescribeNetworkInterfacesPaginator(t.ec2, nil), func(page *ec2.DescribeNetworkInterfacesOutput) error {
		for _, v := range page.NetworkInterfaces {
			t.NetworkInterfaces = append(t.NetworkInterfaces, NetworkInterface{ID: *v.NetworkInterfaceId, VPC: aws.ToString(v.VpcId),
				Subnet: aws.ToString(v.SubnetId), Description: aws.ToString(v.Description), Tags: tags(v.TagSet)})
		}
		return nil
	})
}

func (t *taker) roles() error {
	return each(t.ctx, iam.NewListRolesPaginator(t.iam, nil), func(page *iam.ListRolesOutput) error {
		for _, v := range page.Roles {
			role := Role{ID: aws.ToString(v.Arn), Trust: aws.ToString(v.AssumeRolePolicyDocument)}
			if plain, err := url.QueryUnescape(role.Trust); err == nil {
				role.Trust = plain
			}
			var inline, managed []string
			err := errors.Join(
				each(t.ctx, iam.NewListRolePoliciesPaginator(t.iam, &iam.ListRolePoliciesInput{RoleName: v.RoleName}),
					func(page *iam.ListRolePoliciesOutput) error {
						inline = append(inline, page.PolicyNames...)
						return nil
					}),
				each(t.ctx, iam.NewListAttachedRolePoliciesPaginator(t.iam, &iam.ListAttachedRolePoliciesInput{RoleName: v.RoleName}),
					func(page *iam.ListAttachedRolePoliciesOutput) error {
						for _, p := range page.AttachedPolicies {
							managed = append(managed, aws.ToString(p.PolicyArn))
						}
						return nil
					}))
			if err != nil {
				return err
			}
			role.Inline, role.Managed = joined(inline), joined(managed)
			t.Roles = append(t.Roles, role)
		}
		return nil
	})
}

func isTrue(v *types.AttributeBooleanValue) bool { return v != nil && aws.ToBool(v.Value) }

func first(values ...*string) string {
	for _, v := range values {
		if v != nil && *v != "" {
			return *v
		}
	}
	return ""
}

func joined(values []string) string {
	slices.Sort(values)
	return strings.Join(values, ",")
}

func tags(all []types.Tag) Tags {
	pairs := make([]string, 0, len(all))
	for _, tag := range all {
		pairs = append(pairs, aws.ToString(tag.Key)+"="+aws.ToString(tag.Value))
	}
	return Tags(joined(pairs))
}
