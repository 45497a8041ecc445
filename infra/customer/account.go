package customer

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// Account is a customer's AWS account in the local AWS, with its root's
// credentials, where an account's id is also an access key; or, As somebody in
// it, with theirs.
type Account struct {
	ID  string
	Run runInfo

	credentials aws.Credentials
}

// As acts with a role's credentials in the account.
func (a Account) As(c aws.Credentials) Account {
	a.credentials = c
	return a
}

func (a Account) signing() aws.Credentials {
	if a.credentials.AccessKeyID == "" {
		return aws.Credentials{AccessKeyID: a.ID, SecretAccessKey: "local"}
	}
	return a.credentials
}

type runInfo struct{ endpoint, region string }

// Account by its 12-digit id.
func (c *Customer) Account(id string) Account {
	return Account{ID: id, Run: runInfo{endpoint: c.Run.AWSURL, region: c.Run.Region}}
}

// connections are shared by all clients, however many are made.
var connections = awshttp.NewBuildableClient()

// Config for clients.
func (a Account) Config() aws.Config {
	return aws.Config{
		Region:       a.Run.region,
		BaseEndpoint: aws.String(a.Run.endpoint),
		HTTPClient:   connections,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return a.signing(), nil
		}),
	}
}

// Environment for programs.
func (a Account) Environment() []string {
	c := a.signing()
	return []string{
		"AWS_ENDPOINT_URL=" + a.Run.endpoint, "AWS_ACCESS_KEY_ID=" + c.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + c.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + c.SessionToken,
		"AWS_REGION=" + a.Run.region, "AWS_DEFAULT_REGION=" + a.Run.region, "AWS_EC2_METADATA_DISABLED=true",
	}
}

// ApplyCloudFormation creates the role as the CloudFormation template
// prescribes, and answers the role ARN that the stack puts out.
func (a Account) ApplyCloudFormation(ctx context.Context, stack, template string) (roleARN string, err error) {
	return a.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String(stack), TemplateBody: aws.String(template)})
}

// CreateStack creates a stack of the CloudFormation template, waits for it, and
// answers the role ARN that it puts out.
func (a Account) CreateStack(ctx context.Context, in *cloudformation.CreateStackInput) (roleARN string, err error) {
	client := cloudformation.NewFromConfig(a.Config())
	in.Capabilities = []types.Capability{types.CapabilityCapabilityNamedIam}
	if _, err := client.CreateStack(ctx, in); err != nil {
		return "", err
	}
	waiter := cloudformation.NewStackCreateCompleteWaiter(client, func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	})
	out, err := waiter.WaitForOutput(ctx, &cloudformation.DescribeStacksInput{StackName: in.StackName}, time.Minute)
	if err != nil {
		return "", err
	}
	for _, o := range out.Stacks[0].Outputs {
		if aws.ToString(o.OutputKey) == "RoleArn" {
			return aws.ToString(o.OutputValue), nil
		}
	}
	return "", fmt.Errorf("stack %s has no output RoleArn", aws.ToString(in.StackName))
}

// DeleteCloudFormation removes the stack and with it the role.
func (a Account) DeleteCloudFormation(ctx context.Context, stack string) error {
	client := cloudformation.NewFromConfig(a.Config())
	if _, err := client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String(stack)}); err != nil {
		return err
	}
	return cloudformation.NewStackDeleteCompleteWaiter(client, func(o *cloudformation.StackDeleteCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 100*time.Millisecond, time.Second
	}).Wait(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(stack)}, time.Minute)
}

// IAM client of the account.
func (a Account) IAM() *iam.Client { return iam.NewFromConfig(a.Config()) }
