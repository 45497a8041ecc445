package iampolicy

import (
	"os"
	"testing"
)

// TestCustomerPolicy asks single authorizations of a policy as customers write
// them: narrow allowances by tag, and denials of whatever lacks the tag.
func TestCustomerPolicy(t *testing.T) {
	document, err := os.ReadFile("testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	policies := Policies{Identity: []Policy{mustParse(t, "customer", string(document))}}
	const ec2 = "arn:aws:ec2:eu-west-1:111111111111:"
	type keys = map[string][]string
	named := keys{"aws:RequestTag/Name": {"cce-x"}}
	owned := keys{"ec2:ResourceTag/Name": {"cce-x"}}
	foreign := keys{"ec2:ResourceTag/Name": {"other"}}
	creating := func(action string, tagKeys ...string) keys {
		return keys{"ec2:CreateAction": {action}, "aws:TagKeys": tagKeys}
	}

	for _, c := range []struct {
		name, action, resource string
		context                keys
		// want is the Sid of the statement that allows or denies; empty with
		// allowed false means that nothing allows.
		allowed bool
		want    string
	}{
		{"describe", "ec2:DescribeVpcs", "*", nil, true, "Describe"},
		{"describe what is not listed", "ec2:DescribeRegions", "*", nil, false, ""},
		{"a VPC with the name", "ec2:CreateVpc", ec2 + "vpc/*", named, true, "Create"},
		{"a VPC without tags", "ec2:CreateVpc", ec2 + "vpc/*", nil, false, ""},
		{"the name regards case", "ec2:CreateVpc", ec2 + "vpc/*", keys{"aws:RequestTag/Name": {"CCE-x"}}, false, ""},
		{"the tag's key in the condition does not", "ec2:CreateVpc", ec2 + "vpc/*", keys{"aws:RequestTag/name": {"cce-x"}}, true, "Create"},
		{"a subnet in an own VPC: the VPC", "ec2:CreateSubnet", ec2 + "vpc/vpc-1", owned, true, "CreateSubnets"},
		{"a subnet in a foreign VPC", "ec2:CreateSubnet", ec2 + "vpc/vpc-1", foreign, false, "CreateSubAllowCCEVPCOnly"},
		{"a subnet in an untagged VPC", "ec2:CreateSubnet", ec2 + "vpc/vpc-1", nil, false, "CreateSubAllowCCEVPCOnly"},
		{"a subnet with the name", "ec2:CreateSubnet", ec2 + "subnet/*", named, true, "CreateSubnets"},
		{"a subnet without tags", "ec2:CreateSubnet", ec2 + "subnet/*", nil, false, "CreateSubAllowCCEOnly"},
		{"a route table without tags", "ec2:CreateRouteTable", ec2 + "route-table/*", nil, false, "CreateRTAllowCCEOnly"},
		{"a route table in a foreign VPC", "ec2:CreateRouteTable", ec2 + "vpc/vpc-1", foreign, false, "CreateSubAllowCCEVPCOnly"},
		{"a group without tags", "ec2:CreateSecurityGroup", ec2 + "security-group/*", nil, false, "CreateSGsAllowCCEOnly"},
		{"a NAT gateway without tags", "ec2:CreateNatGateway", ec2 + "natgateway/*", nil, false, "CreateNGWAllowCCEOnly"},
		{"a NAT gateway with the name", "ec2:CreateNatGateway", ec2 + "natgateway/*", named, true, "CreateNGW"},
		{"a NAT gateway on a foreign address", "ec2:CreateNatGateway", ec2 + "elastic-ip/eipalloc-1", foreign, false, "CreateNGWAllowCCESubnetOnly"},
		{"a NAT gateway in an untagged subnet", "ec2:CreateNatGateway", ec2 + "subnet/subnet-1", nil, false, "CreateNGWAllowCCESubnetOnly"},
		{"a regional NAT gateway", "ec2:CreateNatGateway", ec2 + "vpc/vpc-1", owned, false, ""},
		{"tags while creating", "ec2:CreateTags", ec2 + "vpc/*", creating("CreateVpc", "Name", "aiven_subnet"), true, "CreateTag"},
		{"a fifth tag while creating", "ec2:CreateTags", ec2 + "vpc/*", creating("CreateVpc", "Name", "team"), false, ""},
		{"tags later", "ec2:CreateTags", ec2 + "vpc/vpc-1", keys{"aws:TagKeys": {"Name"}, "ec2:ResourceTag/Name": {"cce-x"}}, false, ""},
		{"tags on a rule while authorizing it", "ec2:CreateTags", ec2 + "security-group-rule/*", creating("AuthorizeSecurityGroupIngress", "Name"), false, ""},
		{"a tagged rule", "ec2:AuthorizeSecurityGroupIngress", ec2 + "security-group-rule/*", named, false, ""},
		{"a rule in an own group", "ec2:AuthorizeSecurityGroupIngress", ec2 + "security-group/sg-1", owned, true, "Modify"},
		{"a rule in the default group", "ec2:AuthorizeSecurityGroupIngress", ec2 + "security-group/sg-1", nil, false, ""},
		{"modifying a rule", "ec2:ModifySecurityGroupRules", ec2 + "security-group-rule/sgr-1", nil, false, ""},
		{"a route in the main table", "ec2:CreateRoute", ec2 + "route-table/rtb-1", nil, false, ""},
		{"the Name tag may be deleted", "ec2:DeleteTags", ec2 + "vpc/vpc-1", keys{"aws:TagKeys": {"Name"}}, true, "DeleteTag"},
		{"all tags may be deleted at once", "ec2:DeleteTags", ec2 + "vpc/vpc-1", nil, true, "DeleteTag"},
		{"another tag may not", "ec2:DeleteTags", ec2 + "vpc/vpc-1", keys{"aws:TagKeys": {"team"}}, false, ""},
		{"an own address is disassociated", "ec2:DisassociateAddress", ec2 + "elastic-ip/eipalloc-1", owned, true, "DisassociateEIP"},
		{"from an interface without tags", "ec2:DisassociateAddress", ec2 + "network-interface/eni-1", nil, true, "DisassociateEIP"},
		{"a foreign address is not", "ec2:DisassociateAddress", ec2 + "elastic-ip/eipalloc-1", foreign, false, "DisassociateEIPAllowCCEOnly"},
		{"an interface without tags is not deleted", "ec2:DeleteNetworkInterface", ec2 + "network-interface/eni-1", nil, false, ""},
		{"another own network is deleted", "ec2:DeleteVpc", ec2 + "vpc/vpc-2", keys{"ec2:ResourceTag/Name": {"cce-y"}}, true, "Delete"},
		{"a second address on a gateway", "ec2:AssociateNatGatewayAddress", ec2 + "natgateway/nat-1", owned, false, ""},
		{"the role", "iam:CreateRole", "arn:aws:iam::111111111111:role/cce-x-iam-role", nil, true, ""},
		{"a role of another name", "iam:CreateRole", "arn:aws:iam::111111111111:role/cce-x-role", nil, false, ""},
		{"a role with a path", "iam:CreateRole", "arn:aws:iam::111111111111:role/p/cce-x-iam-role", nil, false, ""},
		{"tags on the role", "iam:TagRole", "arn:aws:iam::111111111111:role/cce-x-iam-role", nil, false, ""},
		{"detaching a policy", "iam:DetachRolePolicy", "arn:aws:iam::111111111111:role/cce-x-iam-role", nil, false, ""},
		{"decoding a message", "sts:DecodeAuthorizationMessage", "*", nil, false, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			decision, err := Evaluate(policies, Request{Action: c.action, Resource: c.resource, Context: c.context})
			if err != nil {
				t.Fatal(err)
			}
			if decision.Allowed != c.allowed || decision.Sid != c.want || decision.Explicit != (!c.allowed && c.want != "") {
				t.Errorf("%+v", decision)
			}
		})
	}
}
