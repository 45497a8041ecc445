package customer

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

// A provider that cannot be had is told from a template that is wrong: only the
// former is a reason to take CloudFormation instead.
func TestAMissingProviderIsNoWrongTemplate(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skip("NOT TESTED: terraform is not on the PATH")
	}
	t.Setenv("TF_PLUGIN_DIR", t.TempDir())
	const provider = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n"
	if _, err := (Account{}).NewTerraform(t.Context(), t.TempDir(), provider, ""); !errors.Is(err, ErrNoTerraform) {
		t.Errorf("without the provider: %v", err)
	}
	_, err := (Account{}).NewTerraform(t.Context(), t.TempDir(), provider+"resource \"aws_iam_role\" {\n", "")
	if err == nil || errors.Is(err, ErrNoTerraform) || !strings.Contains(err.Error(), "template.tf line 6") {
		t.Errorf("with a resource that has no name: %v", err)
	}
}
