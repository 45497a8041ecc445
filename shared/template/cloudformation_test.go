package template_test

import (
	"encoding/json"
	"html"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"byoc/infra/local/iampolicy"
	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

func TestCloudFormationMakesTheSameRole(t *testing.T) {
	text, err := template.CloudFormation(values())
	if err != nil {
		t.Fatal(err)
	}
	resources := filled(t, text)
	role, inline := resources["CustomCloudRole"], resources["CustomCloudPolicy"]
	if len(resources) != 2 || role["RoleName"] != values().RoleName() || inline["PolicyName"] != rolepolicy.Name {
		t.Fatalf("%+v", resources)
	}
	policy, _ := rolePolicy(t)
	same(t, encoded(t, inline["PolicyDocument"]), policy)
	if !strings.Contains(template.Terraform(), "\""+role["Description"].(string)+"\"") || !strings.Contains(template.Terraform(), "\""+rolepolicy.Name+"\"") {
		t.Error("Terraform has another description or policy name")
	}
	trust, err := iampolicy.ParseTrust("trust", encoded(t, role["AssumeRolePolicyDocument"]))
	if err != nil || len(trust.Statements) != 1 {
		t.Errorf("%v %+v", err, trust)
	}
	for _, want := range []string{values().Principal, values().ExternalID} {
		if !strings.Contains(encoded(t, role["AssumeRolePolicyDocument"]), `"`+want+`"`) {
			t.Errorf("the trust policy lacks %s", want)
		}
	}
}

// What differs between two custom clouds, and from the published text, are the
// defaults of parameters.
func TestOnlyDefaultsAreFilledIn(t *testing.T) {
	text, err := template.CloudFormation(values())
	if err != nil {
		t.Fatal(err)
	}
	without := func(text string) string {
		var document object
		if err := json.Unmarshal([]byte(text), &document); err != nil {
			t.Fatal(err)
		}
		for _, p := range document["Parameters"].(object) {
			delete(p.(object), "Default")
		}
		return encoded(t, document)
	}
	if without(text) != without(template.CloudFormationTemplate()) {
		t.Error("more than defaults differs")
	}
	if strings.Contains(template.CloudFormationTemplate(), values().Stem) || !strings.Contains(text, values().Stem) {
		t.Error("the published text has a custom cloud's values, or the filled one has not")
	}
}

// The link is read back as the console reads it. A value may hold what has a
// meaning in a URL.
func TestQuickCreateURL(t *testing.T) {
	v := values()
	v.ExternalID = "a+b=c,d.e@f:g/h_i-j"
	link, err := template.QuickCreateURL("https://templates.s3.eu-west-1.amazonaws.com", v)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	if u.Scheme != "https" || u.Host != "eu-west-1.console.aws.amazon.com" || u.Path != "/cloudformation/home" || u.RawQuery != "region=eu-west-1" {
		t.Errorf("link %s", link)
	}
	path, query, ok := strings.Cut(u.EscapedFragment(), "?")
	if !ok || path != "/stacks/quickcreate" {
		t.Errorf("fragment %s", u.EscapedFragment())
	}
	got, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"templateURL": "https://templates.s3.eu-west-1.amazonaws.com/" + template.CloudFormationKey(), "stackName": v.Stem,
		"param_Stem": v.Stem, "param_Region": v.Region, "param_Principal": v.Principal, "param_ExternalId": v.ExternalID,
	}
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s is %q", name, got.Get(name))
		}
		parameter, ok := strings.CutPrefix(name, "param_")
		if ok && !strings.Contains(template.CloudFormationTemplate(), `"`+parameter+`": {`) {
			t.Errorf("the template has no parameter %s", parameter)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%v", got)
	}
	// A + in a fragment's query is a plus to some readers and a space to others.
	if strings.Contains(query, "+") {
		t.Errorf("a bare + in %s", query)
	}
}

func encoded(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCfnLint(t *testing.T) {
	path, err := exec.LookPath("cfn-lint")
	if err != nil {
		t.Skip("NOT CHECKED: cfn-lint is missing: pip install cfn-lint")
	}
	text, err := template.CloudFormation(values())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"as published": template.CloudFormationTemplate(), "filled": text} {
		file := filepath.Join(t.TempDir(), "template.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.CommandContext(t.Context(), path, "--non-zero-exit-code", "warning", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// The CloudFormation form makes the same role.
func TestCloudFormationDeploys(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: -short")
	}
	moto := startMoto(t)
	body, err := template.CloudFormation(values())
	if err != nil {
		t.Fatal(err)
	}
	moto.call("cloudformation", "CreateStack", "StackName", "cloud", "TemplateBody", body, "Capabilities.member.1", "CAPABILITY_NAMED_IAM")
	stack := moto.call("cloudformation", "DescribeStacks", "StackName", "cloud")
	if got := element(t, stack, "OutputValue"); got != "arn:aws:iam::"+account+":role/"+values().RoleName() {
		t.Error(got)
	}
	policy, _ := rolePolicy(t)
	made := moto.call("iam", "GetRolePolicy", "RoleName", values().RoleName(), "PolicyName", rolepolicy.Name)
	text, err := url.PathUnescape(html.UnescapeString(element(t, made, "PolicyDocument")))
	if err != nil {
		t.Fatal(err)
	}
	same(t, text, policy)
	wantBoundary(t, moto, "")
	if role := moto.call("iam", "GetRole", "RoleName", values().RoleName()); !strings.Contains(role, template.Description) {
		t.Error(role)
	}

	moto.call("cloudformation", "DeleteStack", "StackName", "cloud")
	bound := makeBoundary(t, moto)
	moto.call("cloudformation", "CreateStack", "StackName", "bound", "TemplateBody", body, "Capabilities.member.1", "CAPABILITY_NAMED_IAM",
		"Parameters.member.1.ParameterKey", "PermissionsBoundary", "Parameters.member.1.ParameterValue", bound)
	wantBoundary(t, moto, bound)
}

func makeBoundary(t *testing.T, moto *motoServer) string {
	t.Helper()
	return element(t, moto.call("iam", "CreatePolicy", "PolicyName", "boundary", "PolicyDocument",
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`), "Arn")
}

// wantBoundary of the role; none where it is empty.
func wantBoundary(t *testing.T, moto *motoServer, arn string) {
	t.Helper()
	role := moto.call("iam", "GetRole", "RoleName", values().RoleName())
	if arn == "" && strings.Contains(role, "PermissionsBoundaryArn") || arn != "" && element(t, role, "PermissionsBoundaryArn") != arn {
		t.Errorf("boundary %q in %s", arn, role)
	}
}
