package endtoend

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"byoc/shared/preflight"
)

// The CloudFormation template as a customer without Terraform applies it, with no
// more rights than are documented. What comes of it is what the checks expect:
// the policy unedited, the trust exact.
func TestTheCloudFormationTemplateDeploysWithTheAWSCLI(t *testing.T) {
	t.Parallel()
	cli, err := exec.LookPath("aws")
	if err != nil {
		lacks(t, "the AWS CLI is not on the PATH (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)")
	}
	w := newWorld(t)
	c := w.draft(nil)
	file := filepath.Join(t.TempDir(), "role.json")
	if err := os.WriteFile(file, []byte(must[string](w)(w.api.Document(w.ctx, c.ID, "cloudformation/template"))), 0o600); err != nil {
		t.Fatal(err)
	}
	installer := w.installer(c, "cloudformation")
	aws := func(arguments ...string) {
		t.Helper()
		cmd := exec.CommandContext(w.ctx, cli, arguments...)
		cmd.Env = append(os.Environ(), installer.Environment()...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("aws %v: %v\n%s", arguments, err, out)
		}
	}
	aws("cloudformation", "deploy", "--stack-name", c.UniqueName, "--template-file", file, "--capabilities", "CAPABILITY_NAMED_IAM")
	roleARN := "arn:aws:iam::" + w.account.ID + ":role/" + c.UniqueName + "-iam-role"
	a := w.known(c, roleARN)
	for _, name := range []string{preflight.Role, preflight.ExternalID, preflight.Trust, preflight.Policy, preflight.Template} {
		if got := check(t, a, name); got.Verdict != preflight.Passed {
			t.Errorf("%+v", got)
		}
	}
	aws("cloudformation", "delete-stack", "--stack-name", c.UniqueName)
}
