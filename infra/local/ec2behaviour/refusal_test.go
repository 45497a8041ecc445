package ec2behaviour_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/ec2behaviour"
)

type options = ec2behaviour.Options

func (w *world) release(address string) error {
	_, err := w.ec2.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: &address})
	return err
}

func (w *world) deleteSubnet(id string) error {
	_, err := w.ec2.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &id})
	return err
}

func (w *world) detach(gateway, vpc string) error {
	_, err := w.ec2.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
	return err
}

func (w *world) deleteVPC(id string) error {
	_, err := w.ec2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &id})
	return err
}

func (w *world) deleteGroup(id string) error {
	_, err := w.ec2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &id})
	return err
}

func (w *world) deleteTable(id string) error {
	_, err := w.ec2.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &id})
	return err
}

func (w *world) associate(table, subnet string) (string, error) {
	out, err := w.ec2.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: &table, SubnetId: &subnet})
	if err != nil {
		return "", err
	}
	return *out.AssociationId, nil
}

func TestAddressOfANATGatewayIsNotReleased(t *testing.T) {
	refuses(t, "InvalidIPAddress.InUse", func(o *options) { o.Addresses = false }, func(w *world) func() error {
		s := w.site()
		w.nat(s)
		return func() error { return w.release(s.address) }
	})
}

func TestAddressOfANATGatewayIsNotDisassociated(t *testing.T) {
	refuses(t, "AuthFailure", func(o *options) { o.Addresses = false }, func(w *world) func() error {
		s := w.site()
		w.nat(s)
		out, err := w.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{s.address}})
		association := must(w, out, err).Addresses[0].AssociationId
		return func() error {
			_, err := w.ec2.DisassociateAddress(ctx, &ec2.DisassociateAddressInput{AssociationId: association})
			return err
		}
	})
}

func TestInterfaceOfANATGatewayIsNotDeleted(t *testing.T) {
	refuses(t, "InvalidParameterValue", func(o *options) { o.NetworkInterfaces = false }, func(w *world) func() error {
		g := w.untilNAT(w.nat(w.site()), types.NatGatewayStateAvailable)
		return func() error {
			_, err := w.ec2.DeleteNetworkInterface(ctx, &ec2.DeleteNetworkInterfaceInput{
				NetworkInterfaceId: g.NatGatewayAddresses[0].NetworkInterfaceId})
			return err
		}
	})
}

func TestSubnetOfANATGatewayIsNotDeleted(t *testing.T) {
	refuses(t, "DependencyViolation", func(o *options) { o.Subnets = false }, func(w *world) func() error {
		s := w.site()
		w.nat(s)
		return func() error { return w.deleteSubnet(s.subnet) }
	})
}

func TestWhatADeletedNATGatewayHeldIsFreeWithoutNATGatewaysToo(t *testing.T) {
	t.Parallel()
	w := open(t, noNAT)
	s := w.site()
	w.deleteNAT(w.nat(s))
	w.want("", w.detach(s.gateway, s.vpc))
	w.want("", w.deleteSubnet(s.subnet))
	w.want("", w.release(s.address))
}

func TestDeletedSubnetFreesItsRouteTable(t *testing.T) {
	refused := func(w *world) error {
		vpc := w.vpc()
		subnet, table := w.subnet(vpc, "10.0.1.0/24"), w.table(vpc)
		_, err := w.associate(table, subnet)
		must(w, 0, err)
		must(w, 0, w.deleteSubnet(subnet))
		return w.deleteTable(table)
	}
	t.Parallel()
	w := open(t, nil)
	w.want("", refused(w))
	w = open(t, func(o *options) { o.Subnets = false })
	w.want("DependencyViolation", refused(w))
}

func TestSubnetBlockIsAtLeastA28(t *testing.T) {
	refuses(t, "InvalidSubnet.Range", func(o *options) { o.Subnets = false }, func(w *world) func() error {
		vpc := w.vpc()
		return func() error {
			_, err := w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.0.0.0/29")})
			return err
		}
	})
}

func TestSubnetZoneIsOneOfTheRegion(t *testing.T) {
	for name, zone := range map[string]ec2.CreateSubnetInput{
		"by name": {AvailabilityZone: aws.String("us-east-1a")},
		"by id":   {AvailabilityZoneId: aws.String("use1-az1")},
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, "InvalidParameterValue", func(o *options) { o.Subnets = false }, func(w *world) func() error {
				zone.VpcId, zone.CidrBlock = aws.String(w.vpc()), aws.String("10.0.1.0/24")
				in := zone
				return func() error {
					_, err := w.ec2.CreateSubnet(ctx, &in)
					return err
				}
			})
		})
	}
}

func TestSubnetInAZoneGivenByIDIsNoDefaultOne(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		w := open(t, func(o *options) { o.Subnets = on })
		vpc := w.vpc()
		out, err := w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.0.1.0/24"),
			AvailabilityZoneId: aws.String("euw1-az2")})
		s := must(w, out, err).Subnet
		if *s.AvailabilityZoneId != "euw1-az2" || *s.DefaultForAz == on || *s.MapPublicIpOnLaunch == on {
			t.Errorf("subnets %v: zone %s, default %v, public %v", on, *s.AvailabilityZoneId, *s.DefaultForAz, *s.MapPublicIpOnLaunch)
		}
	}
}

func TestInternetGatewayIsNotDetachedFromMappedAddresses(t *testing.T) {
	refuses(t, "DependencyViolation", func(o *options) { o.InternetGateways = false }, func(w *world) func() error {
		s := w.site()
		w.nat(s)
		return func() error { return w.detach(s.gateway, s.vpc) }
	})
}

func TestVPCHasOneInternetGateway(t *testing.T) {
	refuses(t, "InvalidParameterValue", func(o *options) { o.InternetGateways = false }, func(w *world) func() error {
		s := w.site()
		second := w.gateway()
		return func() error { return w.attach(second, s.vpc) }
	})
}

func TestVPCIsNotDeletedWith(t *testing.T) {
	off := func(o *options) { o.VPCs = false }
	t.Run("an internet gateway", func(t *testing.T) {
		refuses(t, "DependencyViolation", off, func(w *world) func() error {
			vpc := w.vpc()
			must(w, 0, w.attach(w.gateway(), vpc))
			return func() error { return w.deleteVPC(vpc) }
		})
	})
	t.Run("a security group of its own", func(t *testing.T) {
		refuses(t, "DependencyViolation", off, func(w *world) func() error {
			vpc := w.vpc()
			w.group(vpc, "own")
			return func() error { return w.deleteVPC(vpc) }
		})
	})
}

func TestVPCIsDeletedWithWhatItCameWith(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	w.want("", w.deleteVPC(w.vpc()))
}

func TestSecurityGroupIsNotDeletedWhile(t *testing.T) {
	off := func(o *options) { o.SecurityGroups = false }
	t.Run("another refers to it", func(t *testing.T) {
		refuses(t, "DependencyViolation", off, func(w *world) func() error {
			vpc := w.vpc()
			used, using := w.group(vpc, "used"), w.group(vpc, "using")
			for _, group := range []string{used, using} {
				_, err := w.ec2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{
					GroupId: &group, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22),
						ToPort: aws.Int32(22), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &used}}}}})
				must(w, 0, err)
			}
			w.want("", w.deleteGroup(using))
			w.want("", w.deleteGroup(w.group(vpc, "using")))
			using = w.group(vpc, "again")
			_, err := w.ec2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{
				GroupId: &using, IpPermissions: []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22),
					ToPort: aws.Int32(22), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &used}}}}})
			must(w, 0, err)
			return func() error { return w.deleteGroup(used) }
		})
	})
	t.Run("an interface uses it", func(t *testing.T) {
		refuses(t, "DependencyViolation", off, func(w *world) func() error {
			vpc := w.vpc()
			subnet, group := w.subnet(vpc, "10.0.1.0/24"), w.group(vpc, "used")
			_, err := w.ec2.CreateNetworkInterface(ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: &subnet, Groups: []string{group}})
			must(w, 0, err)
			return func() error { return w.deleteGroup(group) }
		})
	})
	t.Run("it is the default one", func(t *testing.T) {
		refuses(t, "CannotDelete", off, func(w *world) func() error {
			vpc := w.vpc()
			out, err := w.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: filter("vpc-id", vpc)})
			group := *must(w, out, err).SecurityGroups[0].GroupId
			return func() error { return w.deleteGroup(group) }
		})
	})
}

func TestMainRouteTableIsNotDeleted(t *testing.T) {
	refuses(t, "DependencyViolation", func(o *options) { o.RouteTables = false }, func(w *world) func() error {
		vpc := w.vpc()
		out, err := w.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: filter("vpc-id", vpc)})
		table := *must(w, out, err).RouteTables[0].RouteTableId
		return func() error { return w.deleteTable(table) }
	})
}

func TestSubnetHasOneRouteTable(t *testing.T) {
	refuses(t, "Resource.AlreadyAssociated", func(o *options) { o.RouteTables = false }, func(w *world) func() error {
		vpc := w.vpc()
		subnet, table := w.subnet(vpc, "10.0.1.0/24"), w.table(vpc)
		first, err := w.associate(table, subnet)
		must(w, 0, err)
		again, err := w.associate(table, subnet)
		if must(w, again, err) != first {
			w.t.Errorf("associating again made %s of %s", again, first)
		}
		other := w.table(vpc)
		return func() error {
			_, err := w.associate(other, subnet)
			return err
		}
	})
}

func TestRouteTableIsOfTheSubnetsVPC(t *testing.T) {
	refuses(t, "InvalidParameterValue", func(o *options) { o.RouteTables = false }, func(w *world) func() error {
		subnet, table := w.subnet(w.vpc(), "10.0.1.0/24"), w.table(w.vpc())
		return func() error {
			_, err := w.associate(table, subnet)
			return err
		}
	})
}
