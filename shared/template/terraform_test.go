package template_test

import (
	"context"
	"errors"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"byoc/infra/local/iampolicy"
	"byoc/infra/policyproof"
	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

// customer is somebody with Terraform in a folder of their own.
type customer struct {
	t    *testing.T
	dir  string
	path string
	env  []string
}

// providerAtHand says whether Terraform would find the AWS provider without
// fetching some 600 MB for every test.
func providerAtHand() bool {
	_, err := os.Stat(os.Getenv("TF_CLI_CONFIG_FILE"))
	return os.Getenv("TF_PLUGIN_DIR") != "" || os.Getenv("TF_PLUGIN_CACHE_DIR") != "" || err == nil
}

// newCustomer skips the test where Terraform or the AWS provider is missing.
// TF_PLUGIN_DIR names a folder with the provider, for machines that cannot
// reach the registry.
func newCustomer(t *testing.T, endpoint string) *customer {
	t.Helper()
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("SKIPPED: terraform is not installed")
	}
	const missing = "SKIPPED: the AWS provider for Terraform is not at hand; set TF_PLUGIN_DIR to a folder that has it (or TF_PLUGIN_CACHE_DIR, or TF_CLI_CONFIG_FILE)"
	if !providerAtHand() {
		t.Skip(missing)
	}
	c := &customer{t: t, dir: t.TempDir(), path: path, env: append(os.Environ(),
		"AWS_ENDPOINT_URL="+endpoint, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_SESSION_TOKEN=",
		"AWS_PROFILE=", "AWS_EC2_METADATA_DISABLED=true", "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0")}
	c.template(template.Terraform())
	variables, err := template.Variables(values())
	if err != nil {
		t.Fatal(err)
	}
	c.write("cloud.vars", string(variables))
	initialize := []string{"init", "-no-color"}
	if plugins := os.Getenv("TF_PLUGIN_DIR"); plugins != "" {
		initialize = append(initialize, "-plugin-dir="+plugins)
		if _, err := os.Stat(os.Getenv("TF_CLI_CONFIG_FILE")); err != nil {
			c.env = append(c.env, "TF_CLI_CONFIG_FILE="+os.DevNull)
		}
	}
	if out, code := c.try(initialize...); code != 0 {
		t.Skipf("%s:\n%s", missing, out)
	}
	return c
}

func (c *customer) template(text string) { c.write("template.tf", text) }

func (c *customer) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *customer) try(arguments ...string) (string, int) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, c.path, arguments...)
	cmd.Dir, cmd.Env = c.dir, c.env
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// run runs terraform, which must exit with code.
func (c *customer) run(code int, arguments ...string) string {
	c.t.Helper()
	start := time.Now()
	out, got := c.try(arguments...)
	c.t.Logf("%4.1f s  terraform %s", time.Since(start).Seconds(), strings.Join(arguments, " "))
	if got != code {
		c.t.Fatalf("terraform %s: exit code %d\n%s", strings.Join(arguments, " "), got, out)
	}
	return out
}

// apply answers the role ARN that it prints.
func (c *customer) apply(options ...string) string {
	c.t.Helper()
	out := c.run(0, append([]string{"apply", "-no-color", "-auto-approve", "-var-file=cloud.vars"}, options...)...)
	m := regexp.MustCompile(`(?m)^aws-iam-role-arn = "(.*)"$`).FindStringSubmatch(out)
	if m == nil {
		c.t.Fatalf("no role ARN in the output:\n%s", out)
	}
	return m[1]
}

// unchanged: a plan finds nothing to do.
func (c *customer) unchanged() {
	c.t.Helper()
	c.run(0, "plan", "-no-color", "-detailed-exitcode", "-lock=false", "-var-file=cloud.vars")
}

// uncommented is the template with its examples in force: every line that is a
// comment after the heading, and no sentence, is code.
func uncommented(t *testing.T) string {
	t.Helper()
	before, examples, ok := strings.Cut(template.Terraform(), "# data \"aws_security_groups\"")
	if !ok {
		t.Fatal("no examples in the template")
	}
	examples = "# data \"aws_security_groups\"" + examples
	examples = regexp.MustCompile(`(?m)^# Example:.*\n#\n`).ReplaceAllString(examples, "")
	return before + regexp.MustCompile(`(?m)^# `).ReplaceAllString(examples, "")
}

func TestTerraformFormat(t *testing.T) {
	path, err := exec.LookPath("terraform")
	if err != nil {
		t.Skip("SKIPPED: terraform is not installed")
	}
	for name, text := range map[string]string{"as published": template.Terraform(), "examples uncommented": uncommented(t)} {
		cmd := exec.CommandContext(t.Context(), path, "fmt", "-check", "-diff", "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestTerraform is a customer's life with the template: apply it, uncomment
// the examples too early, become active, apply again, destroy, and come back
// with a permissions boundary.
// Every call that Terraform makes is one that customer-policy.json allows.
func TestTerraform(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	moto := startMoto(t)
	c := newCustomer(t, moto.url)
	c.run(0, "validate", "-no-color")
	arn := c.apply()
	if want := "arn:aws:iam::" + account + ":role/" + values().RoleName(); arn != want {
		t.Errorf("role %s, want %s", arn, want)
	}
	policy, _ := rolePolicy(t)
	made := moto.call("iam", "GetRolePolicy", "RoleName", values().RoleName(), "PolicyName", rolepolicy.Name)
	text, err := url.PathUnescape(html.UnescapeString(element(t, made, "PolicyDocument")))
	if err != nil {
		t.Fatal(err)
	}
	same(t, text, policy)
	// A second plan finds nothing to do, also with the examples, whose group
	// does not exist yet.
	c.template(uncommented(t))
	c.unchanged()
	calls := moto.take()
	group, other := securityGroups(t, moto)
	moto.take()
	c.template(strings.Replace(uncommented(t), "sg-0123456789abcdef0", other, 1))
	c.apply()
	if n := strings.Count(moto.call("ec2", "DescribeSecurityGroupRules", "Filter.1.Name", "group-id", "Filter.1.Value.1", group), "<isEgress>false"); n != 2 {
		t.Errorf("%d rules in the workload group, want 2", n)
	}
	c.unchanged()
	c.run(0, "destroy", "-no-color", "-auto-approve", "-var-file=cloud.vars")

	c.template(template.Terraform())
	const boundary = "-var=permissions_boundary="
	if out := c.run(1, "plan", "-no-color", "-var-file=cloud.vars", boundary+"mine"); !strings.Contains(out, "Use the ARN of an IAM policy") {
		t.Errorf("a boundary that is none:\n%s", out)
	}
	calls = append(calls, moto.take()...)
	bound := makeBoundary(t, moto)
	moto.take()
	if again := c.apply(boundary + bound); again != arn {
		t.Errorf("role %s, at first %s", again, arn)
	}
	calls = append(calls, moto.take()...)
	wantBoundary(t, moto, bound)
	allowedByCustomer(t, calls, group)
}

// securityGroups makes the cloud's workload group, and another cloud's beside it.
func securityGroups(t *testing.T, moto *motoServer) (own, other string) {
	t.Helper()
	vpc := element(t, moto.call("ec2", "CreateVpc", "CidrBlock", "10.0.0.0/16"), "vpcId")
	for _, id := range []string{cloudID, "ffffffff-5a3f-4f8e-9f0b-1d2c3b4a5968"} {
		group := element(t, moto.call("ec2", "CreateSecurityGroup", "VpcId", vpc, "GroupName", "workload-"+id, "GroupDescription", "x",
			"TagSpecification.1.ResourceType", "security-group",
			"TagSpecification.1.Tag.1.Key", "aiven_custom_cloud_environment_id", "TagSpecification.1.Tag.1.Value", id,
			"TagSpecification.1.Tag.2.Key", "aiven_security_group", "TagSpecification.1.Tag.2.Value", "workload"), "groupId")
		own, other = other, group
	}
	return own, other
}

func allowedByCustomer(t *testing.T, calls []motoCall, group string) {
	t.Helper()
	text, err := os.ReadFile("testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	documented, err := policyproof.Installer("../..", "terraform", account, values().Stem)
	if err != nil {
		t.Fatal(err)
	}
	policies := map[string]iampolicy.Policies{
		"customer-policy.json": parse(t, "customer", string(text)), "the documented policy": parse(t, "documented", documented),
	}
	seen := map[string]bool{}
	for _, call := range calls {
		r := iampolicy.Request{Action: call.service + ":" + call.form.Get("Action"), Resource: "*"}
		seen[r.Action] = true
		switch {
		case r.Action == "sts:GetCallerIdentity":
			continue
		case call.service == "iam":
			r.Resource = "arn:aws:iam::" + account + ":role/" + call.form.Get("RoleName")
		case strings.Contains(r.Action, "Ingress"):
			if call.form.Get("GroupId") != group {
				t.Errorf("%s on group %s", r.Action, call.form.Get("GroupId"))
			}
			r.Resource = "arn:aws:ec2:eu-west-1:" + account + ":security-group/" + group
			r.Context = map[string][]string{"ec2:ResourceTag/Name": {values().Stem + "-workload"}}
		}
		for key := range call.form {
			if strings.Contains(key, "Tag") {
				t.Errorf("%s sets tags: %s", r.Action, key)
			}
		}
		for name, policy := range policies {
			if !allowed(t, policy, r) {
				t.Errorf("%s does not allow %s on %s", name, r.Action, r.Resource)
			}
		}
	}
	for _, action := range actionsOf(t, documented) {
		if !seen[action] {
			t.Errorf("%s is documented as needed and was not called", action)
		}
	}
}
