package customeraccount

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/shared/cloud"
)

// dryRuns are the mutating calls that AWS authorizes before anything exists.
// A dry run of any other would be judged against resources that are not there.
var dryRuns = []struct {
	action string
	call   func(context.Context, *ec2.Client, cloud.Ref) error
}{
	{"ec2:CreateVpc", func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
		_, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{
			DryRun: aws.Bool(true), CidrBlock: aws.String("10.0.0.0/16"),
			TagSpecifications: tagged(types.ResourceTypeVpc, ref),
		})
		return err
	}},
	{"ec2:CreateInternetGateway", func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
		_, err := c.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{
			DryRun:            aws.Bool(true),
			TagSpecifications: tagged(types.ResourceTypeInternetGateway, ref),
		})
		return err
	}},
	{"ec2:AllocateAddress", func(ctx context.Context, c *ec2.Client, ref cloud.Ref) error {
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
			{Key: aws.String("aiven_custom_cloud_environment_id"), Value: aws.String(ref.CloudID)},
		},
	}}
}

func checkDryRuns(ctx context.Context, r Request, s *Session) []Check {
	checks := make([]Check, len(dryRuns))
	var group sync.WaitGroup
	for i, d := range dryRuns {
		group.Go(func() { checks[i] = dryRunCheck(r, d.action, d.call(ctx, s.EC2, r.Ref)) })
	}
	group.Wait()
	return checks
}

// dryRunCheck reads the answer to a dry run, which is always an error.
func dryRunCheck(r Request, action string, err error) Check {
	name := CheckDryRun + "/" + action
	switch code := errorCode(err); {
	case code == "DryRunOperation":
		return Check{Name: name, Verdict: Passed, Evidence: "AWS would let the role call " + action + "."}
	case refused(err):
		return failed(name, cloud.Denied,
			"The role may not call "+action+" in "+r.Region+deniedBy(err)+".", curePolicy(err))
	case code == "AuthFailure" || code == "OptInRequired":
		return failed(name, cloud.Denied,
			"AWS does not accept the role's credentials in "+r.Region+" ("+code+"): the region is not enabled in this account.",
			"Enable region "+r.Region+" for the account and try again.")
	case err == nil:
		return Check{Name: name, Verdict: CouldNotCheck, Evidence: "AWS took the dry run of " + action + " for a real call."}
	}
	return unanswered(name, action+" as a dry run", err)
}
