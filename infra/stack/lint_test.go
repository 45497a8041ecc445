package stack

import (
	"os/exec"
	"strings"
	"testing"
)

func TestCfnLint(t *testing.T) {
	var files []string
	for _, v := range variants() {
		a := synth(t, v)
		files = append(files, a.main.file, a.access.file)
	}
	lint(t, files...)
}

// lint is cfn-lint, where it is installed.
func lint(t *testing.T, files ...string) {
	t.Helper()
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("NOT CHECKED: cfn-lint is missing: pip install cfn-lint")
	}
	out, err := exec.Command(path, append([]string{"--non-zero-exit-code", "error"}, files...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, strings.TrimSpace(string(out)))
	}
}
