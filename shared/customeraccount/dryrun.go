package customeraccount

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// dryRuns are the mutating calls that AWS authorizes before anything exists.
// A dry run of any other would be judged against resources that are not there.
var dryRuns = []struct {
	check string
	call  func(context.Context, *ec2.Client, cloud.Ref) error
}{
	{preflight.DryRunVPC, func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
		_, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{
			DryRun: aws.Bool(true), CidrBlock: aws.String("10.0.0.0/16"),
			TagSpecifications: tagged(types.ResourceTypeVpc, ref),
		})
		return err
	}},
	{preflight.DryRunGateway, func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
		_, err := c.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{
			DryRun:            aws.Bool(true),
			TagSpecifications: tagged(types.ResourceTypeInternetGateway, ref),
		})
		return err
	}},
	{preflight.DryRunAddress, func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
		_, err := c.AllocateAddress(ctx, &ec2.AllocateAddressInput{
			DryRun: aws.Bool(true), Domain: types.DomainTypeVpc,
			TagSpecifications: tagged(types.ResourceTypeElasticIp, ref),
		})
		return err
	}},
}

// tagged is what the real calls are tagged with, as far as policies can tell:
// these two keys, and a name of the cloud's own stem.
func tagged(kind types.ResourceType, ref cloud.Ref) []types.TagSpecification {
	return []types.TagSpecification{{
		ResourceType: kind,
		Tags: []types.Tag{
			{Key: aws.String("Name"), Value: aws.String(cloud.Stem(ref.CloudID) + "-" + string(kind))},
			{Key: aws.String(tagCloud), Value: aws.String(ref.CloudID)},
		},
	}}
}

func checkDryRuns(ctx context.Context, r Request, s *Session) []Check {
	checks := make([]Check, len(dryRuns))
	var group sync.WaitGroup
	for i, d := range dryRuns {
		group.Go(func() { checks[i] = dryRunCheck(r, d.check, d.call(ctx, s.EC2, r.Ref)) })
	}
	group.Wait()
	return checks
}

// dryRunCheck reads the answer to a dry run, which is always an error.
func dryRunCheck(r Request, name string, err error) Check {
	action := strings.TrimPrefix(name, "dry_run/")
	e := asked(action+" in "+r.Region+" as a dry run, with the tags of the real call", nil, err)
	switch {
	case err == nil:
		return unknown(name, "AWS took the dry run of "+action+" for a real call.", "", e)
	case errorCode(err) == "DryRunOperation":
		return passed(name, "AWS would let the role call "+action+".", e)
	case refused(err):
		return deniedCheck(name, r, action, err, e)
	}
	return r.unanswered(name, e, err)
}
