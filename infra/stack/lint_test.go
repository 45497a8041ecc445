package stack

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Both environments, and what is deployed into the local AWS.
func TestCfnLint(t *testing.T) {
	var files []string
	for _, v := range variants() {
		a := synth(t, v)
		files = append(files, a.main.file, a.access.file)
	}
	values := contextOf(t, variant{"sandbox", "arm64"})
	values["localAwsSpeed"] = "15"
	files = append(files, synthInto(t, filepath.Join(workDir, "local"), values).main.file)
	lint(t, files...)
}

// lint is cfn-lint, where it is installed: a warning is a finding too.
func lint(t *testing.T, files ...string) {
	t.Helper()
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("NOT CHECKED: cfn-lint is missing: pip install cfn-lint")
	}
	out, err := exec.Command(path, append([]string{"--config-file", "../../.cfnlintrc", "--template"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
