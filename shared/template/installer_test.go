package template_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"byoc/infra/local/iampolicy"
	"byoc/infra/policyproof"
	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

// calls that CloudFormation makes for a resource of a type: to create it with
// such properties, and to delete it.
var calls = map[string][]string{
	"AWS::IAM::Role": {
		"iam:CreateRole", "iam:GetRole", "iam:DeleteRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies",
	},
	"AWS::IAM::Policy": {"iam:PutRolePolicy", "iam:GetRolePolicy", "iam:DeleteRolePolicy"},
}

// properties that need no call besides those: tags would need iam:TagRole, a
// managed policy iam:AttachRolePolicy.
var properties = []string{
	"RoleName", "Description", "AssumeRolePolicyDocument", "PermissionsBoundary", "PolicyName", "PolicyDocument", "Roles",
}

// Creating and deleting the stack takes of IAM what is documented, no more and
// no less, and all of it is in customer-policy.json.
func TestWhatCloudFormationCallsIsDocumentedAndTheCustomers(t *testing.T) {
	text, err := template.CloudFormation(values())
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Resources map[string]struct {
			Type       string
			Properties object
		}
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	customers, err := os.ReadFile("testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	documented, err := policyproof.Installer("../..", "cloudformation", account, values().Stem)
	if err != nil {
		t.Fatal(err)
	}
	needed := map[string]bool{}
	for name, r := range document.Resources {
		if calls[r.Type] == nil {
			t.Errorf("%s: nothing says what CloudFormation calls for %s", name, r.Type)
		}
		for property := range r.Properties {
			if !slices.Contains(properties, property) {
				t.Errorf("%s: nothing says what CloudFormation calls for %s", name, property)
			}
		}
		for _, action := range calls[r.Type] {
			needed[action] = true
			request := iampolicy.Request{Action: action, Resource: "arn:aws:iam::" + account + ":role/" + values().RoleName()}
			for policy, text := range map[string]string{"customer": string(customers), "documented": documented} {
				if !allowed(t, parse(t, policy, text), request) {
					t.Errorf("%s: the %s policy does not allow it", action, policy)
				}
			}
		}
	}
	for _, action := range actionsOf(t, documented) {
		if strings.HasPrefix(action, "iam:") && !needed[action] {
			t.Errorf("%s is documented as needed and is not", action)
		}
	}
}

func actionsOf(t *testing.T, policy string) (all []string) {
	t.Helper()
	d, err := rolepolicy.Parse(policy)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range d.Statement {
		all = append(all, s.Action...)
	}
	return all
}
