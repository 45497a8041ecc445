package stack

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"byoc/infra/local/iampolicy"
)

// handled is what CloudFormation does to make and to remove a resource of a
// type, and on what. It is read from AWS's reference: the local AWS deploys with
// the rights of the root, so that it cannot tell.
type handled struct {
	create, remove string
	resource       string
}

var handlers = map[string]handled{
	"AWS::IAM::Role":                             {"iam:CreateRole", "iam:DeleteRole", "arn:aws:iam::1:role/byoc-x"},
	"AWS::IAM::Policy":                           {"iam:PutRolePolicy", "iam:DeleteRolePolicy", "arn:aws:iam::1:role/byoc-x"},
	"AWS::Lambda::Function":                      {"lambda:CreateFunction", "lambda:DeleteFunction", "arn:aws:lambda:r:1:function:byoc-x"},
	"AWS::Lambda::Permission":                    {"lambda:AddPermission", "lambda:RemovePermission", "arn:aws:lambda:r:1:function:byoc-x"},
	"AWS::Lambda::EventSourceMapping":            {"lambda:CreateEventSourceMapping", "lambda:DeleteEventSourceMapping", "*"},
	"AWS::Lambda::EventInvokeConfig":             {"lambda:PutFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig", "arn:aws:lambda:r:1:function:byoc-x"},
	"AWS::StepFunctions::StateMachine":           {"states:CreateStateMachine", "states:DeleteStateMachine", "arn:aws:states:r:1:stateMachine:byoc-x"},
	"AWS::DynamoDB::Table":                       {"dynamodb:CreateTable", "dynamodb:DeleteTable", "arn:aws:dynamodb:r:1:table/byoc-Table-X"},
	"AWS::SQS::Queue":                            {"sqs:CreateQueue", "sqs:DeleteQueue", "arn:aws:sqs:r:1:byoc-x"},
	"AWS::SQS::QueuePolicy":                      {"sqs:SetQueueAttributes", "sqs:SetQueueAttributes", "arn:aws:sqs:r:1:byoc-x"},
	"AWS::SNS::Topic":                            {"sns:CreateTopic", "sns:DeleteTopic", "arn:aws:sns:r:1:byoc-x"},
	"AWS::SNS::TopicPolicy":                      {"sns:SetTopicAttributes", "sns:SetTopicAttributes", "arn:aws:sns:r:1:byoc-x"},
	"AWS::Events::EventBus":                      {"events:CreateEventBus", "events:DeleteEventBus", "arn:aws:events:r:1:event-bus/byoc-x"},
	"AWS::Events::Rule":                          {"events:PutRule", "events:DeleteRule", "arn:aws:events:r:1:rule/byoc-x/byoc-y"},
	"AWS::Scheduler::Schedule":                   {"scheduler:CreateSchedule", "scheduler:DeleteSchedule", "arn:aws:scheduler:r:1:schedule/default/byoc-x"},
	"AWS::SES::ConfigurationSet":                 {"ses:CreateConfigurationSet", "ses:DeleteConfigurationSet", "arn:aws:ses:r:1:configuration-set/byoc-x"},
	"AWS::SES::ConfigurationSetEventDestination": {"ses:CreateConfigurationSetEventDestination", "ses:DeleteConfigurationSetEventDestination", "arn:aws:ses:r:1:configuration-set/byoc-x"},
	"AWS::SES::EmailIdentity":                    {"ses:CreateEmailIdentity", "ses:DeleteEmailIdentity", "arn:aws:ses:r:1:identity/byoc@vendor.example"},
	"AWS::CloudWatch::Alarm":                     {"cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "arn:aws:cloudwatch:r:1:alarm:byoc-x"},
	"AWS::CloudWatch::Dashboard":                 {"cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards", "arn:aws:cloudwatch::1:dashboard/byoc-x"},
	"AWS::Logs::LogGroup":                        {"logs:CreateLogGroup", "logs:DeleteLogGroup", "arn:aws:logs:r:1:log-group:/aws/vendedlogs/apis/byoc-x:log-stream:"},
	"AWS::Logs::ResourcePolicy":                  {"logs:PutResourcePolicy", "logs:DeleteResourcePolicy", "*"},
	"AWS::ApiGatewayV2::Api":                     {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/apis"},
	"AWS::ApiGatewayV2::Stage":                   {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/apis/x/stages"},
	"AWS::ApiGatewayV2::Route":                   {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/apis/x/routes"},
	"AWS::ApiGatewayV2::DomainName":              {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/domainnames"},
	"AWS::ApiGatewayV2::ApiMapping":              {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/domainnames/x/apimappings"},
	"AWS::SNS::Subscription":                     {"sns:Subscribe", "sns:Unsubscribe", "arn:aws:sns:r:1:byoc-x"},
	"AWS::ApiGatewayV2::Integration":             {"apigateway:POST", "apigateway:DELETE", "arn:aws:apigateway:r::/apis/x/integrations"},
}

func policyOf(t *testing.T, file string) iampolicy.Policies {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// What IAM allows in a managed policy, white space not counted.
	var small bytes.Buffer
	if err := json.Compact(&small, text); err != nil || small.Len() > 6144 {
		t.Errorf("%s has %d characters, a managed policy may have 6,144: %v", file, small.Len(), err)
	}
	policy, err := iampolicy.Parse(file, string(text))
	if err != nil {
		t.Fatal(err)
	}
	return iampolicy.Policies{Identity: []iampolicy.Policy{policy}}
}

// Who deploys may enter the bootstrap's roles in the own account, read the outputs
// and write operator tokens: by themselves nothing else, not even the API's data.
// The calls of `make operator-token` are judged in the end-to-end tests.
func TestTheDeployersPolicyIsEnoughAndNoMore(t *testing.T) {
	policies := policyOf(t, "../../docs/deployer-policy.json")
	const table = "arn:aws:dynamodb:r:1:table/byoc-Table-X"
	for _, c := range []struct {
		action, resource, account, leading string
		allowed                            bool
	}{
		{"sts:AssumeRole", "arn:aws:iam::1:role/cdk-hnb659fds-deploy-role-1-r", "1", "", true},
		{"sts:AssumeRole", "arn:aws:iam::1:role/cdk-hnb659fds-file-publishing-role-1-r", "1", "", true},
		{"sts:AssumeRole", "arn:aws:iam::1:role/cdk-hnb659fds-lookup-role-1-r", "1", "", true},
		{"sts:AssumeRole", "arn:aws:iam::2:role/cdk-hnb659fds-deploy-role-2-r", "2", "", false},
		{"sts:AssumeRole", "arn:aws:iam::1:role/cdk-hnb659fds-cfn-exec-role-1-r", "1", "", false},
		{"sts:AssumeRole", "arn:aws:iam::1:role/byoc-customer-access", "1", "", false},
		{"cloudformation:DescribeStacks", "arn:aws:cloudformation:r:1:stack/byoc/x", "1", "", true},
		{"cloudformation:DescribeStacks", "arn:aws:cloudformation:r:1:stack/other/x", "1", "", false},
		{"cloudformation:DeleteStack", "arn:aws:cloudformation:r:1:stack/byoc/x", "1", "", false},
		{"dynamodb:GetItem", table, "1", "TOKEN#x", true},
		{"dynamodb:PutItem", table, "1", "TOKEN#x", true},
		{"dynamodb:UpdateItem", table, "1", "TOKEN#x", true},
		{"dynamodb:DeleteItem", table, "1", "TOKEN#x", false},
		{"dynamodb:PutItem", table, "1", "ORG#x", false},
		{"dynamodb:GetItem", table, "1", "ORG#x", false},
		{"dynamodb:Query", table, "1", "TOKEN#x", false},
		{"dynamodb:Scan", table, "1", "", false},
		{"dynamodb:PutItem", "arn:aws:dynamodb:r:1:table/other", "1", "TOKEN#x", false},
	} {
		request := iampolicy.Request{Action: c.action, Resource: c.resource, Context: map[string][]string{
			"aws:ResourceAccount": {c.account}, "aws:PrincipalAccount": {"1"},
		}, Knows: func(string) bool { return true }}
		if c.leading != "" {
			request.Context["dynamodb:LeadingKeys"] = []string{c.leading}
		}
		d, err := iampolicy.Evaluate(policies, request)
		if err != nil || d.Allowed != c.allowed {
			t.Errorf("%s on %s of %q: allowed %t, %v", c.action, c.resource, c.leading, d.Allowed, err)
		}
	}
}

// What CloudFormation may do for us is enough to make and to remove every
// resource of the templates, and reaches nothing that is not ours.
func TestTheExecutionPolicyIsEnoughForEveryResource(t *testing.T) {
	policies := policyOf(t, "../../docs/execution-policy.json")
	allowed := func(action, resource string) bool {
		d, err := iampolicy.Evaluate(policies, iampolicy.Request{Action: action, Resource: resource})
		if err != nil {
			t.Fatal(err)
		}
		return d.Allowed
	}
	made := map[string]bool{}
	enough := func(t *testing.T, a assembly) {
		for _, tpl := range []template{a.main, a.access} {
			for id, r := range tpl.Resources {
				if r.Type == "AWS::CDK::Metadata" {
					continue
				}
				made[r.Type] = true
				h, ok := handlers[r.Type]
				if !ok {
					t.Errorf("%s: what does CloudFormation do for a %s?", id, r.Type)
					continue
				}
				for _, action := range []string{h.create, h.remove} {
					if !allowed(action, h.resource) {
						t.Errorf("%s: %s on %s is not allowed", id, action, h.resource)
					}
				}
			}
		}
	}
	each(t, func(t *testing.T, _ variant, a assembly) { enough(t, a) })
	// A zone of Route 53 is somebody's own: the guide says what it takes besides.
	asked := contextOf(t, variant{"production", "arm64"})
	maps.Copy(asked, map[string]any{"domainName": "api.vendor.example", "certificateArn": sampleCertificate, "alarmEmail": "oncall@vendor.example"})
	enough(t, synthInto(t, filepath.Join(workDir, "asked-for"), asked))
	for kind, h := range handlers {
		if !made[kind] {
			t.Errorf("no template has a %s", kind)
		}
		// An API's id and a sender's address are not ours to name.
		if h.resource == "*" || strings.HasPrefix(h.create, "apigateway:") || kind == "AWS::SES::EmailIdentity" {
			continue
		}
		foreign := strings.Replace(h.resource, "byoc-", "other-", 1)
		if allowed(h.remove, foreign) {
			t.Errorf("%s on %s is allowed", h.remove, foreign)
		}
	}
	if allowed("iam:DeleteRole", "arn:aws:iam::1:role/byoc-customer-access") {
		t.Error("a stack may delete the role that customers trust")
	}
}
