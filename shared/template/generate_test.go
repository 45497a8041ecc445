package template_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

var update = flag.Bool("update", false, "write the generated policy into the template; the test still fails when it differed")

const (
	templateFile       = "terraform/v" + template.Version + "/template.tf"
	policyFile         = "rolepolicy/v" + template.Version + ".json"
	cloudFormationFile = "cloudformation/v" + template.Version + "/template.json"

	policyBegins = "  policy = jsonencode("
	policyEnds   = "\n  })\n"
)

// TestGenerated holds the policy in the repository against what the step table
// needs: it can neither lack nor exceed it.
func TestGenerated(t *testing.T) {
	policy := rolepolicy.From(template.Version, grants())
	generated(t, policyFile, policy.Indented()+"\n")
	generated(t, cloudFormationFile, cloudFormation(t, policy))

	text, err := os.ReadFile(templateFile)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), policyBegins)
	_, after, ok2 := strings.Cut(rest, policyEnds)
	if !ok || !ok2 {
		t.Fatalf("no policy in %s", templateFile)
	}
	whole := before + policyBegins + policy.HCL() + strings.TrimPrefix(policyEnds, "\n  }") + after
	generated(t, templateFile, string(hclwrite.Format([]byte(whole))))
}

func generated(t *testing.T, file, want string) {
	t.Helper()
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) == want {
		return
	}
	t.Errorf("%s is not what the step table needs; run go generate ./shared/template", file)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
