package ec2behaviour_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
)

func noNAT(o *ec2behaviour.Options) { o.NATGateways = false }

func TestNATGatewayIsPendingThenAvailable(t *testing.T) {
	t.Parallel()
	w := open(t, func(o *ec2behaviour.Options) { o.NATPending = forever })
	id := w.nat(w.site())
	if g := w.describeNAT(id); g.State != types.NatGatewayStatePending || g.NatGatewayAddresses[0].PrivateIp != nil {
		t.Errorf("just made: %s %+v, want pending without a private address", g.State, g.NatGatewayAddresses)
	}

	w = open(t, nil)
	g := w.untilNAT(w.nat(w.site()), types.NatGatewayStateAvailable)
	a := g.NatGatewayAddresses[0]
	if a.PrivateIp == nil || a.PublicIp == nil || a.NetworkInterfaceId == nil || a.AllocationId == nil {
		t.Errorf("available without its addresses: %+v", a)
	}
	if g.VpcId == nil || g.SubnetId == nil || g.CreateTime == nil || g.ConnectivityType != types.ConnectivityTypePublic {
		t.Errorf("incomplete: %+v", g)
	}

	w = open(t, noNAT)
	if g := w.describeNAT(w.nat(w.site())); g.State != types.NatGatewayStateAvailable {
		t.Errorf("switched off: %s, want available at once", g.State)
	}
}

func TestNATGatewayIsDeletingThenDeletedThenForgotten(t *testing.T) {
	t.Parallel()
	w := open(t, func(o *ec2behaviour.Options) { o.NATDeleting = forever })
	s := w.site()
	id := w.nat(s)
	w.deleteNAT(id)
	w.deleteNAT(id) // again, which is no error
	if g := w.describeNAT(id); g.State != types.NatGatewayStateDeleting || g.DeleteTime == nil {
		t.Errorf("just deleted: %s at %v, want deleting", g.State, g.DeleteTime)
	}
	w.want("InvalidIPAddress.InUse", w.release(s.address))
	w.want("DependencyViolation", w.deleteSubnet(s.subnet))
	w.want("DependencyViolation", w.detach(s.gateway, s.vpc))

	w = open(t, nil)
	s = w.site()
	id = w.nat(s)
	w.deleteNAT(id)
	w.untilNAT(id, types.NatGatewayStateDeleted)
	w.deleteNAT(id)
	w.want("", w.release(s.address))
	w.want("", w.deleteSubnet(s.subnet))
	w.want("", w.detach(s.gateway, s.vpc))

	w = open(t, func(o *ec2behaviour.Options) { o.NATVisible = wait })
	id = w.nat(w.site())
	w.deleteNAT(id)
	w.eventually("forgotten", func() bool {
		_, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
		return codeOf(err) == "NatGatewayNotFound"
	})

	w = open(t, noNAT)
	id = w.nat(w.site())
	w.deleteNAT(id)
	if g := w.describeNAT(id); g.State != types.NatGatewayStateDeleted {
		t.Errorf("switched off: %s, want deleted at once", g.State)
	}
}

func TestDeletedNATGatewayLetsGoInTheEmulatorWithoutAnotherCall(t *testing.T) {
	t.Parallel()
	held := func(w *world, s site) string {
		enis, err := w.behind.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{Filters: filter("subnet-id", s.subnet)})
		must(w, 0, err)
		addresses, err := w.behind.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{s.address}})
		must(w, 0, err)
		gateways, err := w.behind.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: append(
			filter("state", "available"), filter("subnet-id", s.subnet)...)})
		must(w, 0, err)
		return fmt.Sprintf("%d interfaces, associated %v, %d gateways", len(enis.NetworkInterfaces),
			addresses.Addresses[0].AssociationId != nil, len(gateways.NatGateways))
	}
	w := open(t, func(o *ec2behaviour.Options) { o.NATDeleting = forever })
	s := w.site()
	w.deleteNAT(w.nat(s))
	if got := held(w, s); got != "1 interfaces, associated true, 1 gateways" {
		t.Errorf("deleting, it holds %s", got)
	}
	w = open(t, nil)
	s = w.site()
	w.deleteNAT(w.nat(s))
	w.eventually("nothing held behind", func() bool {
		return held(w, s) == "0 interfaces, associated false, 0 gateways"
	})
}

func TestUnknownNATGatewayIsNotFound(t *testing.T) {
	t.Parallel()
	id := aws.String("nat-0123456789abcdef0")
	w := open(t, nil)
	_, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*id}})
	w.want("NatGatewayNotFound", err)
	_, err = w.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: id})
	w.want("NatGatewayNotFound", err)

	w = open(t, noNAT)
	_, err = w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*id}})
	w.want("", err)
}

func TestNATGatewayFails(t *testing.T) {
	t.Run("for want of an internet gateway", func(t *testing.T) {
		t.Parallel()
		w := open(t, nil)
		vpc := w.vpc()
		s := site{vpc: vpc, subnet: w.subnet(vpc, "10.0.1.0/24"), address: w.address()}
		id := w.nat(s)
		g := w.untilNAT(id, types.NatGatewayStateFailed)
		if aws.ToString(g.FailureCode) != "Gateway.NotAttached" || g.FailureMessage == nil || *g.NatGatewayAddresses[0].AllocationId != s.address {
			t.Errorf("failed as %v (%v) with %+v", g.FailureCode, g.FailureMessage, g.NatGatewayAddresses)
		}
		w.want("", w.release(s.address))
		w.want("", w.deleteSubnet(s.subnet))
		w.deleteNAT(id)
		w.untilNAT(id, types.NatGatewayStateDeleted)
	})
	t.Run("for an address in use", func(t *testing.T) {
		t.Parallel()
		w := open(t, nil)
		s := w.site()
		w.untilNAT(w.nat(s), types.NatGatewayStateAvailable)
		g := w.untilNAT(w.nat(s), types.NatGatewayStateFailed)
		if aws.ToString(g.FailureCode) != "Resource.AlreadyAssociated" || g.ConnectivityType != types.ConnectivityTypePublic {
			t.Errorf("failed as %v, %s", g.FailureCode, g.ConnectivityType)
		}
	})
	t.Run("by override", func(t *testing.T) {
		t.Parallel()
		failing := func(pending time.Duration) func(*ec2behaviour.Options) {
			return func(o *ec2behaviour.Options) {
				o.Override = func(*awscall.Call) ec2behaviour.Override {
					return ec2behaviour.Override{
						NATPending: pending,
						NATFailure: &ec2behaviour.NATFailure{Code: "InternalError", Message: "try again"},
					}
				}
			}
		}
		w := open(t, failing(forever))
		s := w.site()
		if g := w.describeNAT(w.nat(s)); g.State != types.NatGatewayStatePending || g.FailureCode != nil {
			t.Errorf("%s as %v, want pending", g.State, g.FailureCode)
		}
		w.want("InvalidIPAddress.InUse", w.release(s.address))

		w = open(t, failing(wait))
		s = w.site()
		if g := w.untilNAT(w.nat(s), types.NatGatewayStateFailed); aws.ToString(g.FailureCode) != "InternalError" {
			t.Errorf("failed as %v", g.FailureCode)
		}
		w.want("", w.release(s.address))
	})
	t.Run("but not when switched off", func(t *testing.T) {
		t.Parallel()
		w := open(t, noNAT)
		vpc := w.vpc()
		id := w.nat(site{subnet: w.subnet(vpc, "10.0.1.0/24"), address: w.address()})
		if g := w.describeNAT(id); g.State != types.NatGatewayStateAvailable {
			t.Errorf("%s, want the emulator's available", g.State)
		}
	})
}

func TestNATGatewayNeedsAnAddressThatExists(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	s := w.site()
	_, err := w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &s.subnet, AllocationId: aws.String("eipalloc-01234567")})
	w.want("InvalidAllocationID.NotFound", err)
	_, err = w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &s.subnet})
	w.want("MissingParameter", err)
	w.want("", w.deleteSubnet(s.subnet)) // nothing was left in it

	w = open(t, noNAT)
	s = w.site()
	_, err = w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &s.subnet})
	w.want("", err)
}

func TestNATGatewaysAreFilteredAndPaged(t *testing.T) {
	t.Parallel()
	w := openAlone(t, nil)
	s := w.site()
	var ids []string
	for _, name := range []string{"a", "b", "c"} {
		out, err := w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
			SubnetId: &s.subnet, AllocationId: aws.String(w.address()),
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeNatgateway,
				Tags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("nat-" + name)}, {Key: aws.String(name), Value: aws.String("")}}}},
		})
		ids = append(ids, *must(w, out, err).NatGateway.NatGatewayId)
	}
	count := func(w *world, filters []types.Filter) int {
		out, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: filters})
		return len(must(w, out, err).NatGateways)
	}
	for _, test := range []struct {
		filters []types.Filter
		want    int
	}{
		{filter("tag:Name", "nat-a", "nat-b"), 2},
		{filter("tag:Name", "nat-?"), 3},
		{filter("tag:Name", "Nat-a"), 0},
		{filter("tag-key", "c"), 1},
		{filter("state", "pending", "available"), 3},
		{filter("state", "deleted"), 0},
		{filter("subnet-id", s.subnet), 3},
		{filter("vpc-id", s.vpc), 3},
		{filter("vpc-id", "vpc-0"), 0},
		{filter("nat-gateway-id", ids[0]), 1},
		{append(filter("vpc-id", s.vpc), filter("tag:Name", "nat-a")...), 1},
	} {
		if got := count(w, test.filters); got != test.want {
			t.Errorf("filter %s %q finds %d, want %d", *test.filters[0].Name, test.filters[0].Values, got, test.want)
		}
	}
	_, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{Filter: filter("colour", "red")})
	w.want("InvalidParameterValue", err)

	pages, seen := 0, 0
	for p := ec2.NewDescribeNatGatewaysPaginator(w.ec2, &ec2.DescribeNatGatewaysInput{MaxResults: aws.Int32(2)}); p.HasMorePages(); pages++ {
		page, err := p.NextPage(ctx)
		seen += len(must(w, page, err).NatGateways)
	}
	if pages != 2 || seen != 3 {
		t.Errorf("%d gateways on %d pages, want 3 on 2", seen, pages)
	}

	w = openAlone(t, noNAT)
	w.nat(w.site())
	if got := count(w, filter("tag:Name", "other")); got != 1 {
		t.Errorf("switched off: the tag filter is no more ignored")
	}
}

func TestNATGatewayMadeBehindIsLikeAnyOther(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	s := w.site()
	out, err := w.behind.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &s.subnet, AllocationId: &s.address})
	id := *must(w, out, err).NatGateway.NatGatewayId
	w.untilNAT(id, types.NatGatewayStateAvailable)
	w.deleteNAT(id)
	w.untilNAT(id, types.NatGatewayStateDeleted)
	w.want("", w.release(s.address))
}
