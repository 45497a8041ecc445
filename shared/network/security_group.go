package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var securityGroupKind = &kind{
	name:     "security-group",
	inVPC:    true,
	idFilter: "group-id",
	describe: describeSecurityGroups,
	command:  func(r Resource) string { return "delete-security-group --group-id " + r.ID },
}

func bastionGroup() Step  { return securityGroup(stepBastionGroup, useBastion) }
func workloadGroup() Step { return securityGroup(stepWorkloadGroup, useWorkload) }

// securityGroup lets everything out: AWS's default for a new group, left as it
// is. What comes in is a step of its own.
func securityGroup(name, use string) Step {
	return Step{
		Name: name, Title: use + " security group", kind: securityGroupKind, label: use,
		Usually: time.Second,
		Actions: join(describe("DescribeSecurityGroups"), creates("CreateSecurityGroup", "security-group", "vpc"),
			changes("DeleteSecurityGroup", "security-group")),
		Ensure: exists(func(ctx context.Context, p *Pass, s Step) (Resource, error) {
			return createSecurityGroup(ctx, p, s, use)
		}),
		Status: compared(itself, nothingElse),
		Delete: removeSecurityGroup,
	}
}

// createSecurityGroup names the group as its Name tag says: AWS allows a name
// once per VPC, which keeps a second one out where a describe was stale.
func createSecurityGroup(ctx context.Context, p *Pass, s Step, use string) (Resource, error) {
	vpc, name, description := p.id(stepVPC), s.tagName(p.stem()), use+" of custom cloud "+p.spec.CloudID
	out, err := p.client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId: &vpc, GroupName: &name, Description: &description,
		TagSpecifications: p.tagsFor(s, TagSecurityGroup, use),
	}, once)
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateSecurityGroup")
	}
	id := text(out.GroupId)
	p.rules.assumeNone(id)
	return Resource{ID: id, VPC: vpc}, nil
}

func describeSecurityGroups(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeSecurityGroupsPaginator(client, &ec2.DescribeSecurityGroupsInput{Filters: filters(f)})
	return pages(ctx, "ec2:DescribeSecurityGroups", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, g := range out.SecurityGroups {
			page = append(page, Resource{ID: text(g.GroupId), Tags: tagMap(g.Tags), VPC: text(g.VpcId)})
		}
		return page, nil
	})
}

func removeSecurityGroup(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &r.ID})
	return "", Classify(err, "ec2:DeleteSecurityGroup")
}
