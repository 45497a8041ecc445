package template

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// Description of the role. AWS lets only its creator set it, with the role: the
// customer's permissions cannot change it, so it is the same in every version.
const Description = "Lets the vendor of the custom cloud manage its network in this account"

// CloudFormationTemplate is the same role as a CloudFormation template: one text
// for everyone at one version, with the values of a custom cloud as parameters.
// Its output RoleArn is the role ARN.
func CloudFormationTemplate() string { return text("cloudformation/v" + Version + "/template.json") }

// CloudFormationKey is the name of CloudFormationTemplate in a bucket. Its hash
// is in the name, so that what lies under it never changes.
func CloudFormationKey() string {
	return "custom-cloud-role/v" + Version + "/" + sum(CloudFormationTemplate()) + ".json"
}

// parameter of the CloudFormation template.
type parameter struct {
	Type                  string
	Description           string
	AllowedPattern        string  `json:",omitempty"`
	ConstraintDescription string  `json:",omitempty"`
	Default               *string `json:",omitempty"`
}

// CloudFormation is CloudFormationTemplate with a custom cloud's values as the
// defaults of its parameters, and no other change, for
//
//	aws cloudformation deploy --capabilities CAPABILITY_NAMED_IAM
func CloudFormation(v Values) (string, error) {
	if err := v.Validate(); err != nil {
		return "", err
	}
	var document struct {
		AWSTemplateFormatVersion string
		Description              string
		Metadata                 json.RawMessage
		Parameters               map[string]parameter
		Conditions               json.RawMessage
		Resources                json.RawMessage
		Outputs                  json.RawMessage
	}
	if err := json.Unmarshal([]byte(CloudFormationTemplate()), &document); err != nil {
		return "", err
	}
	for name, value := range v.parameters() {
		p := document.Parameters[name]
		p.Default = &value
		document.Parameters[name] = p
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

// parameters of the CloudFormation template by name; PermissionsBoundary, which
// is optional, is the customer's to give.
func (v Values) parameters() map[string]string {
	return map[string]string{"Stem": v.Stem, "Region": v.Region, "Principal": v.Principal, "ExternalId": v.ExternalID}
}

// QuickCreateURL opens the AWS console where the stack is ready to be created:
// with the template that lies in the bucket whose URL is given, and with the
// custom cloud's values. What follows the # stays in the browser.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stacks-quick-create-links.html
func QuickCreateURL(bucketURL string, v Values) (string, error) {
	if err := v.Validate(); err != nil {
		return "", err
	}
	query := url.Values{"templateURL": {strings.TrimSuffix(bucketURL, "/") + "/" + CloudFormationKey()}, "stackName": {v.Stem}}
	for name, value := range v.parameters() {
		query.Set("param_"+name, value)
	}
	return "https://" + v.Region + ".console.aws.amazon.com/cloudformation/home?region=" + v.Region +
		"#/stacks/quickcreate?" + query.Encode(), nil
}
