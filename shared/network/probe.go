package network

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// probe is one action as a dry run. Of a dry run AWS says only whether it is
// allowed, so that its other parameters are of no weight.
type probe struct {
	action string
	// on are the ids of the existing resources that it is authorized against;
	// without one of them AWS would answer that it does not exist.
	on   []string
	call func(context.Context) error
}

// Denials dry-runs every action of the table that changes something and whose
// resources exist by now, removals included, and answers a Denied error for
// each one that AWS denies, in the order of the table. One denied call is
// seldom alone: the customer should learn of all at once. What AWS does not
// answer is left out. It changes nothing.
func (e *Engine) Denials(ctx context.Context) []error {
	return denials(ctx, e.pass().probes())
}

// WithDeniedRemovals adds to the error of a tear-down that is stuck all other
// removals that are denied, by the same dry runs: of what has to go later none
// was tried.
func (e *Engine) WithDeniedRemovals(ctx context.Context, err error) error {
	probes := slices.DeleteFunc(e.pass().probes(), func(p probe) bool { return !removal.MatchString(p.action) })
	told := cloud.MessageOf(err)
	more := slices.DeleteFunc(denials(ctx, probes), func(d error) bool { return strings.Contains(told, cloud.MessageOf(d)) })
	return worst(append([]error{err}, more...))
}

var removal = regexp.MustCompile(`^ec2:(Delete|Detach|Release|Revoke)`)

func denials(ctx context.Context, probes []probe) []error {
	errs := make([]error, len(probes))
	walk(width, make([][]int, len(probes)), func(i int) bool {
		if slices.Contains(probes[i].on, "") || ctx.Err() != nil {
			return false
		}
		err := probes[i].call(ctx)
		var api smithy.APIError
		if errors.As(err, &api) && api.ErrorCode() != "DryRunOperation" {
			errs[i] = Classify(err, probes[i].action)
		}
		return true
	})
	return slices.DeleteFunc(errs, func(err error) bool { return cloud.CodeOf(err) != cloud.Denied })
}

// WithDenials adds to a Denied error all the others that Denials finds. Any
// other error stays as it is.
func (e *Engine) WithDenials(ctx context.Context, err error) error {
	if cloud.CodeOf(err) != cloud.Denied {
		return err
	}
	return worst(append([]error{err}, e.Denials(ctx)...))
}

func did[T any](_ T, err error) error { return err }

// probes of all actions that can be dry-run: ModifyVpcAttribute and
// ModifySubnetAttribute have no such parameter, and what takes the id of an
// association (DisassociateRouteTable, ReplaceRouteTableAssociation) cannot be
// named from the record.
func (p *Pass) probes() []probe {
	if len(p.spec.Zones) == 0 {
		return nil
	}
	zone := p.spec.Zones[0]
	c, dry := p.client, new(true)
	id := func(name string) string { return p.id(p.keyIn(name, zone.ID)) }
	tags := func(name string) []types.TagSpecification { return p.tagsFor(p.stepNamed(name, zone.ID)) }
	vpc, gateway, table, group := id(stepVPC), id(stepInternetGateway), id(stepPublicTable), id(stepBastionGroup)
	subnet, address, nat := id(stepBastionSubnet), id(stepAddress), id(stepNATGateway)
	cidr, destination := p.spec.CIDR.String(), anywhere
	name, description := p.stepNamed(stepBastionGroup, "").tagName(p.stem()), "dry run"
	permission := []types.IpPermission{{IpProtocol: new("tcp"), FromPort: new(int32(22)), ToPort: new(int32(22)), IpRanges: []types.IpRange{{CidrIp: &cidr}}}}
	return []probe{
		{"ec2:CreateVpc", nil, func(ctx context.Context) error {
			return did(c.CreateVpc(ctx, &ec2.CreateVpcInput{DryRun: dry, CidrBlock: &cidr, TagSpecifications: tags(stepVPC)}))
		}},
		{"ec2:CreateInternetGateway", nil, func(ctx context.Context) error {
			return did(c.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{DryRun: dry, TagSpecifications: tags(stepInternetGateway)}))
		}},
		{"ec2:AttachInternetGateway", []string{vpc, gateway}, func(ctx context.Context) error {
			return did(c.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{DryRun: dry, VpcId: &vpc, InternetGatewayId: &gateway}))
		}},
		{"ec2:CreateSubnet", []string{vpc}, func(ctx context.Context) error {
			return did(c.CreateSubnet(ctx, &ec2.CreateSubnetInput{DryRun: dry, VpcId: &vpc, CidrBlock: &zone.Bastion, AvailabilityZoneId: &zone.ID, TagSpecifications: tags(stepBastionSubnet)}))
		}},
		{"ec2:AllocateAddress", nil, func(ctx context.Context) error {
			return did(c.AllocateAddress(ctx, &ec2.AllocateAddressInput{DryRun: dry, Domain: types.DomainTypeVpc, TagSpecifications: tags(stepAddress)}))
		}},
		{"ec2:CreateNatGateway", []string{subnet, address}, func(ctx context.Context) error {
			return did(c.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{DryRun: dry, SubnetId: &subnet, AllocationId: &address, TagSpecifications: tags(stepNATGateway)}))
		}},
		{"ec2:CreateRouteTable", []string{vpc}, func(ctx context.Context) error {
			return did(c.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{DryRun: dry, VpcId: &vpc, TagSpecifications: tags(stepPublicTable)}))
		}},
		{"ec2:CreateRoute", []string{table, gateway}, func(ctx context.Context) error {
			return did(c.CreateRoute(ctx, &ec2.CreateRouteInput{DryRun: dry, RouteTableId: &table, GatewayId: &gateway, DestinationCidrBlock: &destination}))
		}},
		{"ec2:ReplaceRoute", []string{table, gateway}, func(ctx context.Context) error {
			return did(c.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{DryRun: dry, RouteTableId: &table, GatewayId: &gateway, DestinationCidrBlock: &destination}))
		}},
		{"ec2:AssociateRouteTable", []string{table, subnet}, func(ctx context.Context) error {
			return did(c.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{DryRun: dry, RouteTableId: &table, SubnetId: &subnet}))
		}},
		{"ec2:CreateSecurityGroup", []string{vpc}, func(ctx context.Context) error {
			return did(c.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{DryRun: dry, VpcId: &vpc, GroupName: &name, Description: &description, TagSpecifications: tags(stepBastionGroup)}))
		}},
		{"ec2:AuthorizeSecurityGroupIngress", []string{group}, func(ctx context.Context) error {
			return did(c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{DryRun: dry, GroupId: &group, IpPermissions: permission}))
		}},
		{"ec2:RevokeSecurityGroupIngress", []string{group}, func(ctx context.Context) error {
			return did(c.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{DryRun: dry, GroupId: &group, IpPermissions: permission}))
		}},
		{"ec2:DeleteSecurityGroup", []string{group}, func(ctx context.Context) error {
			return did(c.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{DryRun: dry, GroupId: &group}))
		}},
		{"ec2:DeleteNatGateway", []string{nat}, func(ctx context.Context) error {
			return did(c.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{DryRun: dry, NatGatewayId: &nat}))
		}},
		{"ec2:ReleaseAddress", []string{address}, func(ctx context.Context) error {
			return did(c.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{DryRun: dry, AllocationId: &address}))
		}},
		{"ec2:DeleteRouteTable", []string{table}, func(ctx context.Context) error {
			return did(c.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{DryRun: dry, RouteTableId: &table}))
		}},
		{"ec2:DetachInternetGateway", []string{vpc, gateway}, func(ctx context.Context) error {
			return did(c.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{DryRun: dry, VpcId: &vpc, InternetGatewayId: &gateway}))
		}},
		{"ec2:DeleteInternetGateway", []string{gateway}, func(ctx context.Context) error {
			return did(c.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{DryRun: dry, InternetGatewayId: &gateway}))
		}},
		{"ec2:DeleteSubnet", []string{subnet}, func(ctx context.Context) error {
			return did(c.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{DryRun: dry, SubnetId: &subnet}))
		}},
		{"ec2:DeleteVpc", []string{vpc}, func(ctx context.Context) error {
			return did(c.DeleteVpc(ctx, &ec2.DeleteVpcInput{DryRun: dry, VpcId: &vpc}))
		}},
	}
}

// keyIn is the key of the step name, in a zone where it has one.
func (p *Pass) keyIn(name, zone string) string {
	if !perZoneRow(name) {
		zone = ""
	}
	return key(name, zone)
}

func (p *Pass) stepNamed(name, zone string) Step {
	for _, r := range rows() {
		if r.step.Name == name {
			s := r.step
			if r.scope != single {
				s.Zone = zone
			}
			return s
		}
	}
	return Step{}
}
