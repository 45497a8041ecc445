package template_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"byoc/shared/template"
	"byoc/shared/template/rolepolicy"
)

// object keeps to one order: encoding/json sorts a map's keys.
type object = map[string]any

// cloudFormation writes the CloudFormation template of a policy.
func cloudFormation(t *testing.T, policy rolepolicy.Document) string {
	t.Helper()
	const asItIs = "Use the value of your custom cloud as it is."
	parameter := func(description, pattern string) object {
		p := object{"Type": "String", "Description": description}
		if pattern != "" {
			p["AllowedPattern"], p["ConstraintDescription"] = pattern, asItIs
		}
		return p
	}
	boundary := parameter("ARN of a policy that bounds what the role may do. Optional; it can only be set when the role is created.", "")
	boundary["Default"] = ""
	boundary["AllowedPattern"] = "^(arn:aws:iam::(aws|[0-9]{12}):policy/[A-Za-z0-9+=,.@_/-]+)?$"
	boundary["ConstraintDescription"] = "Use the ARN of an IAM policy, arn:aws:iam::ACCOUNT:policy/NAME, or nothing."
	document := struct {
		AWSTemplateFormatVersion string
		Description              string
		Metadata                 object
		Parameters               object
		Conditions               object
		Resources                object
		Outputs                  object
	}{
		AWSTemplateFormatVersion: "2010-09-09",
		Description:              "Custom cloud: the role through which the vendor manages one network in this AWS account.",
		Metadata:                 object{"TemplateVersion": template.Version},
		Parameters: object{
			"Stem":                parameter("What the names of the role and of all resources of the custom cloud start with.", "^cce-[0-9a-f]{32}$"),
			"Region":              parameter("AWS region of the custom cloud. The role can do nothing in any other.", "^[a-z]{2}(-[a-z]+)+-[0-9]+$"),
			"Principal":           parameter("ARN of the one role of the vendor's that may assume this role.", "^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_-]+$"),
			"ExternalId":          parameter("External ID of the custom cloud. Nobody gets into this account through the vendor without it.", "^[A-Za-z0-9+=,.@:/_-]+$"),
			"PermissionsBoundary": boundary,
		},
		Conditions: object{"HasPermissionsBoundary": object{
			"Fn::Not": []any{object{"Fn::Equals": []any{object{"Ref": "PermissionsBoundary"}, ""}}},
		}},
		Resources: object{
			"CustomCloudRole": object{
				"Type": "AWS::IAM::Role",
				"Properties": object{
					"RoleName":    object{"Fn::Sub": "${Stem}-iam-role"},
					"Description": template.Description,
					// As the Terraform template has it.
					"AssumeRolePolicyDocument": object{
						"Version": "2012-10-17",
						"Statement": []any{object{
							"Sid":       "OnePrincipalWithTheExternalId",
							"Effect":    "Allow",
							"Action":    "sts:AssumeRole",
							"Principal": object{"AWS": object{"Ref": "Principal"}},
							"Condition": object{"StringEquals": object{"sts:ExternalId": object{"Ref": "ExternalId"}}},
						}},
					},
					"PermissionsBoundary": object{"Fn::If": []any{
						"HasPermissionsBoundary", object{"Ref": "PermissionsBoundary"}, object{"Ref": "AWS::NoValue"},
					}},
				},
			},
			// Apart from the role, as in Terraform; and inside of it moto would
			// keep what is no JSON.
			"CustomCloudPolicy": object{
				"Type": "AWS::IAM::Policy",
				"Properties": object{
					"PolicyName":     rolepolicy.Name,
					"PolicyDocument": withParameters(t, policy),
					"Roles":          []any{object{"Ref": "CustomCloudRole"}},
				},
			},
		},
		Outputs: object{"RoleArn": object{
			"Description": "Role ARN to enter for the custom cloud.",
			"Value":       object{"Fn::GetAtt": []string{"CustomCloudRole", "Arn"}},
		}},
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(document); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// withParameters is a policy with CloudFormation's functions in place of a
// custom cloud's own values.
func withParameters(t *testing.T, policy rolepolicy.Document) any {
	t.Helper()
	var document any
	if err := json.Unmarshal([]byte(policy.For("${Stem}", "${Region}").JSON()), &document); err != nil {
		t.Fatal(err)
	}
	var in func(any) any
	in = func(value any) any {
		switch value := value.(type) {
		case string:
			if strings.Contains(value, "${") {
				return object{"Fn::Sub": value}
			}
		case []any:
			for i := range value {
				value[i] = in(value[i])
			}
		case object:
			for key := range value {
				value[key] = in(value[key])
			}
		}
		return value
	}
	return in(document)
}

// filled is what CloudFormation makes of a template: its functions resolved with
// the defaults of its parameters.
func filled(t *testing.T, text string) (resources map[string]object) {
	t.Helper()
	var document struct {
		Parameters map[string]struct{ Default string }
		Resources  map[string]object
	}
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	var in func(any) any
	in = func(value any) any {
		switch value := value.(type) {
		case []any:
			for i := range value {
				value[i] = in(value[i])
			}
		case object:
			if name, ok := value["Ref"].(string); ok && len(value) == 1 {
				return document.Parameters[name].Default
			}
			if text, ok := value["Fn::Sub"].(string); ok && len(value) == 1 {
				for name, p := range document.Parameters {
					text = strings.ReplaceAll(text, "${"+name+"}", p.Default)
				}
				return text
			}
			for key := range value {
				value[key] = in(value[key])
			}
		}
		return value
	}
	for name, r := range document.Resources {
		document.Resources[name], _ = in(r["Properties"]).(object)
	}
	return document.Resources
}
