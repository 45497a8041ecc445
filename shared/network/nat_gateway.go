package network

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	natPending  = "AWS is starting the NAT gateway; that usually takes one to two minutes."
	natDeleting = "AWS is deleting the NAT gateway; that usually takes one to two minutes."
)

// natGatewayKind is shown as deleted for about an hour after it is gone.
// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html
var natGatewayKind = &kind{
	name:     "natgateway",
	inVPC:    true,
	idFilter: "nat-gateway-id",
	describe: describeNATGateways,
	command: func(r Resource) string {
		// Its address and its subnet cannot go before it has.
		return "delete-nat-gateway --nat-gateway-id " + r.ID + " && wait nat-gateway-deleted --nat-gateway-ids " + r.ID
	},
}

func natGateway() Step {
	return Step{
		Name: stepNATGateway, Title: "NAT gateway", kind: natGatewayKind, label: "nat",
		Usually: 100 * time.Second,
		Actions: join(describe("DescribeNatGateways"), creates("CreateNatGateway", "natgateway", "subnet", "elastic-ip"),
			changes("DeleteNatGateway", "natgateway")),
		Ensure: ensureNATGateway,
		Status: compared(itself, func(_ context.Context, p *Pass, s Step, r Resource) ([]Finding, error) {
			switch {
			case r.State == "pending":
				return []Finding{{Verdict: Pending}}, nil
			case r.State != "available":
				return []Finding{altered("state", "available", r.State)}, nil
			case r.SubnetID != p.id(key(stepBastionSubnet, s.Zone)):
				return []Finding{altered("subnet", p.id(key(stepBastionSubnet, s.Zone)), r.SubnetID)}, nil
			}
			return nil, nil
		}),
		Delete: removeNATGateway,
	}
}

// ensureNATGateway deletes a gateway that failed and ends with its reason: nearly
// all failure codes stand for something that stays so (no free address in the
// subnet, an address in use). The next attempt makes a new one.
func ensureNATGateway(ctx context.Context, p *Pass, s Step) (string, error) {
	r, pending, err := p.ensure(ctx, s, func(ctx context.Context) (Resource, error) { return createNATGateway(ctx, p, s) })
	if err != nil || pending != "" {
		return pending, err
	}
	switch r.State {
	case "available":
		return "", nil
	case "failed":
		if _, err := removeNATGateway(ctx, p, r); err != nil {
			return "", err
		}
		if err := p.record(ctx, s.Key(), func(rec *cloud.Step) { p.renew(rec, cloud.StepFailed) }); err != nil {
			return "", err
		}
		return "", cloud.Errorf(cloud.ResourceFailed, "The NAT gateway in %s failed: %s.", s.Zone, r.Failure)
	case "deleted", "deleting":
		// A replayed token answered a gateway that is gone.
		if err := p.record(ctx, s.Key(), func(rec *cloud.Step) { p.renew(rec, cloud.StepPending) }); err != nil {
			return "", err
		}
	}
	return natPending, nil
}

func createNATGateway(ctx context.Context, p *Pass, s Step) (Resource, error) {
	subnet, address, token := p.id(key(stepBastionSubnet, s.Zone)), p.id(key(stepAddress, s.Zone)), p.token(s)
	out, err := p.client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
		SubnetId: &subnet, AllocationId: &address, ClientToken: &token,
		ConnectivityType: types.ConnectivityTypePublic, TagSpecifications: p.tagsFor(s),
	})
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateNatGateway")
	}
	return natResource(*out.NatGateway), nil
}

// token makes the call replayable: the same for the same generation of the
// same step, 64 ASCII characters.
func (p *Pass) token(s Step) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %d", p.spec.CloudID, s.Name, s.Zone, p.step(s.Key()).Generation))
	return hex.EncodeToString(h[:])
}

func describeNATGateways(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeNatGatewaysPaginator(client, &ec2.DescribeNatGatewaysInput{Filter: filters(f)})
	return pages(ctx, "ec2:DescribeNatGateways", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, g := range out.NatGateways {
			page = append(page, natResource(g))
		}
		return page, nil
	})
}

func natResource(g types.NatGateway) Resource {
	r := Resource{ID: text(g.NatGatewayId), Tags: tagMap(g.Tags), VPC: text(g.VpcId),
		State: string(g.State), SubnetID: text(g.SubnetId),
	}
	if code := text(g.FailureCode); code != "" {
		r.Failure = fmt.Sprintf("%s (%s)", sentence(text(g.FailureMessage)), code)
	}
	for _, a := range g.NatGatewayAddresses {
		r.AddressID = text(a.AllocationId)
	}
	return r
}

func removeNATGateway(ctx context.Context, p *Pass, r Resource) (string, error) {
	if r.State == "deleting" {
		return natDeleting, nil
	}
	_, err := p.client.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &r.ID})
	return natDeleting, Classify(err, "ec2:DeleteNatGateway")
}
