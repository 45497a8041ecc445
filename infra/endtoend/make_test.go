package endtoend

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"byoc/infra/sandbox"
)

// make runs a target as the guide says, in the vendor's account.
func (w *world) make(args ...string) string {
	w.Helper()
	return w.makeAs(nil, args...)
}

// makeAs is make with somebody's credentials.
func (w *world) makeAs(credentials []string, args ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.ctx, "make", append([]string{"--no-print-directory", "ARCH=" + sandbox.Architecture(),
		"MANAGEMENT_CIDRS=198.51.100.0/24", "MANAGEMENT_PORTS=22", "MAIL_SENDER=byoc@vendor.example"}, args...)...)
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+system.URL(), "AWS_REGION="+sandbox.Region,
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "CI=true", "NO_COLOR=1",
		"CDK_DISABLE_CLI_TELEMETRY=1", "CDK_DISABLE_VERSION_CHECK=1", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION=1")
	cmd.Env = append(cmd.Env, credentials...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		w.Fatalf("make %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// cleanSynth is all that the CLI says where there is nothing to warn of.
var cleanSynth = regexp.MustCompile(`^Successfully synthesized to \S+\nSupply a stack id \([^)]+\) to display its template\.\n$`)

// `make synth` makes the templates of both environments, and `make diff` says what
// each would change here, to somebody with no more than the documented rights. The
// local AWS keeps rewritten templates, so that a deployment's own settings differ
// too, but not in how the data is protected.
func TestSynthAndDiff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	deployer := w.deployer()
	for environment, protects := range map[string]bool{"sandbox": false, "production": true} {
		dir := t.TempDir()
		if said := w.make("synth", "ENV="+environment, "CONTEXT=--output "+dir); !cleanSynth.MatchString(said) {
			t.Errorf("%s: make synth says more than that it is done:\n%s", environment, said)
		}
		w.wantBootstraps(dir)
		// Compared with the template alone: a change set is AWS's to make.
		said := w.makeAs(deployer, "diff", "ENV="+environment, "CDK_APP="+dir, "DIFF_FLAGS=--method=template")
		for _, stack := range []string{"Stack byoc (", "Stack byoc-customer-access ("} {
			if !strings.Contains(said, stack) {
				t.Errorf("%s: nothing on %q in:\n%s", environment, stack, said)
			}
		}
		if got := strings.Contains(said, "DeletionProtectionEnabled"); got != protects {
			t.Errorf("%s: the table's protection is among the changes: %t", environment, got)
		}
	}
}

// wantBootstraps holds the templates against what is deployed and what
// `sam local invoke` would mount: the functions as they are in build, executable.
func (w *world) wantBootstraps(dir string) {
	w.Helper()
	text, err := os.ReadFile(filepath.Join(dir, sandbox.StackName+".template.json"))
	if err != nil {
		w.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties map[string]any
			Metadata   map[string]any
		}
	}
	w.decodes(text, &template)
	found := map[string]bool{}
	for id, r := range template.Resources {
		asset, ok := r.Metadata["aws:asset:path"].(string)
		if !ok {
			continue
		}
		binary := filepath.Join(dir, asset, "bootstrap")
		info, err := os.Stat(binary)
		if err != nil || info.Mode()&0o111 == 0 {
			w.Errorf("%s: nothing to execute: %v", id, err)
			continue
		}
		packed, err := os.ReadFile(binary)
		if err != nil {
			w.Fatal(err)
		}
		name, _ := r.Properties["FunctionName"].(string)
		name = strings.Split(strings.TrimPrefix(name, "byoc-"), "-")[0]
		built, err := os.ReadFile(bootstrap(name))
		if err != nil || !bytes.Equal(packed, built) {
			w.Errorf("%s is not the function %s as it was built: %v", id, name, err)
		}
		found[name] = true
	}
	if functions, err := os.ReadDir("../../functions"); err != nil || len(found) != len(functions) {
		w.Errorf("assets for %v alone: %v", found, err)
	}
}
