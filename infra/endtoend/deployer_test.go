package endtoend

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"byoc/infra/local"
	"byoc/infra/sandbox"
)

// The CDK's CLI acts as the roles of its bootstrap, within their policies: where it
// may not assume one it goes on with whatever credentials it was given.
func TestTheDeploymentRunsAsTheRolesOfTheBootstrap(t *testing.T) {
	for role, does := range map[string]func(local.Call) bool{
		"cdk-hnb659fds-file-publishing-role-": func(c local.Call) bool { return c.Service == "s3" && c.Method == "PUT" },
		"cdk-hnb659fds-deploy-role-":          func(c local.Call) bool { return c.Service == "cloudformation" && c.Operation == "CreateStack" },
	} {
		if !slices.ContainsFunc(system.Calls(), func(c local.Call) bool {
			return strings.Contains(c.RoleARN, role) && does(c) && c.Status == 200
		}) {
			t.Errorf("%s did nothing", role)
		}
	}
}

// deployer is the environment of somebody who may do what docs/deployer-policy.json
// allows, and nothing else: the local AWS judges each call by it.
func (w *world) deployer() []string {
	w.Helper()
	policy, err := os.ReadFile("../../docs/deployer-policy.json")
	if err != nil {
		w.Fatal(err)
	}
	name := "deployer-" + w.account.ID
	roles := iam.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	role := must[*iam.CreateRoleOutput](w)(roles.CreateRole(w.ctx, &iam.CreateRoleInput{
		RoleName: &name,
		AssumeRolePolicyDocument: aws.String(`{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": {"AWS": "arn:aws:iam::` + sandbox.Account + `:root"}}]}`),
	}))
	must[*iam.PutRolePolicyOutput](w)(roles.PutRolePolicy(w.ctx, &iam.PutRolePolicyInput{
		RoleName: &name, PolicyName: aws.String("deployer"), PolicyDocument: aws.String(string(policy)),
	}))
	config := w.api.Account(sandbox.Account).Config()
	var session *sts.AssumeRoleOutput
	for session == nil {
		// A fresh role is refused for a while.
		session, err = sts.NewFromConfig(config).AssumeRole(w.ctx, &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("deployer")})
		if w.ctx.Err() != nil {
			w.Fatal(err)
		}
	}
	return []string{
		"AWS_ENDPOINT_URL=" + system.URL(), "AWS_REGION=" + sandbox.Region,
		"AWS_ACCESS_KEY_ID=" + aws.ToString(session.Credentials.AccessKeyId),
		"AWS_SECRET_ACCESS_KEY=" + aws.ToString(session.Credentials.SecretAccessKey),
		"AWS_SESSION_TOKEN=" + aws.ToString(session.Credentials.SessionToken),
	}
}
