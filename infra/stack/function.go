package stack

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// functionSpec is what is the same for a function in every environment.
type functionSpec struct {
	name        string
	description string
	seconds     float64
	// memory in MB. Lambda gives CPU in proportion, and a start and TLS
	// handshakes are nothing but CPU: who waits for an answer, or makes many
	// calls at once, gets more.
	memory float64
	// entersCustomers: the customer access role trusts it.
	entersCustomers bool
}

func functionSpecs() []functionSpec {
	return []functionSpec{
		// The HTTP API gives up at 30 s; a function that ends before can still say why.
		{name: "api", description: "Serves the HTTP API", seconds: 29, memory: 512},
		{name: "validaterole", description: "Validates a customer's role", seconds: 60, memory: 512, entersCustomers: true},
		{name: "network", description: "Makes and removes networks in customers' accounts", seconds: defaultNetworkSeconds, memory: 512, entersCustomers: true},
		{name: "transition", description: "Writes the last state of a run", seconds: 30, memory: 256},
		{name: "notify", description: "Mails what happened to a custom cloud", seconds: 30, memory: 256},
		{name: "watch", description: "Finds lost runs and unpublished events", seconds: 110, memory: 512, entersCustomers: true},
	}
}

// FunctionNames of all functions: each is a folder of Settings.FunctionsDir.
func FunctionNames() []string {
	var names []string
	for _, f := range functionSpecs() {
		names = append(names, f.name)
	}
	return names
}

type function struct {
	awslambda.Function
	role awsiam.Role
	spec functionSpec
}

// newFunction makes a function with a role and a log group of its own. The
// role may write logs and traces; the rest is allowed by who owns it.
func newFunction(scope constructs.Construct, s Settings, spec functionSpec) function {
	scope = constructs.NewConstruct(scope, jsii.String(spec.name))
	logs := awslogs.NewLogGroup(scope, jsii.String("Logs"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/lambda/" + *s.named(spec.name)),
		Retention:     s.logRetention(),
		RemovalPolicy: s.removal(),
	})
	role := awsiam.NewRole(scope, jsii.String("Role"), &awsiam.RoleProps{
		// Fixed: the customer access role knows its callers by name.
		RoleName:    s.named(spec.name),
		Description: jsii.String("Execution role: " + spec.description),
		AssumedBy:   awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
	})
	role.AddToPolicy(allow([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, logs.LogGroupArn()))
	role.AddToPolicy(allow([]string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, jsii.String("*")))
	justifyPolicy(role, onlyAnywhere, "Resource::*")

	architecture := awslambda.Architecture_ARM_64()
	if s.Architecture == X8664 {
		architecture = awslambda.Architecture_X86_64()
	}
	f := awslambda.NewFunction(scope, jsii.String("Function"), &awslambda.FunctionProps{
		FunctionName: s.named(spec.name),
		Description:  jsii.String(spec.description),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Architecture: architecture,
		Handler:      jsii.String("bootstrap"),
		Code:         awslambda.Code_FromAsset(jsii.String(filepath.Join(s.FunctionsDir, spec.name)), nil),
		Timeout:      awscdk.Duration_Seconds(jsii.Number(spec.seconds)),
		MemorySize:   jsii.Number(spec.memory),
		LogGroup:     logs,
		Tracing:      awslambda.Tracing_ACTIVE,
		// What CDK would add by itself is said above, with exact resources.
		Role: role.WithoutPolicyUpdates(nil),
	})
	return function{f, role, spec}
}

// set an environment variable.
func (f function) set(name string, value *string) {
	f.AddEnvironment(jsii.String(name), value, nil)
}

func (s Settings) logRetention() awslogs.RetentionDays {
	if s.Environment == Production {
		return awslogs.RetentionDays_SIX_MONTHS
	}
	return awslogs.RetentionDays_ONE_MONTH
}
