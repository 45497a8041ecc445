package network

import (
	"context"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// What a subnet or security group is for; the value of its second tag.
const (
	useBastion  = "bastion"
	useWorkload = "workload"
)

var subnetKind = &kind{
	name:     "subnet",
	inVPC:    true,
	idFilter: "subnet-id",
	describe: describeSubnets,
	command:  func(r Resource) string { return "delete-subnet --subnet-id " + r.ID },
}

func bastionSubnet() Step {
	return subnet(stepBastionSubnet, useBastion, func(z cloud.Zone) string { return z.Bastion })
}

func workloadSubnet() Step {
	return subnet(stepWorkloadSubnet, useWorkload, func(z cloud.Zone) string { return z.Workload })
}

func subnet(name, use string, cidr func(cloud.Zone) string) Step {
	return Step{
		Name: name, Title: use + " subnet", kind: subnetKind, label: use,
		Usually: time.Second,
		Actions: join(describe("DescribeSubnets"), creates("CreateSubnet", "subnet", "vpc"), changes("DeleteSubnet", "subnet")),
		Ensure: exists(func(ctx context.Context, p *Pass, s Step) (Resource, error) {
			return createSubnet(ctx, p, s, use, cidr(p.zone(s)))
		}),
		Status: compared(itself, func(_ context.Context, p *Pass, s Step, r Resource) ([]Finding, error) {
			var found []Finding
			if want := cidr(p.zone(s)); r.CIDR != want {
				found = append(found, altered("address range", want, r.CIDR))
			}
			if r.ZoneID != s.Zone {
				found = append(found, altered("availability zone", s.Zone, r.ZoneID))
			}
			return found, nil
		}),
		Delete: removeSubnet,
	}
}

func createSubnet(ctx context.Context, p *Pass, s Step, use, cidr string) (Resource, error) {
	vpc := p.id(stepVPC)
	out, err := p.client.CreateSubnet(ctx, &ec2.CreateSubnetInput{
		VpcId: &vpc, AvailabilityZoneId: &s.Zone, CidrBlock: &cidr,
		TagSpecifications: p.tagsFor(s, TagSubnet, use),
	}, once)
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateSubnet")
	}
	return Resource{ID: text(out.Subnet.SubnetId), VPC: vpc, CIDR: cidr, ZoneID: s.Zone}, nil
}

func describeSubnets(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeSubnetsPaginator(client, &ec2.DescribeSubnetsInput{Filters: filters(f)})
	return pages(ctx, "ec2:DescribeSubnets", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, s := range out.Subnets {
			page = append(page, Resource{ID: text(s.SubnetId), Tags: tagMap(s.Tags), VPC: text(s.VpcId),
				CIDR: text(s.CidrBlock), ZoneID: text(s.AvailabilityZoneId), PublicIPs: flag(s.MapPublicIpOnLaunch),
			})
		}
		return page, nil
	})
}

func removeSubnet(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: &r.ID})
	return "", Classify(err, "ec2:DeleteSubnet")
}

// publicAddresses gives what is launched in the bastion subnet a public
// address: bastions are entered from the management ranges, through the
// internet gateway, and that takes one. The bastion group decides who gets in.
func publicAddresses() Step {
	return Step{
		Name: stepPublicAddresses, Title: "bastion subnet's public addresses", kind: subnetKind, property: true, of: stepBastionSubnet,
		Usually: time.Second,
		Actions: changes("ModifySubnetAttribute", "subnet"),
		Ensure: converged(func(ctx context.Context, p *Pass, s Step, _ []Finding) error {
			subnet, on := p.id(key(stepBastionSubnet, s.Zone)), true
			_, err := p.client.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{
				SubnetId: &subnet, MapPublicIpOnLaunch: &types.AttributeBooleanValue{Value: &on},
			})
			return Classify(err, "ec2:ModifySubnetAttribute")
		}),
		Status: compared(owner(bastionSubnet), func(_ context.Context, _ *Pass, _ Step, r Resource) ([]Finding, error) {
			if !r.PublicIPs {
				return []Finding{altered("public addresses", "on", "off")}, nil
			}
			return nil, nil
		}),
	}
}

// zone of a step, as it is on record.
func (p *Pass) zone(s Step) cloud.Zone {
	for _, z := range p.spec.Zones {
		if z.ID == s.Zone {
			return z
		}
	}
	return cloud.Zone{ID: s.Zone}
}
