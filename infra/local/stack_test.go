package local_test

import "encoding/json"

type m = map[string]any

func ref(name string) any    { return m{"Ref": name} }
func arnOf(name string) any  { return m{"Fn::GetAtt": []string{name, "Arn"}} }
func join(parts ...any) any  { return m{"Fn::Join": []any{"", parts}} }
func sub(text string) any    { return m{"Fn::Sub": text} }
func trust(service string) m { return trustPolicy(m{"Service": service}, nil) }

func trustPolicy(principal, condition any) m {
	statement := m{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
	if condition != nil {
		statement["Condition"] = condition
	}
	return m{"Version": "2012-10-17", "Statement": []any{statement}}
}

func role(name, service string) m {
	return m{"Type": "AWS::IAM::Role", "Properties": m{"RoleName": name, "AssumeRolePolicyDocument": trust(service)}}
}

func lambdaFunction(name string, extra m) m {
	properties := m{
		"FunctionName": name,
		"Code":         m{"S3Bucket": "assets", "S3Key": "function.zip"},
		"Handler":      "bootstrap",
		"Runtime":      "provided.al2023",
		"Role":         arnOf("FunctionRole"),
		"Timeout":      10,
		"MemorySize":   256,
		"Environment":  m{"Variables": m{"TABLE": ref("Table"), "NAME": name}},
	}
	for key, value := range extra {
		properties[key] = value
	}
	return m{"Type": "AWS::Lambda::Function", "Properties": properties}
}

const definition = `{
  "StartAt": "Work",
  "States": {
    "Work": {
      "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${Function.Arn}", "Payload.$": "$"},
      "ResultSelector": {"text.$": "$.Payload.text", "calls.$": "$.Payload.calls"},
      "TimeoutSeconds": 2,
      "Retry": [{"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 3, "BackoffRate": 1}],
      "Catch": [{"ErrorEquals": ["Special"], "ResultPath": "$.error", "Next": "Caught"},
                {"ErrorEquals": ["States.Timeout"], "ResultPath": "$.error", "Next": "Late"}],
      "Next": "Pause"
    },
    "Pause": {"Type": "Wait", "Seconds": 1, "Next": "Which"},
    "Which": {
      "Type": "Choice",
      "Choices": [{"Variable": "$.text", "StringEquals": "publish", "Next": "Publish"}],
      "Default": "Done"
    },
    "Publish": {
      "Type": "Task", "Resource": "arn:aws:states:::events:putEvents",
      "Parameters": {"Entries": [{"EventBusName": "${Bus}", "Source": "test", "DetailType": "published", "Detail": {"by": "machine"}}]},
      "TimeoutSeconds": 5,
      "End": true
    },
    "Caught": {"Type": "Pass", "Result": "caught", "ResultPath": "$.how", "End": true},
    "Late": {"Type": "Pass", "Result": "late", "ResultPath": "$.how", "End": true},
    "Done": {"Type": "Succeed"}
  }
}`

// stackTemplate has one of everything that the local AWS serves.
func stackTemplate() string {
	resources := m{
		"FunctionRole":  role("function-role", "lambda.amazonaws.com"),
		"MachineRole":   role("machine-role", "states.amazonaws.com"),
		"SchedulerRole": role("scheduler-role", "scheduler.amazonaws.com"),
		"StrangerRole":  role("stranger-role", "ec2.amazonaws.com"),
		"Function":      lambdaFunction("worker", nil),
		"Impatient":     lambdaFunction("impatient", m{"Timeout": 1, "ReservedConcurrentExecutions": 1}),
		"Stillborn":     lambdaFunction("stillborn", m{"Environment": m{"Variables": m{"INIT": "exit"}}}),
		"Untrusted":     lambdaFunction("untrusted", m{"Role": arnOf("StrangerRole")}),
		"Table": m{"Type": "AWS::DynamoDB::Table", "Properties": m{
			"TableName": "items", "BillingMode": "PAY_PER_REQUEST",
			"AttributeDefinitions": []any{m{"AttributeName": "pk", "AttributeType": "S"}},
			"KeySchema":            []any{m{"AttributeName": "pk", "KeyType": "HASH"}},
		}},
		"Dead": m{"Type": "AWS::SQS::Queue", "Properties": m{"QueueName": "dead"}},
		"Queue": m{"Type": "AWS::SQS::Queue", "Properties": m{
			"QueueName": "queue", "VisibilityTimeout": 1,
			"RedrivePolicy": m{"deadLetterTargetArn": arnOf("Dead"), "maxReceiveCount": 2},
		}},
		"Mapping": m{"Type": "AWS::Lambda::EventSourceMapping", "Properties": m{
			"EventSourceArn": arnOf("Queue"), "FunctionName": ref("Function"), "BatchSize": 10,
			"FunctionResponseTypes": []string{"ReportBatchItemFailures"},
		}},
		"Bus": m{"Type": "AWS::Events::EventBus", "Properties": m{"Name": "bus"}},
		"Rule": m{"Type": "AWS::Events::Rule", "Properties": m{
			"EventBusName": ref("Bus"), "State": "ENABLED",
			"EventPattern": m{"source": []string{"test"}, "detail-type": []string{"published"}},
			"Targets":      []any{m{"Id": "queue", "Arn": arnOf("Queue")}},
		}},
		"Machine": m{"Type": "AWS::StepFunctions::StateMachine", "Properties": m{
			"StateMachineName": "machine", "RoleArn": arnOf("MachineRole"), "DefinitionString": sub(definition),
		}},
		"Api": m{"Type": "AWS::ApiGatewayV2::Api", "Properties": m{"Name": "api", "ProtocolType": "HTTP"}},
		"Integration": m{"Type": "AWS::ApiGatewayV2::Integration", "Properties": m{
			"ApiId": ref("Api"), "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0",
			"IntegrationUri": join("arn:", ref("AWS::Partition"), ":apigateway:", ref("AWS::Region"),
				":lambda:path/2015-03-31/functions/", arnOf("Function"), "/invocations"),
		}},
		"Route": m{"Type": "AWS::ApiGatewayV2::Route", "Properties": m{
			"ApiId": ref("Api"), "RouteKey": "$default", "Target": join("integrations/", ref("Integration")),
		}},
		"Permission": m{"Type": "AWS::Lambda::Permission", "Properties": m{
			"Action": "lambda:InvokeFunction", "FunctionName": arnOf("Function"), "Principal": "apigateway.amazonaws.com",
			"SourceArn": join("arn:aws:execute-api:", ref("AWS::Region"), ":", ref("AWS::AccountId"), ":", ref("Api"), "/*/*"),
		}},
		"Schedule": m{"Type": "AWS::Scheduler::Schedule", "Properties": m{
			"Name": "often", "ScheduleExpression": "rate(5 minutes)", "FlexibleTimeWindow": m{"Mode": "OFF"},
			"Target": m{"Arn": arnOf("Function"), "RoleArn": arnOf("SchedulerRole"), "Input": `{"text":"fired by <aws.scheduler.schedule-arn>"}`},
		}},
		"Hourly": m{"Type": "AWS::Events::Rule", "Properties": m{
			"Name": "hourly", "ScheduleExpression": "rate(1 hour)",
			"Targets": []any{m{"Id": "function", "Arn": arnOf("Function")}},
		}},
	}
	encoded, err := json.Marshal(m{"Resources": resources, "Outputs": m{"Api": m{"Value": sub("https://${Api}.example")}}})
	if err != nil {
		panic(err)
	}
	return string(encoded)
}
