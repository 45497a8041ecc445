package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"
)

// CustomerAccessRoleName is what customers' roles trust. AWS stores a trusted
// principal's unique id: once this role is deleted, a new one of the same name
// opens no customer's account. It is never renamed, replaced or removed.
const CustomerAccessRoleName = "byoc-customer-access"

// customerRoles are the roles that the template makes in customers' accounts.
const customerRoles = "arn:aws:iam::*:role/cce-*-iam-role"

// customerAccessARN is the role's ARN. It is put together from its name: an
// import from the other stack would tie the two together for good.
func customerAccessARN() *string {
	return jsii.String("arn:aws:iam::" + *awscdk.Aws_ACCOUNT_ID() + ":role/" + CustomerAccessRoleName)
}

// newCustomerAccess is the stack of the one role that faces customers.
//
// The role trusts its own account with a condition on the caller's role ARN.
// Naming the roles as principals would admit the same callers, but AWS would
// store their unique ids: a function's role made anew (a destroyed and deployed
// stack) would be refused until somebody changed this stack, which CloudFormation
// has no reason to do since its template stays the same. A condition is compared
// by name on every call. It also lets this stack come before the roles it trusts.
func newCustomerAccess(app awscdk.App, s Settings) awscdk.Stack {
	stack := awscdk.NewStack(app, jsii.String(AccessStackName), s.stackProps(AccessStackName,
		"The role by which byoc enters customers' accounts. Do not delete: customers trust this very role."))
	var callers []*string
	for _, f := range functionSpecs() {
		if f.entersCustomers {
			callers = append(callers, jsii.String("arn:aws:iam::"+*awscdk.Aws_ACCOUNT_ID()+":role/"+*s.named(f.name)))
		}
	}
	role := awsiam.NewRole(stack, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:    jsii.String(CustomerAccessRoleName),
		Description: jsii.String("Enters customers' accounts; customers' roles trust it by its ARN."),
		AssumedBy: awsiam.NewAccountRootPrincipal().WithConditions(&map[string]any{
			"ArnEquals": map[string]any{"aws:PrincipalArn": callers},
		}),
		// A chained session lasts an hour at most, whatever is asked for.
		MaxSessionDuration: awscdk.Duration_Hours(jsii.Number(1)),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"customers": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{
				Statements: &[]awsiam.PolicyStatement{allow([]string{"sts:AssumeRole"}, jsii.String(customerRoles))},
			}),
		},
	})
	justify(role.Node().DefaultChild(), "AwsSolutions-IAM5",
		"Customers' accounts are not known beforehand; the name of the role in them is. Each such role decides by its own trust policy whom it lets in.",
		"Resource::"+customerRoles)
	role.ApplyRemovalPolicy(awscdk.RemovalPolicy_RETAIN)
	output(stack, "CustomerAccessRoleArn", role.RoleArn(), "The principal that customers' roles trust")
	return stack
}

func allow(actions []string, resources ...*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect:    awsiam.Effect_ALLOW,
		Actions:   jsii.Strings(actions...),
		Resources: &resources,
	})
}
