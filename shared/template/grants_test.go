package template_test

import "byoc/shared/template/rolepolicy"

// grants is what the steps of the network need.
func grants() []rolepolicy.Grant {
	var out []rolepolicy.Grant
	add := func(c rolepolicy.Condition, tags bool, list ...string) {
		for i := 0; i < len(list); i += 2 {
			out = append(out, rolepolicy.Grant{Action: "ec2:" + list[i], ResourceType: list[i+1], Condition: c, TagsOnCreate: tags})
		}
	}
	add(rolepolicy.Anything, false, "DescribeAddresses", "", "DescribeAvailabilityZones", "", "DescribeInternetGateways", "",
		"DescribeNatGateways", "", "DescribeRouteTables", "", "DescribeSecurityGroups", "", "DescribeSecurityGroupRules", "",
		"DescribeSubnets", "", "DescribeVpcs", "", "DescribeVpcAttribute", "", "DescribeNetworkInterfaces", "")
	add(rolepolicy.NamedInRequest, true, "CreateVpc", "vpc", "CreateInternetGateway", "internet-gateway", "AllocateAddress", "elastic-ip",
		"CreateSubnet", "subnet", "CreateRouteTable", "route-table", "CreateSecurityGroup", "security-group", "CreateNatGateway", "natgateway")
	add(rolepolicy.NamedOnResource, false, "CreateSubnet", "vpc", "CreateRouteTable", "vpc", "CreateSecurityGroup", "vpc",
		"CreateNatGateway", "subnet", "CreateNatGateway", "elastic-ip",
		"ModifyVpcAttribute", "vpc", "AttachInternetGateway", "internet-gateway", "AttachInternetGateway", "vpc",
		"CreateRoute", "route-table", "ReplaceRoute", "route-table", "AssociateRouteTable", "route-table", "AssociateRouteTable", "subnet",
		"AuthorizeSecurityGroupIngress", "security-group", "UpdateSecurityGroupRuleDescriptionsIngress", "security-group",
		"RevokeSecurityGroupIngress", "security-group", "RevokeSecurityGroupIngress", "security-group-rule",
		"DeleteSecurityGroup", "security-group", "DeleteNatGateway", "natgateway", "ReleaseAddress", "elastic-ip",
		"DisassociateRouteTable", "route-table", "DisassociateRouteTable", "subnet", "DeleteRouteTable", "route-table", "DeleteRoute", "route-table",
		"DetachInternetGateway", "internet-gateway", "DetachInternetGateway", "vpc", "DeleteInternetGateway", "internet-gateway",
		"DeleteSubnet", "subnet", "DeleteVpc", "vpc")
	return out
}
