package template

import (
	"bytes"
	"encoding/json"

	"byoc/shared/template/rolepolicy"
)

// Description of the role. AWS lets only its creator set it, with the role: the
// customer's permissions cannot change it, so it is the same in every version.
const Description = "Lets the vendor of the custom cloud manage its network in this account"

// object keeps to one order: encoding/json sorts a map's keys.
type object = map[string]any

// CloudFormation is the same role as a CloudFormation template with the values
// filled in, for
//
//	aws cloudformation deploy --capabilities CAPABILITY_NAMED_IAM
//
// Its output RoleArn is the role ARN. The one parameter, PermissionsBoundary,
// is optional.
func CloudFormation(v Values) (string, error) {
	if err := v.Validate(); err != nil {
		return "", err
	}
	policy, err := rolepolicy.For(v.Stem, v.Region)
	if err != nil {
		return "", err
	}
	type parameter struct {
		Type        string
		Default     string
		Description string
	}
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
		Description:              "Custom cloud " + v.CloudID + ": the role through which the vendor manages its network in this account.",
		Metadata:                 object{"TemplateVersion": Version},
		Parameters: object{"PermissionsBoundary": parameter{
			Type:        "String",
			Description: "ARN of a policy that bounds what the role may do. Optional.",
		}},
		Conditions: object{"HasPermissionsBoundary": object{
			"Fn::Not": []any{object{"Fn::Equals": []any{object{"Ref": "PermissionsBoundary"}, ""}}},
		}},
		Resources: object{
			"CustomCloudRole": object{
				"Type": "AWS::IAM::Role",
				"Properties": object{
					"RoleName":                 v.RoleName(),
					"Description":              Description,
					"AssumeRolePolicyDocument": trust(v),
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
					"PolicyDocument": policy,
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
		return "", err
	}
	return b.String(), nil
}

// trust is the role's trust policy, as the Terraform template has it.
func trust(v Values) object {
	return object{
		"Version": "2012-10-17",
		"Statement": []any{object{
			"Sid":       "OnePrincipalWithTheExternalId",
			"Effect":    "Allow",
			"Action":    "sts:AssumeRole",
			"Principal": object{"AWS": v.Principal},
			"Condition": object{"StringEquals": object{"sts:ExternalId": v.ExternalID}},
		}},
	}
}
