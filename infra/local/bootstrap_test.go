package local_test

import (
	"context"
	"encoding/json"
	"net/url"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// As in the stack that `cdk bootstrap` makes, in YAML: a statement of the trust
// policy that is not there in the end, an inline policy and a managed one; besides,
// numbers that are text.
const bootstrap = `
Parameters:
  Trusted: {Type: CommaDelimitedList, Default: ""}
Mappings:
  Accounts:
    012345678901: {Name: 0123}
Conditions:
  HasTrusted: {"Fn::Not": [{"Fn::Equals": ["", {"Fn::Join": ["", {Ref: Trusted}]}]}]}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: bootstrap-deploy-role
      Description: {"Fn::FindInMap": [Accounts, "012345678901", Name]}
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Action: sts:AssumeRole, Effect: Allow, Principal: {AWS: {Ref: AWS::AccountId}}}
          - Fn::If:
              - HasTrusted
              - {Action: sts:AssumeRole, Effect: Allow, Principal: {AWS: {Ref: Trusted}}}
              - {Ref: AWS::NoValue}
      ManagedPolicyArns:
        Fn::If:
          - HasTrusted
          - {Ref: Trusted}
          - ["Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/AWSCloudFormationReadOnlyAccess"]
      Policies:
        - PolicyName: default
          PolicyDocument:
            Version: 2012-10-17
            Statement: [{Effect: Allow, Action: "cloudformation:*", Resource: "*"}]
`

func TestABootstrapRoleCanBeAssumed(t *testing.T) {
	ctx := context.Background()
	if _, err := cloudformation.NewFromConfig(config(vendor)).CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: aws.String("bootstrap"), TemplateBody: aws.String(bootstrap), Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := assume(config(vendor), "arn:aws:iam::"+vendor+":role/bootstrap-deploy-role", ""); err != nil {
		t.Error(err)
	}
	caller, err := assume(config(customer), createRole(t, customer, trustPolicy(m{"AWS": customer}, nil)), "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := assume(caller, "arn:aws:iam::"+vendor+":role/bootstrap-deploy-role", ""); code(err) != "AccessDenied" {
		t.Errorf("from another account: %v", err)
	}
	roles := iam.NewFromConfig(config(vendor))
	made, err := roles.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("bootstrap-deploy-role")})
	if err != nil || aws.ToString(made.Role.Description) != "0123" {
		t.Errorf("the role is %+v: %v", made, err)
	}
	attached, err := roles.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("bootstrap-deploy-role")})
	if err != nil || len(attached.AttachedPolicies) != 1 || aws.ToString(attached.AttachedPolicies[0].PolicyName) != "AWSCloudFormationReadOnlyAccess" {
		t.Errorf("managed policies: %v: %v", attached, err)
	}
	out, err := roles.GetRolePolicy(ctx, &iam.GetRolePolicyInput{
		RoleName: aws.String("bootstrap-deploy-role"), PolicyName: aws.String("default"),
	})
	if err != nil {
		t.Fatal(err)
	}
	document, err := url.QueryUnescape(aws.ToString(out.PolicyDocument))
	if err != nil || !json.Valid([]byte(document)) {
		t.Errorf("the inline policy is %s: %v", document, err)
	}
}
