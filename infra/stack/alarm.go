package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// metric is one series of CloudWatch.
type metric struct {
	id, namespace, name, stat string
	seconds                   float64
	// dimensions are names and values in turn.
	dimensions []*string
}

// alarm is raised where the expression over the metrics (or the only metric)
// is at or above atLeast in enough of the last periods.
type alarm struct {
	name string
	// meaning is what the operator reads first; the runbook has the rest under
	// the alarm's name.
	meaning    string
	metrics    []metric
	expression string
	atLeast    float64
	// points of periods have to be over the threshold.
	points, periods float64
	// silenceIsBad: no data is as bad as bad data.
	silenceIsBad bool
}

// alarms is the topic that alarms go to, and the alarms that were made.
type alarms struct {
	scope constructs.Construct
	s     Settings
	topic awssns.Topic
	arns  []*string
}

func newAlarms(scope constructs.Construct, s Settings) *alarms {
	scope = constructs.NewConstruct(scope, jsii.String("Alarms"))
	topic := awssns.NewTopic(scope, jsii.String("Topic"), &awssns.TopicProps{
		TopicName:  s.named("alarms"),
		EnforceSSL: jsii.Bool(true),
	})
	// A topic with a policy of its own has lost the default one.
	topic.AddToResourcePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Effect:     awsiam.Effect_ALLOW,
		Principals: &[]awsiam.IPrincipal{awsiam.NewServicePrincipal(jsii.String("cloudwatch.amazonaws.com"), nil)},
		Actions:    jsii.Strings("sns:Publish"),
		Resources:  &[]*string{topic.TopicArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": awscdk.Aws_ACCOUNT_ID()}},
	}))
	justify(topic.Node().DefaultChild(), "AwsSolutions-SNS2",
		"An alarm's text is its name and a number. AWS's own key refuses CloudWatch, and a key of ours costs more than the whole idle system.")
	if s.AlarmEmail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(jsii.String(s.AlarmEmail), nil))
	}
	return &alarms{scope: scope, s: s, topic: topic}
}

func (a *alarms) add(spec alarm) {
	name := *a.s.named(spec.name)
	var queries []any
	for _, m := range spec.metrics {
		var dimensions []any
		for i := 0; i+1 < len(m.dimensions); i += 2 {
			dimensions = append(dimensions, &awscloudwatch.CfnAlarm_DimensionProperty{Name: m.dimensions[i], Value: m.dimensions[i+1]})
		}
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String(m.id),
			MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
				Metric: &awscloudwatch.CfnAlarm_MetricProperty{
					Namespace: jsii.String(m.namespace), MetricName: jsii.String(m.name), Dimensions: &dimensions,
				},
				Period: jsii.Number(m.seconds), Stat: jsii.String(m.stat),
			},
			ReturnData: jsii.Bool(spec.expression == ""),
		})
	}
	if spec.expression != "" {
		queries = append(queries, &awscloudwatch.CfnAlarm_MetricDataQueryProperty{
			Id: jsii.String("result"), Expression: jsii.String(spec.expression), Label: jsii.String(spec.name), ReturnData: jsii.Bool(true),
		})
	}
	missing := "notBreaching"
	if spec.silenceIsBad {
		missing = "breaching"
	}
	awscloudwatch.NewCfnAlarm(a.scope, jsii.String(spec.name), &awscloudwatch.CfnAlarmProps{
		AlarmName:          jsii.String(name),
		AlarmDescription:   jsii.String(spec.meaning + " Runbook: docs/operations.md, " + spec.name + "."),
		Metrics:            &queries,
		ComparisonOperator: jsii.String("GreaterThanOrEqualToThreshold"),
		Threshold:          jsii.Number(spec.atLeast),
		DatapointsToAlarm:  jsii.Number(spec.points),
		EvaluationPeriods:  jsii.Number(spec.periods),
		TreatMissingData:   jsii.String(missing),
		AlarmActions:       &[]any{a.topic.TopicArn()},
		OkActions:          &[]any{a.topic.TopicArn()},
	})
	// By its name: the local AWS has no alarms to ask for an ARN.
	a.arns = append(a.arns, awscdk.Stack_Of(a.scope).FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("cloudwatch"), Resource: jsii.String("alarm"), ResourceName: jsii.String(name),
		ArnFormat: awscdk.ArnFormat_COLON_RESOURCE_NAME,
	}))
}
