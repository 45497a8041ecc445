package stack

import (
	"encoding/json"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/cloud"
	"byoc/shared/eventbridge"
)

// history is every state change as a line of a log, and metrics made of those
// lines. The bus is the one place that sees each change whoever made it, and a
// metric that is made there costs no function anything.
type history struct {
	namespace string
}

const (
	changesMetric = "StateChanges"
	brokenMetric  = "CloudsBroken"
)

// broken are the states that a custom cloud is in when its customer is worse off.
var broken = []cloud.State{cloud.CreationFailed, cloud.Disconnected, cloud.DeletionFailed}

func newHistory(scope constructs.Construct, s Settings, b bus) history {
	scope = constructs.NewConstruct(scope, jsii.String("History"))
	h := history{namespace: *s.named("clouds")}
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
		Description:  jsii.String("Every state change, for the log and the metrics made of it"),
		EventBusName: b.name,
		EventPattern: map[string]any{"source": []any{eventbridge.Source}, "detail-type": []any{string(cloud.StateChanged)}},
		Targets:      []any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Logs"), Arn: arn}},
	})
	rule.AddResourceDependency(policy, jsii.String("EventBridge may write before it has to"))
	filter := func(id, pattern, metric string, dimensions []any) {
		transformation := &awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricNamespace: jsii.String(h.namespace), MetricName: jsii.String(metric), MetricValue: jsii.String("1"), Unit: jsii.String("Count"),
		}
		if dimensions != nil {
			transformation.Dimensions = &dimensions
		}
		awslogs.NewCfnMetricFilter(scope, jsii.String(id), &awslogs.CfnMetricFilterProps{
			LogGroupName: logs.LogGroupName(), FilterPattern: jsii.String(pattern),
			MetricTransformations: []any{transformation},
		})
	}
	filter("Changes", `{ $.detail.to_state = "*" }`, changesMetric, []any{
		&awslogs.CfnMetricFilter_DimensionProperty{Key: jsii.String("State"), Value: jsii.String("$.detail.to_state")},
	})
	filter("Broken", brokenPattern(), brokenMetric, nil)
	return h
}

func brokenPattern() string {
	pattern := ""
	for _, state := range broken {
		if pattern != "" {
			pattern += " || "
		}
		name, _ := json.Marshal(string(state))
		pattern += "($.detail.to_state = " + string(name) + ")"
	}
	return "{ " + pattern + " }"
}
