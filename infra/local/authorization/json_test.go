package authorization

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"byoc/infra/local/awscall"
)

func jsonCall(t *testing.T, service, operation, body string) *awscall.Call {
	t.Helper()
	call := &awscall.Call{
		Service: service, Operation: operation, Region: "eu-west-1", Caller: caller,
		Header: http.Header{"X-Amz-Target": {"x." + operation}}, Method: "POST", URL: &url.URL{Path: "/"},
	}
	if err := json.Unmarshal([]byte(body), &call.JSON); err != nil {
		t.Fatal(err)
	}
	return call
}

func TestJSONServices(t *testing.T) {
	for _, c := range []struct {
		service, operation, body string
		want                     []string
	}{
		{"dynamodb", "GetItem", `{"TableName":"t","ReturnConsumedCapacity":"TOTAL"}`, []string{"dynamodb:GetItem dynamodb:table/t dynamodb:ReturnConsumedCapacity=TOTAL"}},
		{"dynamodb", "PutItem", `{"TableName":"arn:aws:dynamodb:eu-west-1:111111111111:table/t"}`, []string{"dynamodb:PutItem dynamodb:table/t"}},
		{"dynamodb", "Query", `{"TableName":"t"}`, []string{"dynamodb:Query dynamodb:table/t"}},
		{"dynamodb", "Query", `{"TableName":"t","IndexName":"i"}`, []string{"dynamodb:Query dynamodb:table/t/index/i"}},
		{"dynamodb", "BatchWriteItem", `{"RequestItems":{"b":[],"a":[]}}`, []string{"dynamodb:BatchWriteItem dynamodb:table/a", "dynamodb:BatchWriteItem dynamodb:table/b"}},
		{"dynamodb", "TransactWriteItems", `{"TransactItems":[{"Put":{"TableName":"t"}},{"Put":{"TableName":"t"}},{"Update":{"TableName":"t"}},{"Delete":{"TableName":"t"}},{"ConditionCheck":{"TableName":"t"}}]}`, []string{
			"dynamodb:PutItem dynamodb:table/t dynamodb:EnclosingOperation=TransactWriteItems",
			"dynamodb:UpdateItem dynamodb:table/t dynamodb:EnclosingOperation=TransactWriteItems",
			"dynamodb:DeleteItem dynamodb:table/t dynamodb:EnclosingOperation=TransactWriteItems",
			"dynamodb:ConditionCheckItem dynamodb:table/t dynamodb:EnclosingOperation=TransactWriteItems",
		}},
		{"dynamodb", "TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"t"}}]}`, []string{"dynamodb:GetItem dynamodb:table/t dynamodb:EnclosingOperation=TransactGetItems"}},
		{"states", "StartExecution", `{"stateMachineArn":"arn:aws:states:eu-west-1:111111111111:stateMachine:m"}`, []string{"states:StartExecution states:stateMachine:m"}},
		{"states", "StopExecution", `{"executionArn":"arn:aws:states:eu-west-1:111111111111:execution:m:e"}`, []string{"states:StopExecution states:execution:m:e"}},
		{"events", "PutEvents", `{"Entries":[{"Source":"s","DetailType":"d","EventBusName":"b"},{"Source":"s","DetailType":"d","EventBusName":"b"},{"Source":"s2"}]}`, []string{
			"events:PutEvents events:event-bus/b events:detail-type=d events:source=s",
			"events:PutEvents events:event-bus/default events:source=s2",
		}},
		{"sqs", "SendMessage", `{"QueueUrl":"http://localhost:1/222222222222/q"}`, []string{"sqs:SendMessage sqs:eu-west-1:222222222222:q"}},
		{"sqs", "DeleteMessageBatch", `{"QueueUrl":"http://localhost:1/111111111111/q"}`, []string{"sqs:DeleteMessage sqs:q"}},
		{"logs", "CreateLogGroup", `{"logGroupName":"g"}`, []string{"logs:CreateLogGroup logs:log-group:g:log-stream:"}},
		{"logs", "PutLogEvents", `{"logGroupName":"g","logStreamName":"s"}`, []string{"logs:PutLogEvents logs:log-group:g:log-stream:s"}},
		{"ssm", "GetParameter", `{"Name":"/a/b"}`, []string{"ssm:GetParameter ssm:parameter/a/b"}},
		{"ssm", "GetParameters", `{"Names":["a","b"]}`, []string{"ssm:GetParameters ssm:parameter/a", "ssm:GetParameters ssm:parameter/b"}},
		{"secretsmanager", "GetSecretValue", `{"SecretId":"arn:aws:secretsmanager:eu-west-1:111111111111:secret:n-abcdef"}`, []string{
			"secretsmanager:GetSecretValue secretsmanager:secret:n-abcdef secretsmanager:SecretId=arn:aws:secretsmanager:eu-west-1:111111111111:secret:n-abcdef"}},
		{"monitoring", "PutMetricData", `{"Namespace":"n"}`, []string{"cloudwatch:PutMetricData * cloudwatch:namespace=n"}},
		{"ses", "SendEmail", `{"FromEmailAddress":"B <verified@example.com>","ConfigurationSetName":"c","Destination":{"ToAddresses":["a@x","b@x"]},"Content":{"Simple":{}}}`, []string{
			"ses:SendEmail ses:identity/verified@example.com ses:FromAddress=verified@example.com ses:FromDisplayName=B ses:Recipients=a@x,b@x",
			"ses:SendEmail ses:configuration-set/c ses:FromAddress=verified@example.com ses:FromDisplayName=B ses:Recipients=a@x,b@x",
		}},
		{"ses", "SendEmail", `{"FromEmailAddress":"a@example.com","Content":{"Raw":{}}}`, []string{"ses:SendRawEmail ses:identity/example.com ses:FromAddress=a@example.com ses:Recipients="}},
	} {
		t.Run(c.service+" "+c.operation+" "+c.body, func(t *testing.T) {
			checkRequired(t, jsonCall(t, c.service, c.operation, c.body), c.want...)
		})
	}
	_, err := Required(t.Context(), jsonCall(t, "dynamodb", "ExecuteStatement", `{}`), knownAccount{})
	var unknown *UnknownError
	if !errors.As(err, &unknown) {
		t.Errorf("PartiQL is authorized: %v", err)
	}
}

func TestRESTServices(t *testing.T) {
	for _, c := range []struct {
		service, operation, method, location, body string
		want                                       string // UNKNOWN where the call is not known
	}{
		{"lambda", "Invoke", "POST", "/2015-03-31/functions/f/invocations", "", "lambda:InvokeFunction lambda:function:f"},
		{"lambda", "Invoke", "POST", "/2015-03-31/functions/f/invocations?Qualifier=live", "", "lambda:InvokeFunction lambda:function:f:live"},
		{"lambda", "Invoke", "POST", "/2015-03-31/functions/f:live/invocations", "", "lambda:InvokeFunction lambda:function:f:live"},
		{"lambda", "Invoke", "POST", "/2015-03-31/functions/111111111111:function:f/invocations", "", "lambda:InvokeFunction lambda:function:f"},
		{"lambda", "Invoke", "POST", "/2015-03-31/functions/arn:aws:lambda:eu-west-1:111111111111:function:f/invocations", "", "lambda:InvokeFunction lambda:function:f"},
		{"lambda", "CreateFunction", "POST", "/2015-03-31/functions", "", "UNKNOWN"},
		{"s3", "", "GET", "/b/a/key?x-id=GetObject", "", "s3:GetObject s3:::b/a/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "PUT", "http://b.localhost:4566/key", "", "s3:PutObject s3:::b/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "POST", "/b/key?uploads", "", "s3:PutObject s3:::b/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "PUT", "/b/key?partNumber=1&uploadId=u", "", "s3:PutObject s3:::b/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "POST", "/b/key?uploadId=u", "", "s3:PutObject s3:::b/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "DELETE", "/b/key?uploadId=u", "", "s3:AbortMultipartUpload s3:::b/key aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "GET", "/b?location", "", "s3:GetBucketLocation s3:::b aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "GET", "/b?encryption", "", "s3:GetEncryptionConfiguration s3:::b aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111"},
		{"s3", "", "GET", "/b?list-type=2&prefix=p", "", "s3:ListBucket s3:::b aws:ResourceAccount=111111111111 s3:ResourceAccount=111111111111 s3:prefix=p"},
		{"s3", "", "GET", "/b/key?acl", "", "UNKNOWN"},
		{"s3", "", "PUT", "/b", "", "UNKNOWN"},
		{"s3", "", "GET", "/", "", "UNKNOWN"},
		{"xray", "", "POST", "/TraceSegments", "", "xray:PutTraceSegments *"},
		{"scheduler", "", "GET", "/schedules/n?groupName=g", "", "scheduler:GetSchedule scheduler:schedule/g/n"},
		{"scheduler", "", "POST", "/schedules/n", `{"Target":{"RoleArn":"arn:r"}}`,
			"scheduler:CreateSchedule scheduler:schedule/default/n\niam:PassRole arn:r iam:PassedToService=scheduler.amazonaws.com"},
		{"scheduler", "", "POST", "/schedule-groups/g", "", "UNKNOWN"},
	} {
		t.Run(c.service+" "+c.method+" "+c.location, func(t *testing.T) {
			location, err := url.Parse(c.location)
			if err != nil {
				t.Fatal(err)
			}
			call := &awscall.Call{
				Service: c.service, Operation: c.operation, Region: "eu-west-1", Caller: caller,
				Method: c.method, URL: location, Header: http.Header{"Host": {location.Host}},
			}
			if c.body != "" {
				call.JSON = jsonCall(t, "", "", c.body).JSON
			}
			if c.want != "UNKNOWN" {
				checkRequired(t, call, strings.Split(c.want, "\n")...)
				return
			}
			var unknown *UnknownError
			if _, err := Required(t.Context(), call, knownAccount{}); !errors.As(err, &unknown) {
				t.Errorf("%v", err)
			}
		})
	}
}
