package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var internetGatewayKind = &kind{
	name:     "internet-gateway",
	idFilter: "internet-gateway-id",
	describe: describeInternetGateways,
	command: func(r Resource) string {
		c := "delete-internet-gateway --internet-gateway-id " + r.ID
		if r.VPC != "" {
			c = "detach-internet-gateway --internet-gateway-id " + r.ID + " --vpc-id " + r.VPC + " && " + c
		}
		return c
	},
}

func internetGateway() Step {
	return Step{
		Name: stepInternetGateway, Title: "internet gateway", kind: internetGatewayKind, label: "internet-gateway",
		Usually: time.Second,
		Actions: join(describe("DescribeInternetGateways"), creates("CreateInternetGateway", "internet-gateway"),
			changes("DeleteInternetGateway", "internet-gateway")),
		Ensure: exists(createInternetGateway),
		Status: compared(itself, nothingElse),
		Delete: removeInternetGateway,
	}
}

func createInternetGateway(ctx context.Context, p *Pass, s Step) (Resource, error) {
	out, err := p.client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{TagSpecifications: p.tagsFor(s)}, once)
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateInternetGateway")
	}
	return Resource{ID: text(out.InternetGateway.InternetGatewayId)}, nil
}

func describeInternetGateways(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeInternetGatewaysPaginator(client, &ec2.DescribeInternetGatewaysInput{Filters: filters(f)})
	return pages(ctx, "ec2:DescribeInternetGateways", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, g := range out.InternetGateways {
			r := Resource{ID: text(g.InternetGatewayId), Tags: tagMap(g.Tags)}
			for _, a := range g.Attachments {
				if a.State != types.AttachmentStatusDetached {
					r.VPC = text(a.VpcId)
				}
			}
			page = append(page, r)
		}
		return page, nil
	})
}

func removeInternetGateway(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &r.ID})
	return "", Classify(err, "ec2:DeleteInternetGateway")
}

// attachment ties the gateway to the VPC. A step of its own: a crash between
// creating and attaching heals.
func attachment() Step {
	return Step{
		Name: stepAttachment, Title: "internet gateway's attachment", kind: internetGatewayKind, property: true, of: stepInternetGateway,
		Usually: time.Second,
		Actions: join(changes("AttachInternetGateway", "internet-gateway", "vpc"),
			changes("DetachInternetGateway", "internet-gateway", "vpc")),
		Ensure: converged(func(ctx context.Context, p *Pass, _ Step, _ []Finding) error {
			gateway, vpc := p.id(stepInternetGateway), p.id(stepVPC)
			_, err := p.client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
			return Classify(err, "ec2:AttachInternetGateway")
		}),
		Status: compared(owner(internetGateway), func(_ context.Context, p *Pass, _ Step, r Resource) ([]Finding, error) {
			if want := p.id(stepVPC); r.VPC != want {
				return []Finding{altered("attachment", want, r.VPC)}, nil
			}
			return nil, nil
		}),
		Delete: func(ctx context.Context, p *Pass, r Resource) (string, error) {
			if r.VPC == "" {
				return "", nil
			}
			_, err := p.client.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &r.ID, VpcId: &r.VPC})
			return "", Classify(err, "ec2:DetachInternetGateway")
		},
	}
}
