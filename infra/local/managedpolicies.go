package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"

	"byoc/infra/local/awscall"
)

// managedPolicies attaches the managed policies that a stack's roles name, which
// moto's CloudFormation skips: the roles of `cdk bootstrap` have some. It detaches
// none that an update no longer names. One that cannot be attached is left out:
// what it would allow is denied.
type managedPolicies struct {
	emulator awscall.Emulator
	log      *slog.Logger
}

func (p managedPolicies) stacksChanged(ctx context.Context, at place, resources []resource) error {
	client := iam.NewFromConfig(p.emulator.Config(at.account, "us-east-1"))
	for _, r := range ofKind(resources, "AWS::IAM::Role") {
		for _, arn := range listed(r.properties["ManagedPolicyArns"]) {
			_, err := client.AttachRolePolicy(ctx, &iam.AttachRolePolicyInput{
				RoleName: aws.String(r.physicalID), PolicyArn: aws.String(fmt.Sprint(arn)),
			})
			var missing *types.NoSuchEntityException
			if errors.As(err, &missing) {
				p.log.Error("managed policy not attached (moto has AWS's own only with MOTO_IAM_LOAD_MANAGED_POLICIES=true)", "role", r.physicalID, "policy", arn)
			} else if err != nil {
				return fmt.Errorf("role %s: managed policy %v: %w", r.physicalID, arn, err)
			}
		}
	}
	return nil
}
