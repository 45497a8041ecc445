package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule fires the watch. A tick that fails is not repeated: the next one
// finds the same work.
func newSchedule(scope constructs.Construct, s Settings, watch function) {
	scope = constructs.NewConstruct(scope, jsii.String("Schedule"))
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:    s.named("schedule"),
		Description: jsii.String("Lets EventBridge Scheduler invoke the watch"),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
		}),
	})
	role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, watch.FunctionArn()))
	awsscheduler.NewCfnSchedule(scope, jsii.String("Watch"), &awsscheduler.CfnScheduleProps{
		Name:               s.named("watch"),
		Description:        jsii.String("Looks for what is due"),
		ScheduleExpression: jsii.String("rate(2 minutes)"),
		FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
		Target: &awsscheduler.CfnSchedule_TargetProperty{
			Arn:         watch.FunctionArn(),
			RoleArn:     role.RoleArn(),
			RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumRetryAttempts: jsii.Number(0)},
		},
	}).Node().AddDependency(role)
}
