package local

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"byoc/infra/local/awscall"
)

// identities makes the mail identities that stacks deploy, which moto's
// CloudFormation skips: whom a function may send mail as is authorized against
// the identity.
type identities struct{ emulator awscall.Emulator }

func (i identities) stacksChanged(ctx context.Context, at place, resources []resource) error {
	client := sesv2.NewFromConfig(i.emulator.Config(at.account, at.region))
	for _, r := range ofKind(resources, "AWS::SES::EmailIdentity") {
		name := fmt.Sprint(r.properties["EmailIdentity"])
		_, err := client.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: aws.String(name)})
		var missing *types.NotFoundException
		if errors.As(err, &missing) {
			_, err = client.CreateEmailIdentity(ctx, &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(name)})
		}
		if err != nil {
			return fmt.Errorf("mail identity %s: %w", name, err)
		}
	}
	return nil
}
