package inventory_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/awscall"
	"byoc/infra/local/inventory"
	"byoc/infra/local/moto/mototest"
)

func TestInventorySeesEverythingOnce(t *testing.T) {
	ctx := context.Background()
	config := awscall.Emulator{URL: mototest.URL(t)}.Config(mototest.Account(), mototest.Region)
	client := ec2.NewFromConfig(config)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	take := func() inventory.Inventory {
		t.Helper()
		i, err := inventory.Take(ctx, config)
		ok(err)
		return i
	}

	empty := take()
	if len(empty.VPCs) != 1 || !empty.VPCs[0].Default {
		t.Errorf("a new account has %+v, want its default VPC", empty.VPCs)
	}
	if again := take(); !reflect.DeepEqual(again, empty) || len(inventory.Diff(empty, again)) != 0 {
		t.Errorf("nothing changed, yet: %q", inventory.Diff(empty, again))
	}

	name := func(kind types.ResourceType) []types.TagSpecification {
		return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("mine")}}}}
	}
	vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), TagSpecifications: name(types.ResourceTypeVpc)})
	ok(err)
	subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/24")})
	ok(err)
	gateway, err := client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	ok(err)
	_, err = client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{VpcId: vpc.Vpc.VpcId, InternetGatewayId: gateway.InternetGateway.InternetGatewayId})
	ok(err)
	address, err := client.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
	ok(err)
	nat, err := client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet.Subnet.SubnetId, AllocationId: address.AllocationId})
	ok(err)
	table, err := client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: vpc.Vpc.VpcId})
	ok(err)
	_, err = client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: table.RouteTable.RouteTableId,
		DestinationCidrBlock: aws.String("0.0.0.0/0"), NatGatewayId: nat.NatGateway.NatGatewayId})
	ok(err)
	_, err = client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String("g"), Description: aws.String("g")})
	ok(err)
	roles := iam.NewFromConfig(config)
	_, err = roles.CreateRole(ctx, &iam.CreateRoleInput{RoleName: aws.String("r"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)})
	ok(err)
	_, err = roles.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"ec2:*","Resource":"*"}]}`)})
	ok(err)

	full := take()
	diff := inventory.Diff(empty, full)
	want := map[string]int{
		"+ vpc": 1, "+ subnet": 1, "+ internet gateway": 1, "+ NAT gateway": 1, "+ address": 1,
		"+ route table":         2, // the main one came with the VPC
		"+ security group sg-":  2, // so did the default one
		"+ security group rule": 2, "+ network interface": 1, "+ role": 1,
	}
	total := 0
	for prefix, count := range want {
		total += count
		got := 0
		for _, line := range diff {
			if strings.HasPrefix(line, prefix) {
				got++
			}
		}
		if got != count {
			t.Errorf("%d lines %q, want %d", got, prefix, count)
		}
	}
	if len(diff) != total {
		t.Errorf("%d lines, want %d:\n%s", len(diff), total, strings.Join(diff, "\n"))
	}
	for _, part := range []string{"+ vpc " + *vpc.Vpc.VpcId, "Name=mine", "0.0.0.0/0>" + *nat.NatGateway.NatGatewayId, "Inline:p"} {
		if !slices.ContainsFunc(diff, func(line string) bool { return strings.Contains(line, part) }) {
			t.Errorf("no line has %q in\n%s", part, strings.Join(diff, "\n"))
		}
	}
	if back := inventory.Diff(full, empty); len(back) != total || !strings.HasPrefix(back[0], "- ") {
		t.Errorf("backwards: %q", back)
	}

	_, err = client.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: vpc.Vpc.VpcId, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
	ok(err)
	changed := inventory.Diff(full, take())
	if len(changed) != 1 || !strings.HasPrefix(changed[0], "~ vpc "+*vpc.Vpc.VpcId) {
		t.Errorf("after a change: %q", changed)
	}

	_, err = client.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: nat.NatGateway.NatGatewayId})
	ok(err)
	if left := take().NATGateways; len(left) != 0 {
		t.Errorf("a deleted NAT gateway is listed: %+v", left)
	}
}
