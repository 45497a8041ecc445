package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/eventbridge"
	"byoc/shared/ses"
)

type bus struct {
	awsevents.EventBus
	// name is the bus's attribute of that name. It is what Ref answers too,
	// but on AWS only: moto's Ref of a bus is no text.
	name *string
}

func newBus(scope constructs.Construct, s Settings) bus {
	b := awsevents.NewEventBus(scope, jsii.String("Bus"), &awsevents.EventBusProps{
		EventBusName: s.named("events"),
	})
	return bus{b, b.Node().DefaultChild().(awsevents.CfnEventBus).AttrName()}
}

// AllowPut lets a role publish on the bus.
func (b bus) AllowPut(role awsiam.Role) {
	role.AddToPolicy(allow([]string{"events:PutEvents"}, b.EventBusArn()))
}

// notifications buffers the bus's events for the function that mails: a rule
// alone would retry for a day and then drop them.
type notifications struct {
	queue, dead awssqs.Queue
}

// deliveries of an event before it goes to the dead letters.
const deliveries = 5

func newNotifications(scope constructs.Construct, s Settings, b bus, m mailer, notify function) notifications {
	scope = constructs.NewConstruct(scope, jsii.String("Notifications"))
	dead := awssqs.NewQueue(scope, jsii.String("DeadLetters"), &awssqs.QueueProps{
		QueueName:       s.named("notifications-dead"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(14)),
	})
	queue := awssqs.NewQueue(scope, jsii.String("Queue"), &awssqs.QueueProps{
		QueueName:       s.named("notifications"),
		Encryption:      awssqs.QueueEncryption_SQS_MANAGED,
		EnforceSSL:      jsii.Bool(true),
		RetentionPeriod: awscdk.Duration_Days(jsii.Number(4)),
		// AWS's advice for a queue with a function behind it: six times its timeout.
		// Less than its timeout AWS refuses, and a local one delivers twice at once.
		VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(max(notify.spec.seconds, s.atLocalSpeed(6*notify.spec.seconds)))),
		DeadLetterQueue:   &awssqs.DeadLetterQueue{Queue: dead, MaxReceiveCount: jsii.Number(deliveries)},
	})
	rule := awsevents.NewRule(scope, jsii.String("Rule"), &awsevents.RuleProps{
		RuleName:     s.named("notifications"),
		Description:  jsii.String("Every event of ours, for the function that mails"),
		EventBus:     b.EventBus,
		EventPattern: &awsevents.EventPattern{Source: jsii.Strings(eventbridge.Source)},
		Targets: &[]awsevents.IRuleTarget{
			awseventstargets.NewSqsQueue(queue, &awseventstargets.SqsQueueProps{DeadLetterQueue: dead}),
		},
	})
	rule.Node().DefaultChild().(awsevents.CfnRule).SetEventBusName(b.name)
	awsevents.NewRule(scope, jsii.String("Feedback"), &awsevents.RuleProps{
		RuleName:    s.named("mail-feedback"),
		Description: jsii.String("Mails of ours that bounced or were complained about, from the default bus"),
		EventPattern: &awsevents.EventPattern{
			Source:     jsii.Strings(ses.Source),
			DetailType: jsii.Strings(ses.DetailTypeBounce, ses.DetailTypeComplaint),
			Detail:     &map[string]any{"mail": map[string]any{"tags": map[string]any{mailDimension: []any{m.configurationSet}}}},
		},
		Targets: &[]awsevents.IRuleTarget{
			awseventstargets.NewSqsQueue(queue, &awseventstargets.SqsQueueProps{DeadLetterQueue: dead}),
		},
	})
	notify.role.AddToPolicy(allow([]string{
		"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
	}, queue.QueueArn()))
	awslambda.NewEventSourceMapping(scope, jsii.String("Mapping"), &awslambda.EventSourceMappingProps{
		Target:                  notify.Function,
		EventSourceArn:          queue.QueueArn(),
		BatchSize:               jsii.Number(10),
		ReportBatchItemFailures: jsii.Bool(true),
	}).Node().AddDependency(notify.role)
	return notifications{queue, dead}
}
