package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

type mailer struct {
	scope constructs.Construct
	// sender and configurationSet by name: both are ours to give.
	sender, configurationSet string
}

// mailDimension is a tag that SES puts on each mail by itself.
const mailDimension = "ses:configuration-set"

func newMailer(scope constructs.Construct, s Settings) mailer {
	scope = constructs.NewConstruct(scope, jsii.String("Mail"))
	m := mailer{scope: scope, sender: s.MailSender, configurationSet: *s.named("mail")}
	set := awsses.NewConfigurationSet(scope, jsii.String("ConfigurationSet"), &awsses.ConfigurationSetProps{
		ConfigurationSetName: jsii.String(m.configurationSet),
		ReputationMetrics:    jsii.Bool(true),
	})
	awsses.NewCfnConfigurationSetEventDestination(scope, jsii.String("Metrics"), &awsses.CfnConfigurationSetEventDestinationProps{
		ConfigurationSetName: set.ConfigurationSetName(),
		EventDestination: &awsses.CfnConfigurationSetEventDestination_EventDestinationProperty{
			Name: jsii.String("metrics"), Enabled: jsii.Bool(true),
			MatchingEventTypes: jsii.Strings("send", "reject", "bounce", "complaint", "delivery"),
			CloudWatchDestination: &awsses.CfnConfigurationSetEventDestination_CloudWatchDestinationProperty{
				DimensionConfigurations: []any{&awsses.CfnConfigurationSetEventDestination_DimensionConfigurationProperty{
					DimensionName: jsii.String(mailDimension), DimensionValueSource: jsii.String("messageTag"), DefaultDimensionValue: jsii.String("none"),
				}},
			},
		},
	})
	// SES publishes to the account's default bus only.
	feedback := awsses.NewCfnConfigurationSetEventDestination(scope, jsii.String("Feedback"), &awsses.CfnConfigurationSetEventDestinationProps{
		ConfigurationSetName: jsii.String(m.configurationSet),
		EventDestination: &awsses.CfnConfigurationSetEventDestination_EventDestinationProperty{
			Name: jsii.String("feedback"), Enabled: jsii.Bool(true),
			MatchingEventTypes: jsii.Strings("bounce", "complaint"),
			EventBridgeDestination: &awsses.CfnConfigurationSetEventDestination_EventBridgeDestinationProperty{
				EventBusArn: awscdk.Stack_Of(scope).FormatArn(&awscdk.ArnComponents{
					Service: jsii.String("events"), Resource: jsii.String("event-bus"), ResourceName: jsii.String("default"),
				}),
			},
		},
	})
	feedback.Node().AddDependency(set)
	identity := awsses.NewEmailIdentity(scope, jsii.String("Sender"), &awsses.EmailIdentityProps{
		Identity:         awsses.Identity_Email(jsii.String(m.sender)),
		ConfigurationSet: set,
	})
	// An identity made anew has to be verified anew.
	identity.ApplyRemovalPolicy(s.removal())
	return m
}

// AllowSend lets a role send from the one address, through the one
// configuration set: SES checks both.
func (m mailer) AllowSend(role awsiam.Role) {
	stack := awscdk.Stack_Of(m.scope)
	arn := func(resource, name string) *string {
		return stack.FormatArn(&awscdk.ArnComponents{
			Service: jsii.String("ses"), Resource: jsii.String(resource), ResourceName: jsii.String(name),
		})
	}
	role.AddToPolicy(allow([]string{"ses:SendEmail"},
		arn("identity", m.sender), arn("configuration-set", m.configurationSet)))
}
