package stack

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsstepfunctions"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/statemachine"
)

type machineProps struct {
	// name of a state machine of package statemachine.
	name                              string
	validateRole, network, transition function
	// invokes are those of the three that the machine calls.
	invokes []function
}

type machine struct {
	awsstepfunctions.StateMachine
}

// logDelivery is what Step Functions needs to write logs. AWS offers no
// narrower resource for these.
var logDelivery = []string{
	"logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery",
	"logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups",
}

func newMachine(scope constructs.Construct, s Settings, p machineProps) (machine, error) {
	template, err := statemachine.Template(p.name, s.Intervals)
	if err != nil {
		return machine{}, err
	}
	arns := map[string]*string{}
	for key, arn := range (statemachine.Functions{
		ValidateRole: *p.validateRole.FunctionArn(),
		Network:      *p.network.FunctionArn(),
		Transition:   *p.transition.FunctionArn(),
	}).Substitutions() {
		if strings.Contains(template, "${"+key+"}") {
			arns[key] = jsii.String(arn)
		}
	}
	scope = constructs.NewConstruct(scope, jsii.String(p.name))
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		RoleName:    s.named(p.name),
		Description: jsii.String("Execution role of the state machine " + p.name),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("states.amazonaws.com"), nil),
	})
	var functions []*string
	for _, f := range p.invokes {
		functions = append(functions, f.FunctionArn())
	}
	role.AddToPolicy(allow([]string{"lambda:InvokeFunction"}, functions...))
	role.AddToPolicy(allow(logDelivery, jsii.String("*")))
	role.AddToPolicy(allow([]string{
		"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	}, jsii.String("*")))
	justifyPolicy(role, onlyAnywhere, "Resource::*")

	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		// Under this prefix the log group's resource policy does not grow
		// with every state machine.
		LogGroupName:  jsii.String("/aws/vendedlogs/states/" + *s.named(p.name)),
		Retention:     s.logRetention(),
		RemovalPolicy: s.removal(),
	})
	m := awsstepfunctions.NewStateMachine(scope, jsii.String("Machine"), &awsstepfunctions.StateMachineProps{
		StateMachineName: s.named(p.name),
		StateMachineType: awsstepfunctions.StateMachineType_STANDARD,
		DefinitionBody:   awsstepfunctions.DefinitionBody_FromString(awscdk.Fn_Sub(jsii.String(template), &arns)),
		Role:             role.WithoutPolicyUpdates(nil),
		TracingEnabled:   jsii.Bool(true),
		Logs: &awsstepfunctions.LogOptions{
			Destination: logs,
			Level:       awsstepfunctions.LogLevel_ALL,
			// The history of an execution has its data, for as long as it matters.
			IncludeExecutionData: jsii.Bool(false),
		},
	})
	return machine{m}, nil
}

// AllowStart lets a role start executions.
func (m machine) AllowStart(role awsiam.Role) {
	role.AddToPolicy(allow([]string{"states:StartExecution"}, m.StateMachineArn()))
}

// AllowDescribe lets a role ask how an execution stands.
func (m machine) AllowDescribe(role awsiam.Role) {
	stack := awscdk.Stack_Of(m.StateMachine)
	role.AddToPolicy(allow([]string{"states:DescribeExecution"}, stack.FormatArn(&awscdk.ArnComponents{
		Service:      jsii.String("states"),
		Resource:     jsii.String("execution"),
		ResourceName: jsii.String(*m.StateMachineName() + ":*"),
		ArnFormat:    awscdk.ArnFormat_COLON_RESOURCE_NAME,
	})))
}
