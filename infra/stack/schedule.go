package stack

import (
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// newSchedule fires the watch, each part of the shards by a schedule of its own,
// so that an invocation's time bounds one part only. A tick that fails is not
// repeated, neither by Scheduler nor by Lambda: the next one finds the same work,
// and two at once would look at one account twice.
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
	for part := range s.WatchParts {
		awsscheduler.NewCfnSchedule(scope, jsii.String(fmt.Sprintf("Watch%02d", part)), &awsscheduler.CfnScheduleProps{
			Name:               s.named(fmt.Sprintf("watch-%02d", part)),
			Description:        jsii.String(fmt.Sprintf("Looks for what is due, part %d of %d", part+1, s.WatchParts)),
			ScheduleExpression: jsii.String("rate(2 minutes)"),
			FlexibleTimeWindow: &awsscheduler.CfnSchedule_FlexibleTimeWindowProperty{Mode: jsii.String("OFF")},
			Target: &awsscheduler.CfnSchedule_TargetProperty{
				Arn:         watch.FunctionArn(),
				RoleArn:     role.RoleArn(),
				Input:       jsii.String(fmt.Sprintf(`{"part":%d,"of":%d}`, part, s.WatchParts)),
				RetryPolicy: &awsscheduler.CfnSchedule_RetryPolicyProperty{MaximumRetryAttempts: jsii.Number(0)},
			},
		}).Node().AddDependency(role)
	}
	awslambda.NewCfnEventInvokeConfig(scope, jsii.String("Once"), &awslambda.CfnEventInvokeConfigProps{
		FunctionName: watch.FunctionName(), Qualifier: jsii.String("$LATEST"),
		MaximumRetryAttempts: jsii.Number(0), MaximumEventAgeInSeconds: jsii.Number(60),
	})
}
