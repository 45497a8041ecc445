package stack

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/statemachine"
)

// newMain is the stack of everything but the customer access role. What each
// function may do is written here, from the calls that it makes.
func newMain(app awscdk.App, s Settings) (awscdk.Stack, error) {
	stack := awscdk.NewStack(app, jsii.String(MainStackName), s.stackProps(MainStackName,
		"byoc: custom clouds in customers' AWS accounts ("+string(s.Environment)+")"))
	table := newTable(stack, s)
	bus := newBus(stack, s)
	mailer := newMailer(stack, s)
	functions := map[string]function{}
	for _, spec := range functionSpecs() {
		if spec.name == "network" {
			spec.seconds = float64(s.NetworkSeconds)
		}
		f := newFunction(stack, s, spec)
		f.set("TABLE_NAME", table.TableName())
		f.set("METRICS_NAMESPACE", jsii.String(s.metricsNamespace()))
		functions[spec.name] = f
	}
	api, validate, network := functions["api"], functions["validaterole"], functions["network"]
	transition, notify, watch := functions["transition"], functions["notify"], functions["watch"]

	provision, err := newMachine(stack, s, machineProps{
		name: statemachine.Provision, validateRole: validate, network: network, transition: transition,
		invokes: []function{validate, network, transition},
	})
	if err != nil {
		return nil, err
	}
	deprovision, err := newMachine(stack, s, machineProps{
		name: statemachine.Deprovision, validateRole: validate, network: network, transition: transition,
		invokes: []function{network, transition},
	})
	if err != nil {
		return nil, err
	}

	table.Allow(api.role, "GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
	for _, f := range []function{validate, network, transition, notify, watch} {
		table.Allow(f.role, "BatchGetItem")
	}
	organizations := []string{dynamo.OrganizationPartitions}
	table.AllowIn(organizations, validate.role, "PutItem", "UpdateItem")
	table.AllowIn(organizations, network.role, "PutItem", "UpdateItem")
	table.AllowIn(organizations, transition.role, "PutItem", "UpdateItem", "DeleteItem")
	table.AllowIn([]string{dynamo.OrganizationPartitions, dynamo.MailPartitions}, notify.role, "PutItem", "UpdateItem")
	table.AllowIn(organizations, watch.role, "PutItem", "UpdateItem")
	table.AllowDue(watch.role)
	mailer.AllowSend(notify.role)

	for _, f := range []function{api, validate, transition, watch} {
		bus.AllowPut(f.role)
		f.set("EVENT_BUS_NAME", bus.name)
	}
	for _, f := range []function{api, watch} {
		provision.AllowStart(f.role)
		deprovision.AllowStart(f.role)
		f.set("PROVISION_MACHINE_ARN", provision.StateMachineArn())
		f.set("DEPROVISION_MACHINE_ARN", deprovision.StateMachineArn())
	}
	api.role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, validate.FunctionArn()))
	api.set("VALIDATE_ROLE_FUNCTION_ARN", validate.FunctionArn())
	provision.AllowDescribe(watch.role)
	deprovision.AllowDescribe(watch.role)
	justifyPolicy(watch.role, "Executions are named by cloud and attempt, so all of the two state machines are meant. "+onlyAnywhere,
		"Resource::*", map[string]any{"regex": `/^Resource::arn:.*:execution:.*:\*$/`})

	for _, f := range functions {
		if f.spec.entersCustomers {
			f.role.AddToPolicy(allow([]string{"sts:AssumeRole"}, customerAccessARN()))
		}
	}
	for _, f := range []function{api, validate, network, watch} {
		f.set(customeraccount.AccessRoleVariable, customerAccessARN())
		f.set("VENDOR_ACCOUNT_ID", awscdk.Aws_ACCOUNT_ID())
		f.set("ALLOW_OWN_ACCOUNT", jsii.String(strconv.FormatBool(s.AllowOwnAccount)))
	}
	for _, f := range []function{api, network, watch} {
		f.set("MANAGEMENT_CIDRS", jsii.String(strings.Join(s.ManagementCIDRs, ",")))
		f.set("MANAGEMENT_PORTS", jsii.String(commas(s.ManagementPorts)))
	}
	for _, f := range []function{api, notify} {
		f.set("VENDOR_NAME", jsii.String(s.VendorName))
	}
	s.OIDC.allow(api)
	offerTemplate(api, s.TemplateBucket)
	if s.LocalAWSSpeed > 1 {
		network.set("LOCAL_AWS_SPEED", jsii.String(strconv.Itoa(s.LocalAWSSpeed)))
		watch.set("LOCAL_AWS_SPEED", jsii.String(strconv.Itoa(s.LocalAWSSpeed)))
	}
	watch.set("WATCH_SECONDS", jsii.String(strconv.Itoa(s.WatchSeconds)))
	watch.set("WATCH_CONFIRM_SECONDS", jsii.String(strconv.Itoa(s.WatchConfirmSeconds)))
	notify.set("MAIL_SENDER", jsii.String(mailer.sender))
	notify.set("SES_CONFIGURATION_SET", jsii.String(mailer.configurationSet))

	served := newAPI(stack, s, api)
	notify.set("CLOUD_URL", served.cloudURL(s))
	mails := newNotifications(stack, s, bus, mailer, notify)
	newSchedule(stack, s, watch)
	newHistory(stack, s, bus)
	o := operated{
		namespace: s.metricsNamespace(),
		table:     table, api: served, mailer: mailer, mails: mails, functions: functions,
		machines: map[string]machine{statemachine.Provision: provision, statemachine.Deprovision: deprovision},
	}
	alarms := newAlarms(stack, s)
	addAlarms(alarms, o)
	newDashboard(stack, s, alarms, o)

	output(stack, "ApiUrl", served.url, "Where the API is served")
	if served.target != nil {
		output(stack, "ApiDomainTarget", served.target, "Where "+s.Domain.Name+" has to point: a CNAME record")
	}
	output(stack, "TableName", table.TableName(), "The one table")
	output(stack, "EventBusName", bus.name, "The bus of our events")
	output(stack, "ProvisionMachineArn", provision.StateMachineArn(), "The state machine that makes networks")
	output(stack, "DeprovisionMachineArn", deprovision.StateMachineArn(), "The state machine that removes networks")
	output(stack, "NotificationsQueueUrl", mails.queue.QueueUrl(), "Events to be mailed")
	output(stack, "NotificationsDeadLetterQueueUrl", mails.dead.QueueUrl(), "Events that could not be mailed")
	output(stack, "AlarmTopicArn", alarms.topic.TopicArn(), "Where alarms go: subscribe whoever is on call")
	return stack, nil
}

func commas(numbers []int) string {
	return strings.ReplaceAll(strings.Trim(fmt.Sprint(numbers), "[]"), " ", ",")
}
