package endtoend

import (
	"errors"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"byoc/infra/customer"
	"byoc/infra/policyproof"
)

// installer is somebody in the customer's account who holds what the page for
// security teams says that applying and destroying the template takes, in that
// form, and nothing else: one denied call makes the run fail. Terraform's calls
// are bounded by customer-policy.json besides, which has no right on stacks.
func (w *world) installer(c customer.Cloud, form string) customer.Account {
	w.Helper()
	policy := must[string](w)(policyproof.Installer("../..", form, w.account.ID, c.UniqueName))
	name := aws.String("installer")
	role := &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::` + w.account.ID + `:root"}}]}`)}
	client := w.account.IAM()
	if form == "terraform" {
		bound, err := os.ReadFile("../../shared/template/testdata/customer-policy.json")
		if err != nil {
			w.Fatal(err)
		}
		boundary, err := client.CreatePolicy(w.ctx, &iam.CreatePolicyInput{PolicyName: aws.String("customer-policy"), PolicyDocument: aws.String(string(bound))})
		if err != nil {
			w.Fatal(err)
		}
		role.PermissionsBoundary = boundary.Policy.Arn
	}
	made, err := client.CreateRole(w.ctx, role)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := client.PutRolePolicy(w.ctx, &iam.PutRolePolicyInput{RoleName: name, PolicyName: name, PolicyDocument: &policy}); err != nil {
		w.Fatal(err)
	}
	for {
		out, err := sts.NewFromConfig(w.account.Config()).AssumeRole(w.ctx, &sts.AssumeRoleInput{RoleArn: made.Role.Arn, RoleSessionName: name})
		if err == nil {
			return w.account.As(aws.Credentials{
				AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken,
			})
		}
		// A fresh role has to propagate.
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != "AccessDenied" {
			w.Fatal(err)
		}
		select {
		case <-w.ctx.Done():
			w.Fatal(err)
		case <-time.After(300 * time.Millisecond):
		}
	}
}
