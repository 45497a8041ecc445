package awscall_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"byoc/infra/local/awscall"
)

const auth = "AWS4-HMAC-SHA256 Credential=AKIA/20260102/eu-west-1/%s/aws4_request, SignedHeaders=host, Signature=x"

func request(method, target, service, body string, header map[string]string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	if service != "" {
		r.Header.Set("Authorization", strings.Replace(auth, "%s", service, 1))
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	return r
}

func TestParse(t *testing.T) {
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
	tests := map[string]struct {
		request                    *http.Request
		service, operation, region string
		key                        string
	}{
		"query in the body": {
			request("POST", "/", "ec2", "Action=CreateVpc&CidrBlock=10.0.0.0%2F20&DryRun=true", form),
			"ec2", "CreateVpc", "eu-west-1", "AKIA"},
		"query in the URL": {
			request("GET", "/?Action=GetCallerIdentity", "sts", "", nil),
			"sts", "GetCallerIdentity", "eu-west-1", "AKIA"},
		"json": {
			request("POST", "/", "dynamodb", `{"TableName":"t"}`, map[string]string{"X-Amz-Target": "DynamoDB_20120810.PutItem"}),
			"dynamodb", "PutItem", "eu-west-1", "AKIA"},
		"lambda by ARN": {
			request("POST", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Af/invocations", "lambda", `[1]`, nil),
			"lambda", "Invoke", "eu-west-1", "AKIA"},
		"mail": {
			request("POST", "/v2/email/outbound-emails", "ses", `{}`, nil),
			"ses", "SendEmail", "eu-west-1", "AKIA"},
		"presigned": {
			request("GET", "/b/k?X-Amz-Credential=K%2F20260102%2Fus-east-1%2Fs3%2Faws4_request", "", "", nil),
			"s3", "", "us-east-1", "K"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			call, err := awscall.Parse(test.request)
			if err != nil {
				t.Fatal(err)
			}
			got := []string{call.Service, call.Operation, call.Region, call.Caller.AccessKeyID}
			want := []string{test.service, test.operation, test.region, test.key}
			if strings.Join(got, " ") != strings.Join(want, " ") {
				t.Errorf("Parse = %q, want %q", got, want)
			}
		})
	}
}

func TestErrorResponseCarriesItsCode(t *testing.T) {
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	requests := map[string]*http.Request{
		"ec2":   request("POST", "/", "ec2", "Action=CreateVpc", form),
		"query": request("POST", "/", "iam", "Action=GetRole", form),
		"json":  request("POST", "/", "states", `{}`, map[string]string{"X-Amz-Target": "AWSStepFunctions.StartExecution"}),
		"rest":  request("POST", "/v2/email/outbound-emails", "ses", `{}`, nil),
		"s3":    request("GET", "/b/k", "s3", "", nil),
	}
	for name, r := range requests {
		call, err := awscall.Parse(r)
		if err != nil {
			t.Fatal(err)
		}
		response := awscall.ErrorResponse(call, http.StatusForbidden, "AccessDenied", "a < b")
		if got := awscall.ErrorCode(response); got != "AccessDenied" {
			t.Errorf("%s: ErrorCode = %q in %s", name, got, response.Body)
		}
	}
}
