package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var addressKind = &kind{
	name:     "elastic-ip",
	idFilter: "allocation-id",
	describe: describeAddresses,
	command:  func(r Resource) string { return "release-address --allocation-id " + r.ID },
}

// elasticAddress is the NAT gateway's. It waits for nothing, the VPC included.
func elasticAddress() Step {
	return Step{
		Name: stepAddress, Title: "elastic IP address", kind: addressKind, label: "nat",
		Usually: time.Second,
		Actions: join(describe("DescribeAddresses"), creates("AllocateAddress", "elastic-ip"), changes("ReleaseAddress", "elastic-ip")),
		Ensure:  exists(allocateAddress),
		Status:  compared(itself, nothingElse),
		Delete:  removeAddress,
	}
}

func allocateAddress(ctx context.Context, p *Pass, s Step) (Resource, error) {
	out, err := p.client.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc, TagSpecifications: p.tagsFor(s)}, once)
	if err != nil {
		return Resource{}, Classify(err, "ec2:AllocateAddress")
	}
	return Resource{ID: text(out.AllocationId)}, nil
}

func describeAddresses(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	out, err := client.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{Filters: filters(f)})
	if err != nil {
		return nil, Classify(err, "ec2:DescribeAddresses")
	}
	var all []Resource
	for _, a := range out.Addresses {
		all = append(all, Resource{ID: text(a.AllocationId), Tags: tagMap(a.Tags)})
	}
	return all, nil
}

// removeAddress never disassociates: AWS does when the NAT gateway is gone, and
// refuses until then with InvalidIPAddress.InUse or AuthFailure.
func removeAddress(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.ReleaseAddress(ctx, &ec2.ReleaseAddressInput{AllocationId: &r.ID})
	return "", Classify(err, "ec2:ReleaseAddress")
}
