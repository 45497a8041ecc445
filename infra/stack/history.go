package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/cloud"
	"byoc/shared/eventbridge"
)

// newHistory keeps every state change as a line of a log. The bus is the one
// place that sees each change, whoever made it. Metrics of them are the
// functions' own: what is delivered twice would be counted twice here.
func newHistory(scope constructs.Construct, s Settings, b bus) {
	scope = constructs.NewConstruct(scope, jsii.String("History"))
	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/events/" + *s.named("state-changes")),
		Retention:     s.logRetention(),
		RemovalPolicy: s.removal(),
	})
	arn := awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("logs"), Resource: jsii.String("log-group"), ResourceName: logs.LogGroupName(),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})
	policy := awslogs.NewCfnResourcePolicy(scope, jsii.String("Policy"), &awslogs.CfnResourcePolicyProps{
		PolicyName: s.named("state-changes"),
		PolicyDocument: awscdk.Stack_Of(scope).ToJsonString(map[string]any{
			"Version": "2012-10-17",
			"Statement": []any{map[string]any{
				"Effect":    "Allow",
				"Principal": map[string]any{"Service": []any{"events.amazonaws.com", "delivery.logs.amazonaws.com"}},
				"Action":    []any{"logs:CreateLogStream", "logs:PutLogEvents"},
				"Resource":  *arn + ":*",
			}},
		}, nil),
	})
	rule := awsevents.NewCfnRule(scope, jsii.String("Rule"), &awsevents.CfnRuleProps{
		Name:         s.named("state-changes"),
		Description:  jsii.String("Every state change, for the log"),
		EventBusName: b.name,
		EventPattern: map[string]any{"source": []any{eventbridge.Source}, "detail-type": []any{string(cloud.StateChanged)}},
		Targets:      []any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Logs"), Arn: arn}},
	})
	rule.AddResourceDependency(policy, jsii.String("EventBridge may write before it has to"))
}
