package stack

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"byoc/shared/dynamo"
)

// The bill is split by two tags, on all that is paid for and can have them.
func TestWhatIsPaidForIsTagged(t *testing.T) {
	paid := []string{
		"AWS::ApiGatewayV2::Api", "AWS::ApiGatewayV2::Stage", "AWS::CloudWatch::Alarm", "AWS::DynamoDB::Table", "AWS::Events::EventBus",
		"AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::SES::ConfigurationSet", "AWS::SES::EmailIdentity", "AWS::SNS::Topic",
		"AWS::SQS::Queue", "AWS::StepFunctions::StateMachine",
	}
	each(t, func(t *testing.T, v variant, a assembly) {
		for _, kind := range paid {
			resources := a.main.all(kind)
			if len(resources) == 0 {
				t.Errorf("no %s", kind)
			}
			for _, r := range resources {
				tags := map[string]string{}
				for _, tag := range list(r.Properties["Tags"]) {
					// Some services take one object instead of a list of pairs.
					if pairs, ok := tag.(map[string]any); ok && pairs["Key"] == nil {
						for key, value := range pairs {
							tags[key] = flat(value)
						}
						continue
					}
					tags[flat(at(tag, "Key"))] = flat(at(tag, "Value"))
				}
				if tags["project"] != "byoc" || tags["environment"] != v.environment {
					t.Errorf("%s has the tags %v", r.ID, tags)
				}
			}
		}
	})
}

// What the guide counts is what the stack has.
func TestTheGuidesCostsCountWhatIsDeployed(t *testing.T) {
	text, err := os.ReadFile("../../docs/first-deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	a := synth(t, variant{"production", "arm64"})
	watched := 0
	for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
		watched += len(slices.DeleteFunc(list(r.Properties["Metrics"]), func(m any) bool { return at(m, "MetricStat") == nil }))
	}
	parts := len(a.main.all("AWS::Scheduler::Schedule"))
	memory := map[any]bool{}
	for _, f := range a.main.all("AWS::Lambda::Function") {
		if f.Properties["FunctionName"] == "byoc-watch-production" {
			memory[f.Properties["MemorySize"]] = true
		}
	}
	if !memory[512.0] {
		t.Errorf("the watch has %v MB, the guide counts 512", memory)
	}
	for _, want := range []string{
		fmt.Sprintf("0.10 × %d = %.2f", watched, 0.10*float64(watched)),
		fmt.Sprintf("21,900 ticks of %d parts", parts),
		fmt.Sprintf("%d shards a tick", dynamo.Shards),
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("docs/first-deploy.md does not say %q", want)
		}
	}
}
