package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// justify writes the reason beside a finding of cdk-nag that stays. It is
// metadata of the resource: the linter itself is linked by the tests only. A
// resource takes one reason per rule; appliesTo narrows it to single findings.
func justify(construct constructs.IConstruct, rule, reason string, appliesTo ...any) {
	entry := map[string]any{"id": rule, "reason": reason}
	if len(appliesTo) > 0 {
		entry["appliesTo"] = appliesTo
	}
	construct.(awscdk.CfnResource).AddMetadata(jsii.String("cdk_nag"), map[string]any{"rules_to_suppress": []any{entry}})
}

// justifyPolicy is justify for the policy of what a role was allowed.
func justifyPolicy(role awsiam.Role, reason string, appliesTo ...any) {
	justify(role.Node().FindChild(jsii.String("DefaultPolicy")).Node().DefaultChild(), "AwsSolutions-IAM5", reason, appliesTo...)
}

const onlyAnywhere = "X-Ray's actions and those of log delivery take no resource but *; a test lists the actions."
