package stack

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Names of the stacks.
const (
	AccessStackName = "byoc-customer-access"
	MainStackName   = "byoc"
)

// featureFlags are those that the CDK gives a new app, for AWS's public regions
// alone, without collecting more of what is used, and with the app's tags on its
// stacks, whose resources CloudFormation tags with them. They are here and not in
// cdk.json, so that tests synthesize what the CLI does.
//
//go:embed featureflags.json
var featureFlags []byte

// AppProps are those of the CDK app.
func AppProps() *awscdk.AppProps {
	var flags map[string]any
	if err := json.Unmarshal(featureFlags, &flags); err != nil {
		panic(err) // what is compiled in is not JSON
	}
	return &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), Context: &flags}
}

// New adds both stacks to an app. An error says what is missing on disk.
func New(app awscdk.App, s Settings) error {
	for _, name := range FunctionNames() {
		file := filepath.Join(s.FunctionsDir, name, "bootstrap")
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("%s is missing: build the functions first, make functions ARCH=%s", file, s.Architecture)
		}
	}
	access := newCustomerAccess(app, s)
	main, err := newMain(app, s)
	if err != nil {
		return err
	}
	// Functions name the role in their environment: it exists before they run.
	main.AddStackDependency(access, jsii.String("functions assume the customer access role"))
	// What the bill is split by. Dashboards are left out: CloudFormation's own
	// linter knows no tags on them.
	where := &awscdk.TagProps{ExcludeResourceTypes: jsii.Strings("AWS::CloudWatch::Dashboard")}
	awscdk.Tags_Of(app).Add(jsii.String("project"), jsii.String("byoc"), where)
	awscdk.Tags_Of(app).Add(jsii.String("environment"), jsii.String(string(s.Environment)), where)
	return nil
}

func (s Settings) stackProps(name, description string) *awscdk.StackProps {
	return &awscdk.StackProps{
		StackName:             jsii.String(name),
		Description:           jsii.String(description),
		TerminationProtection: jsii.Bool(s.Environment == Production),
	}
}

// removal is what becomes of data when its stack goes.
func (s Settings) removal() awscdk.RemovalPolicy {
	if s.Environment == Production {
		return awscdk.RemovalPolicy_RETAIN
	}
	return awscdk.RemovalPolicy_DESTROY
}

// named is the fixed name of a resource in this environment.
func (s Settings) named(what string) *string {
	return jsii.String("byoc-" + what + "-" + string(s.Environment))
}

func output(scope awscdk.Stack, id string, value *string, description string) {
	awscdk.NewCfnOutput(scope, jsii.String(id), &awscdk.CfnOutputProps{
		Value:       value,
		Description: jsii.String(description),
	})
}
