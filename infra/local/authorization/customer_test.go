package authorization

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

func customerPolicy(t *testing.T) string {
	t.Helper()
	document, err := os.ReadFile("../iampolicy/testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	return string(document)
}

func named(kind types.ResourceType, name string) []types.TagSpecification {
	return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String("Name"), Value: &name}}}}
}

func permission(port int32) []types.IpPermission {
	return []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}}}
}

// done fails the test unless the call went through.
func done[T any](t *testing.T) func(T, error) T {
	return func(out T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

// TestCustomerPolicySequence builds a network, then tears it down, under the
// policy that customers grant: no call of it may be denied.
func TestCustomerPolicySequence(t *testing.T) {
	w := newWorld(t, Options{})
	client := ec2Of(w.role(t, "cce-x-iam-role", customerPolicy(t)))
	ctx := t.Context()

	vpc := done[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16"), TagSpecifications: named("vpc", "cce-x")})).Vpc.VpcId
	for _, in := range []*ec2.ModifyVpcAttributeInput{
		{VpcId: vpc, EnableDnsSupport: &types.AttributeBooleanValue{Value: aws.Bool(true)}},
		{VpcId: vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}},
	} {
		done[*ec2.ModifyVpcAttributeOutput](t)(client.ModifyVpcAttribute(ctx, in))
	}
	gateway := done[*ec2.CreateInternetGatewayOutput](t)(client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: named("internet-gateway", "cce-x")})).InternetGateway.InternetGatewayId
	done[*ec2.AttachInternetGatewayOutput](t)(client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway, VpcId: vpc}))
	subnet := done[*ec2.CreateSubnetOutput](t)(client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.1.0.0/24"), TagSpecifications: named("subnet", "cce-x-a")})).Subnet.SubnetId
	done[*ec2.ModifySubnetAttributeOutput](t)(client.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: subnet, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: aws.Bool(true)}}))
	address := done[*ec2.AllocateAddressOutput](t)(client.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: "vpc", TagSpecifications: named("elastic-ip", "cce-x")})).AllocationId
	nat := done[*ec2.CreateNatGatewayOutput](t)(client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet, AllocationId: address, TagSpecifications: named("natgateway", "cce-x")})).NatGateway.NatGatewayId
	done[*ec2.DescribeNatGatewaysOutput](t)(client.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{}))
	table := done[*ec2.CreateRouteTableOutput](t)(client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc, TagSpecifications: named("route-table", "cce-x")})).RouteTable.RouteTableId
	done[*ec2.CreateRouteOutput](t)(client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway}))
	association := done[*ec2.AssociateRouteTableOutput](t)(client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: table, SubnetId: subnet})).AssociationId
	group := done[*ec2.CreateSecurityGroupOutput](t)(client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc, GroupName: aws.String("g"), Description: aws.String("g"), TagSpecifications: named("security-group", "cce-x")})).GroupId
	rules := done[*ec2.AuthorizeSecurityGroupIngressOutput](t)(client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permission(443)})).SecurityGroupRules

	done[*ec2.RevokeSecurityGroupIngressOutput](t)(client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: group, SecurityGroupRuleIds: []string{*rules[0].SecurityGroupRuleId}}))
	done[*ec2.DeleteSecurityGroupOutput](t)(client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group}))
	done[*ec2.DeleteNatGatewayOutput](t)(client.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: nat}))
	done[*ec2.ReleaseAddressOutput](t)(client.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: address}))
	done[*ec2.DisassociateRouteTableOutput](t)(client.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: association}))
	done[*ec2.DeleteRouteTableOutput](t)(client.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: table}))
	done[*ec2.DetachInternetGatewayOutput](t)(client.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: gateway, VpcId: vpc}))
	done[*ec2.DeleteInternetGatewayOutput](t)(client.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: gateway}))
	done[*ec2.DeleteSubnetOutput](t)(client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: subnet}))
	done[*ec2.DeleteVpcOutput](t)(client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: vpc}))

	if denied := w.Denied(); len(denied) != 0 {
		t.Errorf("denied: %+v", denied)
	}
	if used := w.Used()["arn:aws:iam::"+w.account+":role/cce-x-iam-role"]; len(used) < 30 {
		t.Errorf("only %d authorizations are on record: %v", len(used), used)
	}
}

// TestCustomerPolicyTraps makes the calls that the policy looks as if it
// allowed.
func TestCustomerPolicyTraps(t *testing.T) {
	w := newWorld(t, Options{})
	client, root := ec2Of(w.role(t, "cce-x-iam-role", customerPolicy(t))), ec2Of(w.root())
	ctx := t.Context()
	vpc := done[*ec2.CreateVpcOutput](t)(client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16"), TagSpecifications: named("vpc", "cce-x")})).Vpc.VpcId
	group := done[*ec2.CreateSecurityGroupOutput](t)(client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc, GroupName: aws.String("g"), Description: aws.String("g"), TagSpecifications: named("security-group", "cce-x")})).GroupId
	subnet := done[*ec2.CreateSubnetOutput](t)(client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.1.0.0/24"), TagSpecifications: named("subnet", "cce-x")})).Subnet.SubnetId
	rule := done[*ec2.AuthorizeSecurityGroupIngressOutput](t)(client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permission(1)})).SecurityGroupRules[0].SecurityGroupRuleId
	foreign := done[*ec2.CreateVpcOutput](t)(root.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.2.0.0/16"), TagSpecifications: named("vpc", "theirs")})).Vpc.VpcId
	foreignAddress := done[*ec2.AllocateAddressOutput](t)(root.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: "vpc"})).AllocationId
	byVPC := []types.Filter{{Name: aws.String("vpc-id"), Values: []string{*vpc}}}
	var defaultGroup *string
	for _, found := range done[*ec2.DescribeSecurityGroupsOutput](t)(client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: byVPC})).SecurityGroups {
		if *found.GroupName == "default" {
			defaultGroup = found.GroupId
		}
	}
	mainTable := done[*ec2.DescribeRouteTablesOutput](t)(client.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: byVPC})).RouteTables[0].RouteTableId

	t.Run("an own address on an interface is disassociated, a foreign one is not", func(t *testing.T) {
		ctx := t.Context()
		network := done[*ec2.CreateNetworkInterfaceOutput](t)(root.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: subnet})).NetworkInterface.NetworkInterfaceId
		own := done[*ec2.AllocateAddressOutput](t)(client.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: "vpc", TagSpecifications: named("elastic-ip", "cce-x")})).AllocationId
		for _, allocation := range []*string{own, foreignAddress} {
			association := done[*ec2.AssociateAddressOutput](t)(root.AssociateAddress(ctx, &ec2.AssociateAddressInput{AllocationId: allocation, NetworkInterfaceId: network, AllowReassociation: aws.Bool(true)})).AssociationId
			_, err := client.DisassociateAddress(ctx, &ec2.DisassociateAddressInput{AssociationId: association})
			want := ""
			if allocation == foreignAddress {
				want = "elastic-ip/" + *allocation + " with an explicit deny"
			}
			expect(t, answerOf(t, err), want)
		}
	})

	const explicit, implicit = "with an explicit deny in an identity-based policy", "because no identity-based policy allows the "
	for _, c := range []struct {
		name   string
		call   func(ctx context.Context) error
		action string
		reason string
	}{
		{"tags later", func(ctx context.Context) error {
			_, err := client.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{*vpc}, Tags: named("", "cce-y")[0].Tags})
			return err
		}, "ec2:CreateTags", implicit},
		{"a VPC without tags", func(ctx context.Context) error {
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.3.0.0/16")})
			return err
		}, "ec2:CreateVpc", implicit},
		{"a VPC of another name, dry", func(ctx context.Context) error {
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{DryRun: aws.Bool(true), CidrBlock: aws.String("10.3.0.0/16"), TagSpecifications: named("vpc", "CCE-x")})
			return err
		}, "ec2:CreateVpc", implicit},
		{"a fifth tag", func(ctx context.Context) error {
			tags := named("vpc", "cce-x")
			tags[0].Tags = append(tags[0].Tags, types.Tag{Key: aws.String("team"), Value: aws.String("t")})
			_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.3.0.0/16"), TagSpecifications: tags})
			return err
		}, "ec2:CreateTags", implicit},
		{"a subnet without tags", func(ctx context.Context) error {
			_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc, CidrBlock: aws.String("10.1.1.0/24")})
			return err
		}, "ec2:CreateSubnet", explicit},
		{"a subnet in a foreign VPC", func(ctx context.Context) error {
			_, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: foreign, CidrBlock: aws.String("10.2.1.0/24"), TagSpecifications: named("subnet", "cce-x")})
			return err
		}, "ec2:CreateSubnet", explicit},
		{"deleting a foreign VPC", func(ctx context.Context) error {
			_, err := client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: foreign})
			return err
		}, "ec2:DeleteVpc", implicit},
		{"a NAT gateway on a foreign address", func(ctx context.Context) error {
			_, err := client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet, AllocationId: foreignAddress, TagSpecifications: named("natgateway", "cce-x")})
			return err
		}, "ec2:CreateNatGateway", explicit},
		{"a tagged rule", func(ctx context.Context) error {
			_, err := client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: group, IpPermissions: permission(2), TagSpecifications: named("security-group-rule", "cce-x")})
			return err
		}, "ec2:AuthorizeSecurityGroupIngress", implicit},
		{"modifying a rule", func(ctx context.Context) error {
			_, err := client.ModifySecurityGroupRules(ctx, &ec2.ModifySecurityGroupRulesInput{GroupId: group, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{SecurityGroupRuleId: rule, SecurityGroupRule: &types.SecurityGroupRuleRequest{Description: aws.String("d")}}}})
			return err
		}, "ec2:ModifySecurityGroupRules", implicit},
		{"the default group", func(ctx context.Context) error {
			_, err := client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: defaultGroup, IpPermissions: permission(3)})
			return err
		}, "ec2:AuthorizeSecurityGroupIngress", implicit},
		{"the main route table", func(ctx context.Context) error {
			_, err := client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: mainTable, SubnetId: subnet})
			return err
		}, "ec2:AssociateRouteTable", implicit},
		{"regions", func(ctx context.Context) error {
			_, err := client.DescribeRegions(ctx, &ec2.DescribeRegionsInput{})
			return err
		}, "ec2:DescribeRegions", implicit},
		{"after the Name tag was deleted", func(ctx context.Context) error {
			_, err := client.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*group}, Tags: []types.Tag{{Key: aws.String("Name")}}})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: group})
			return err
		}, "ec2:DeleteSecurityGroup", implicit},
	} {
		t.Run(c.name, func(t *testing.T) {
			w.Reset()
			var answer smithy.APIError
			if err := c.call(t.Context()); !errors.As(err, &answer) {
				t.Fatalf("answered %v", err)
			}
			want := "You are not authorized to perform this operation. User: arn:aws:sts::" + w.account +
				":assumed-role/cce-x-iam-role/session is not authorized to perform: " + c.action + " on resource: "
			if answer.ErrorCode() != "UnauthorizedOperation" || !strings.HasPrefix(answer.ErrorMessage(), want) || !strings.Contains(answer.ErrorMessage(), c.reason) {
				t.Errorf("%s: %s", answer.ErrorCode(), answer.ErrorMessage())
			}
			denied := w.Denied()
			if len(denied) != 1 || denied[0].Action != c.action || !strings.HasPrefix(denied[0].Reason(), c.reason) {
				t.Errorf("on record: %+v", denied)
			}
		})
	}
}
