package network

import (
	"context"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// AWS takes one attribute per call, and host names only where DNS support is on.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html

func dnsSupport() Step {
	return vpcAttribute(stepDNSSupport, "DNS support", types.VpcAttributeNameEnableDnsSupport,
		func(o *ec2.DescribeVpcAttributeOutput) *types.AttributeBooleanValue { return o.EnableDnsSupport },
		func(in *ec2.ModifyVpcAttributeInput, on *types.AttributeBooleanValue) { in.EnableDnsSupport = on })
}

func dnsHostNames() Step {
	return vpcAttribute(stepDNSHostNames, "DNS host names", types.VpcAttributeNameEnableDnsHostnames,
		func(o *ec2.DescribeVpcAttributeOutput) *types.AttributeBooleanValue { return o.EnableDnsHostnames },
		func(in *ec2.ModifyVpcAttributeInput, on *types.AttributeBooleanValue) { in.EnableDnsHostnames = on })
}

func vpcAttribute(name, title string, attribute types.VpcAttributeName,
	get func(*ec2.DescribeVpcAttributeOutput) *types.AttributeBooleanValue,
	set func(*ec2.ModifyVpcAttributeInput, *types.AttributeBooleanValue),
) Step {
	turnOn := func(ctx context.Context, p *Pass) error {
		id, on := p.id(stepVPC), true
		in := &ec2.ModifyVpcAttributeInput{VpcId: &id}
		set(in, &types.AttributeBooleanValue{Value: &on})
		_, err := p.client.ModifyVpcAttribute(ctx, in)
		return Classify(err, "ec2:ModifyVpcAttribute")
	}
	return Step{
		Name: name, Title: title, kind: vpcKind, property: true, of: stepVPC,
		Usually: time.Second,
		Actions: join(describe("DescribeVpcAttribute"), changes("ModifyVpcAttribute", "vpc")),
		Ensure: func(ctx context.Context, p *Pass, s Step) (string, error) {
			// Turning on what is on changes nothing: before the step is first
			// done, looking would only cost a call.
			if p.step(s.Key()).State != cloud.StepReady {
				return "", turnOn(ctx, p)
			}
			return converged(func(ctx context.Context, p *Pass, _ Step, _ []Finding) error { return turnOn(ctx, p) })(ctx, p, s)
		},
		Status: compared(owner(vpc), func(ctx context.Context, p *Pass, _ Step, r Resource) ([]Finding, error) {
			out, err := p.client.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &r.ID, Attribute: attribute})
			if err != nil {
				return nil, Classify(err, "ec2:DescribeVpcAttribute")
			}
			if v := get(out); v == nil || !flag(v.Value) {
				return []Finding{altered(title, "on", "off")}, nil
			}
			return nil, nil
		}),
	}
}
