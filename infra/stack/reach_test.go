package stack

import (
	"slices"
	"testing"
)

// The local AWS does not judge by the policies of resources: that AWS's services
// reach ours, and that nobody else does, is read from the template.
func TestAWSServicesReachWhatIsOurs(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		reached := 0
		for _, rule := range a.main.all("AWS::Events::Rule") {
			for _, target := range list(rule.Properties["Targets"]) {
				for _, arn := range []any{at(target, "Arn"), at(target, "DeadLetterConfig", "Arn")} {
					id, _ := at(arn, "Fn::GetAtt", 0).(string)
					if a.main.Resources[id].Type != "AWS::SQS::Queue" {
						continue
					}
					reached++
					if !a.main.mayBeSentTo(arn, map[string]any{"Fn::GetAtt": []any{rule.ID, "Arn"}}) {
						t.Errorf("%s cannot send to %s", rule.ID, id)
					}
				}
			}
		}
		if reached == 0 {
			t.Error("no rule has a queue for its target")
		}
		apis := a.main.all("AWS::ApiGatewayV2::Api")
		if len(apis) != 1 {
			t.Fatalf("%d APIs", len(apis))
		}
		integrations := a.main.all("AWS::ApiGatewayV2::Integration")
		if len(integrations) == 0 {
			t.Error("the API has no integration")
		}
		for _, integration := range integrations {
			if !a.main.mayBeInvokedBy("${"+apis[0].ID+"}", integration.Properties["IntegrationUri"]) {
				t.Errorf("the API cannot invoke %s", flat(integration.Properties["IntegrationUri"]))
			}
		}
		for _, p := range slices.Concat(a.main.all("AWS::SQS::QueuePolicy"), a.main.all("AWS::SNS::TopicPolicy")) {
			for _, s := range list(at(p.Properties["PolicyDocument"], "Statement")) {
				if at(s, "Effect") == "Allow" && (at(s, "Principal", "Service") == nil || at(s, "Condition") == nil) {
					t.Errorf("%s lets in more than a service for a resource of ours: %v", p.ID, s)
				}
			}
		}
	})
}

// mayBeSentTo tells whether EventBridge may send to a queue for the source.
func (t template) mayBeSentTo(queue, source any) bool {
	for _, p := range t.all("AWS::SQS::QueuePolicy") {
		for _, s := range list(at(p.Properties["PolicyDocument"], "Statement")) {
			if at(s, "Effect") == "Allow" && at(s, "Principal", "Service") == "events.amazonaws.com" &&
				slices.Contains(list(at(s, "Action")), any("sqs:SendMessage")) && flat(at(s, "Resource")) == flat(queue) &&
				flat(at(s, "Condition", "ArnEquals", "aws:SourceArn")) == flat(source) {
				return true
			}
		}
	}
	return false
}

// mayBeInvokedBy tells whether API Gateway may invoke a function for any route of
// the API.
func (t template) mayBeInvokedBy(api string, function any) bool {
	return slices.ContainsFunc(t.all("AWS::Lambda::Permission"), func(p resource) bool {
		return p.Properties["Principal"] == "apigateway.amazonaws.com" && p.Properties["Action"] == "lambda:InvokeFunction" &&
			flat(p.Properties["FunctionName"]) == flat(function) &&
			flat(p.Properties["SourceArn"]) == "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"+api+"/*/*"
	})
}
