package local

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/awscall"
)

// managedPolicies attaches the managed policies that a stack's roles name, which
// moto's CloudFormation skips: the roles of `cdk bootstrap` have some. It detaches
// none that an update no longer names.
type managedPolicies struct{ emulator awscall.Emulator }

func (p managedPolicies) stacksChanged(ctx context.Context, at place, resources []resource) error {
	client := iam.NewFromConfig(p.emulator.Config(at.account, "us-east-1"))
	for _, r := range ofKind(resources, "AWS::IAM::Role") {
		for _, arn := range listed(r.properties["ManagedPolicyArns"]) {
			if _, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
				RoleName: aws.String(r.physicalID), PolicyArn: aws.String(fmt.Sprint(arn)),
			}); err != nil {
				return fmt.Errorf("role %s: managed policy %v: %w", r.physicalID, arn, err)
			}
		}
	}
	return nil
}
