package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var vpcKind = &kind{
	name:     "vpc",
	idFilter: "vpc-id",
	describe: describeVPCs,
	command:  func(r Resource) string { return "delete-vpc --vpc-id " + r.ID },
}

func vpc() Step {
	return Step{
		Name: stepVPC, Title: "VPC", kind: vpcKind, label: "vpc",
		Usually: 2 * time.Second,
		Actions: join(describe("DescribeVpcs"), creates("CreateVpc", "vpc"), changes("DeleteVpc", "vpc")),
		Ensure:  exists(createVPC),
		Status: compared(itself, func(_ context.Context, p *Pass, _ Step, r Resource) ([]Finding, error) {
			if r.CIDR != p.spec.CIDR.String() {
				return []Finding{altered("address range", p.spec.CIDR, r.CIDR)}, nil
			}
			return nil, nil
		}),
		Delete: removeVPC,
	}
}

func createVPC(ctx context.Context, p *Pass, s Step) (Resource, error) {
	cidr := p.spec.CIDR.String()
	out, err := p.client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: &cidr, TagSpecifications: p.tagsFor(s)}, once)
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateVpc")
	}
	return Resource{ID: text(out.Vpc.VpcId), CIDR: cidr}, nil
}

func describeVPCs(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeVpcsPaginator(client, &ec2.DescribeVpcsInput{Filters: filters(f)})
	return pages(ctx, "ec2:DescribeVpcs", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, v := range out.Vpcs {
			// A VPC that is pending takes subnets already; nothing waits for it.
			page = append(page, Resource{ID: text(v.VpcId), Tags: tagMap(v.Tags), CIDR: text(v.CidrBlock)})
		}
		return page, nil
	})
}

func removeVPC(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: &r.ID})
	return "", Classify(err, "ec2:DeleteVpc")
}

func join(lists ...[]Action) []Action {
	var all []Action
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}
