package ec2behaviour_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
)

func TestNewIDIsUnknownForAWhile(t *testing.T) {
	t.Parallel()
	stale := func(d time.Duration) func(*options) {
		return func(o *options) { o.StaleReads, o.StaleCalls = d, d }
	}
	listed := func(w *world, vpc string) bool {
		out, err := w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		return slices.ContainsFunc(must(w, out, err).Vpcs, func(v types.Vpc) bool { return *v.VpcId == vpc })
	}
	named := func(w *world, vpc string) error {
		_, err := w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpc}})
		return err
	}
	modify := func(w *world, vpc string) error {
		_, err := w.ec2.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: &vpc, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}})
		return err
	}
	came := func(w *world, vpc string) int {
		tables, err := w.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: filter("vpc-id", vpc)})
		return len(must(w, tables, err).RouteTables)
	}

	w := open(t, stale(forever))
	vpc := w.vpc()
	w.want("InvalidVpcID.NotFound", named(w, vpc))
	w.want("InvalidVpcID.NotFound", modify(w, vpc))
	if listed(w, vpc) || came(w, vpc) != 0 {
		t.Error("a new VPC is seen at once")
	}

	w = open(t, stale(wait))
	vpc = w.vpc()
	w.eventually("the VPC is known", func() bool { return named(w, vpc) == nil })
	w.want("", modify(w, vpc))
	if !listed(w, vpc) || came(w, vpc) != 1 {
		t.Error("a VPC is not seen after its time")
	}

	w = open(t, nil)
	vpc = w.vpc()
	w.want("", named(w, vpc))
	w.want("", modify(w, vpc))
	if !listed(w, vpc) || came(w, vpc) != 1 {
		t.Error("switched off: a new VPC is not seen")
	}
}

func TestEveryNewResourceIsUnknownForAWhile(t *testing.T) {
	t.Parallel()
	// Long enough that nothing ends during the test; short for what the rest is
	// made from.
	long := map[string]bool{"CreateNatGateway": true, "CreateSecurityGroup": true, "CreateNetworkInterface": true}
	w := open(t, func(o *options) {
		o.Override = func(call *awscall.Call) ec2behaviour.Override {
			if long[call.Operation] || call.Query.Get("ClientToken") == "stale" {
				return ec2behaviour.Override{Stale: time.Minute}
			}
			return ec2behaviour.Override{}
		}
	})
	s := w.site()
	nat := w.nat(s)
	_, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{nat}})
	w.want("NatGatewayNotFound", err)
	out, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: filter("vpc-id", s.vpc)})
	if len(must(w, out, err).NatGateways) != 0 {
		t.Error("a new NAT gateway is listed")
	}
	w.want("InvalidNatGatewayID.NotFound", w.route(w.table(s.vpc), &ec2.CreateRouteInput{NatGatewayId: &nat}))

	group := w.group(s.vpc, "new")
	_, err = w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group,
		IpPermissions: []types.IpPermission{{IpProtocol: aws.String("-1")}}})
	w.want("InvalidGroup.NotFound", err)

	table, err := w.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &s.vpc, ClientToken: aws.String("stale")})
	id := *must(w, table, err).RouteTable.RouteTableId
	w.want("InvalidRouteTableID.NotFound", w.deleteTable(id))
	table, err = w.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &s.vpc, ClientToken: aws.String("stale")})
	if *must(w, table, err).RouteTable.RouteTableId != id {
		t.Error("a token is stale with what it made")
	}
}

func TestDryRunActsOnNothing(t *testing.T) {
	t.Parallel()
	count := func(w *world) int {
		out, err := w.behind.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
		return len(must(w, out, err).Vpcs)
	}
	in := &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), DryRun: aws.Bool(true)}
	w := openAlone(t, nil)
	before := count(w)
	_, err := w.ec2.CreateVpc(ctx, in)
	w.want("DryRunOperation", err)
	_, err = w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{DryRun: aws.Bool(true)})
	w.want("DryRunOperation", err)
	vpc := w.vpc()
	_, err = w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &vpc, DryRun: aws.Bool(true)})
	w.want("DryRunOperation", err)
	_, err = w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: aws.String("vpc-0123456789abcdef0"), DryRun: aws.Bool(true)})
	w.want("InvalidVpcID.NotFound", err)
	if got := count(w) - before; got != 1 {
		t.Errorf("%d VPCs more after one was made", got)
	}

	w = openAlone(t, func(o *options) { o.DryRuns = false })
	before = count(w)
	_, _ = w.ec2.CreateVpc(ctx, in)
	if count(w) != before+1 {
		t.Error("switched off: a dry run acts no more")
	}
}

func TestAnswersCarryTheirRequestID(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	out, err := w.ec2.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
	id, ok := middleware.GetRequestIDMetadata(must(w, out, err).ResultMetadata)
	if !ok || len(id) != 36 {
		t.Errorf("request id %q", id)
	}
}

// All that a network is made of is made and torn down with every behaviour on,
// in the order that AWS asks for.
func TestNetworkComesAndGoes(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	s := w.site()
	nat, table, group := w.nat(s), w.table(s.vpc), w.group(s.vpc, "own")
	must(w, 0, w.route(table, &ec2.CreateRouteInput{NatGatewayId: &nat}))
	association, err := w.associate(table, s.subnet)
	must(w, 0, err)
	w.untilNAT(nat, types.NatGatewayStateAvailable)

	w.want("", w.deleteGroup(group))
	w.deleteNAT(nat)
	w.untilNAT(nat, types.NatGatewayStateDeleted)
	w.want("", w.release(s.address))
	_, err = w.ec2.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &association})
	w.want("", err)
	w.want("", w.deleteTable(table))
	w.want("", w.detach(s.gateway, s.vpc))
	_, err = w.ec2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &s.gateway})
	w.want("", err)
	w.want("", w.deleteSubnet(s.subnet))
	w.want("", w.deleteVPC(s.vpc))
}
