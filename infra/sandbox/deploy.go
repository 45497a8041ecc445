package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"byoc/infra/customer"
	"byoc/shared/notify"
)

// StackName of the main stack.
const StackName = "byoc"

// deploy synthesizes the stack, unless nothing it depends on has changed, and
// is `make deploy` of it.
func (s *Sandbox) deploy(ctx context.Context) error {
	assembly, err := s.synth(ctx)
	if err != nil {
		return err
	}
	s.say("deploying the stack with the CDK CLI")
	if err := command(ctx, s.options.Root, s.vendor(), s.cdk(), "bootstrap", "--app", assembly, "aws://"+Account+"/"+Region); err != nil {
		return fmt.Errorf("bootstrapping: %w", err)
	}
	// What was built for the synthesis is built.
	if err := s.make(ctx, "--old-file=functions", "--old-file=cdk-app", "deploy", "CDK_APP="+assembly,
		"DEPLOY_FLAGS=--method direct --require-approval never"); err != nil {
		return fmt.Errorf("deploying: %w", err)
	}
	if s.Outputs, err = outputs(ctx, s.deployer()); err != nil {
		return err
	}
	// The emulator has no HTTP APIs; the local AWS serves their routes itself.
	s.Outputs["ApiUrl"] = s.APIURL()
	s.say("deployed")
	return nil
}

// vendor is the environment of who deploys.
func (s *Sandbox) vendor() []string {
	return append([]string{
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
	}, quiet...)
}

// make runs a target as the guide says, in the vendor's account.
func (s *Sandbox) make(ctx context.Context, args ...string) error {
	return command(ctx, s.options.Root, s.vendor(), "make", append([]string{"--no-print-directory", "ARCH=" + Architecture(),
		"MANAGEMENT_CIDRS=198.51.100.0/24", "MANAGEMENT_PORTS=22", "MAIL_SENDER=byoc@vendor.example"}, args...)...)
}

// quiet keeps the CDK from asking the network for news and the terminal for attention.
var quiet = []string{
	"CI=true", "CDK_DISABLE_CLI_TELEMETRY=1", "CDK_DISABLE_VERSION_CHECK=1", "NO_COLOR=1",
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1",
}

func (s *Sandbox) cdk() string {
	return filepath.Join(s.options.Root, "infra", "node_modules", ".bin", "cdk")
}

func (s *Sandbox) synth(ctx context.Context) (assembly string, err error) {
	args := []string{
		"-c", "architecture=" + Architecture(),
		"-c", "env=sandbox",
		"-c", "managementCidrs=198.51.100.0/24",
		"-c", "managementPorts=22",
		"-c", "mailSender=byoc@vendor.example",
	}
	if !strings.HasSuffix(s.options.APIAddr, ":0") {
		// A port that is another one each time would have it synthesized each time.
		args = append(args, "-c", "cloudUrl="+s.APIURL()+"/v1/organization/"+notify.OrganizationInURL+"/custom-cloud-environments/"+notify.CloudInURL)
	}
	for k, v := range s.options.Context {
		args = append(args, "-c", k+"="+v)
	}
	print, err := s.fingerprint(args)
	if err != nil {
		return "", err
	}
	assembly = s.buildDir("cdk.out-" + print[:16])
	if whole(assembly) {
		// Its age is since it was last used.
		now := time.Now()
		return assembly, os.Chtimes(assembly, now, now)
	}
	s.say("synthesizing the stack")
	env := append([]string{"CDK_DEFAULT_ACCOUNT=" + Account, "CDK_DEFAULT_REGION=" + Region}, quiet...)
	s.removeOldAssemblies()
	// A synthesis that was cut short must not look like one that is whole, and
	// another sandbox may be at the same one.
	scratch, err := os.MkdirTemp(s.buildDir(), "partial-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(scratch)
	args = append([]string{"synth", "--strict", "--quiet", "--app", s.buildDir("cdk-app"), "--output", scratch}, args...)
	if err := command(ctx, s.options.Root, env, s.cdk(), args...); err != nil {
		return "", fmt.Errorf("synthesizing: %w", err)
	}
	if err := os.Rename(scratch, assembly); err != nil && !whole(assembly) {
		return "", err
	}
	return assembly, nil
}

func whole(assembly string) bool {
	_, err := os.Stat(filepath.Join(assembly, "manifest.json"))
	return err == nil
}

// removeOldAssemblies keeps what other sandboxes may be deploying right now.
func (s *Sandbox) removeOldAssemblies() {
	old, _ := filepath.Glob(s.buildDir("cdk.out-*"))
	partial, _ := filepath.Glob(s.buildDir("partial-*"))
	for _, dir := range append(old, partial...) {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.RemoveAll(dir)
		}
	}
}

// deployer is configuration for clients that act as the vendor account's root.
func (s *Sandbox) deployer() aws.Config {
	return customer.New(s.Runfile()).Account(Account).Config()
}

func outputs(ctx context.Context, config aws.Config) (map[string]string, error) {
	client := cloudformation.NewFromConfig(config)
	out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(StackName)})
	if err != nil {
		return nil, err
	}
	if len(out.Stacks) == 0 {
		return nil, errors.New("the stack is not there after its deployment")
	}
	values := map[string]string{}
	for _, o := range out.Stacks[0].Outputs {
		values[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	return values, nil
}
