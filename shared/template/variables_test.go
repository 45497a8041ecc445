package template_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2/hclparse"

	"byoc/shared/cloud"
	"byoc/shared/template"
)

// What is written is read back as the very same values, and is what the
// template declares.
func TestVariablesReadBack(t *testing.T) {
	v := values()
	text, err := template.Variables(v)
	if err != nil {
		t.Fatal(err)
	}
	file, problems := hclparse.NewParser().ParseHCL(text, "variables")
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	attributes, problems := file.Body.JustAttributes()
	if problems.HasErrors() {
		t.Fatal(problems)
	}
	want := map[string]string{
		"custom_cloud_id": v.CloudID, "stem": v.Stem, "region": v.Region, "principal": v.Principal, "external_id": v.ExternalID,
	}
	for name, a := range attributes {
		got, problems := a.Expr.Value(nil)
		if problems.HasErrors() || got.AsString() != want[name] {
			t.Errorf("%s is %#v: %v", name, got, problems)
		}
	}
	if len(attributes) != len(want) {
		t.Errorf("%d variables", len(attributes))
	}
	declared := regexp.MustCompile(`(?m)^variable "([a-z_]+)"`).FindAllStringSubmatch(template.Terraform(), -1)
	for _, d := range declared {
		if _, ok := want[d[1]]; !ok && d[1] != "permissions_boundary" {
			t.Errorf("variable %s is not in the variables file", d[1])
		}
	}
	if len(declared) != len(want)+1 {
		t.Errorf("%d variables declared", len(declared))
	}
}

// A value of another form never gets as far as a file.
func TestValuesAreValidated(t *testing.T) {
	for name, change := range map[string]func(*template.Values){
		"id":          func(v *template.Values) { v.CloudID = "x"; v.Stem = cloud.Stem("x") },
		"stem":        func(v *template.Values) { v.Stem = "cce-ffffffffffffffffffffffffffffffff" },
		"region":      func(v *template.Values) { v.Region = `eu-west-1"${file("/etc/passwd")}` },
		"principal":   func(v *template.Values) { v.Principal = "*" },
		"external id": func(v *template.Values) { v.ExternalID = "${var.stem} " },
		"new line":    func(v *template.Values) { v.ExternalID += "\n" },
		"empty":       func(v *template.Values) { v.ExternalID = "" },
	} {
		v := values()
		change(&v)
		_, variables := template.Variables(v)
		_, cloudFormation := template.CloudFormation(v)
		_, policy := template.RolePolicy(v)
		_, link := template.QuickCreateURL("https://bucket.s3.eu-west-1.amazonaws.com", v)
		for _, err := range []error{variables, cloudFormation, policy, link} {
			if cloud.CodeOf(err) != cloud.Internal || name == "external id" && strings.Contains(err.Error(), v.ExternalID) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestSHA256(t *testing.T) {
	if len(template.SHA256()) != 64 || template.SHA256() != strings.ToLower(template.SHA256()) {
		t.Error(template.SHA256())
	}
}
