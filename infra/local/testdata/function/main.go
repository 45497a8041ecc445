// Command function does what its event asks for, so that tests can see what
// a caller of it sees.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

type request struct {
	Do      string           `json:"do"`
	Text    string           `json:"text"`
	Millis  int              `json:"millis"`
	Fail    int              `json:"fail"`
	Records []map[string]any `json:"Records"`
	Version string           `json:"version"`
	Source  string           `json:"source"`
}

var calls int

func main() {
	if os.Getenv("INIT") == "exit" {
		os.Exit(3)
	}
	lambda.Start(handle)
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	calls++
	var r request
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	switch {
	case len(r.Records) > 0:
		return batch(raw)
	case r.Version == "2.0":
		return api(raw)
	}
	switch r.Do {
	case "error":
		return nil, errors.New(r.Text)
	case "named":
		return nil, messages.InvokeResponse_Error{Type: r.Text, Message: "named"}
	case "flaky":
		if calls <= r.Fail {
			return nil, messages.InvokeResponse_Error{Type: "Flaky", Message: "again"}
		}
	case "panic":
		panic(r.Text)
	case "exit":
		os.Exit(4)
	case "sleep":
		time.Sleep(time.Duration(r.Millis) * time.Millisecond)
	case "environment":
		return os.Environ(), nil
	case "whoami":
		return whoami(ctx)
	case "huge":
		return strings.Repeat("x", r.Millis), nil
	}
	fmt.Println("handled", string(raw))
	return map[string]any{"pid": os.Getpid(), "calls": calls, "text": r.Text}, nil
}

func batch(raw json.RawMessage) (any, error) {
	var event events.SQSEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, err
	}
	var response events.SQSEventResponse
	for _, record := range event.Records {
		if strings.Contains(record.Body, "bad") {
			response.BatchItemFailures = append(response.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
			continue
		}
		fmt.Println("took", record.Body, record.EventSource, record.EventSourceARN, record.Attributes["ApproximateReceiveCount"])
	}
	return response, nil
}

func api(raw json.RawMessage) (any, error) {
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, err
	}
	switch event.RawPath {
	case "/error":
		return nil, errors.New("broken")
	case "/slow":
		time.Sleep(4 * time.Second)
	case "/plain":
		return map[string]string{"hello": "world"}, nil
	case "/binary":
		return events.APIGatewayV2HTTPResponse{StatusCode: 200, Body: "AP8=", IsBase64Encoded: true,
			Headers: map[string]string{"content-type": "application/octet-stream"}}, nil
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: 201,
		Headers:    map[string]string{"content-type": "application/json", "x-test": "yes"},
		Cookies:    []string{"a=1; Path=/", "b=2"},
		Body:       string(raw),
	}, nil
}

func whoami(ctx context.Context) (any, error) {
	client := sts.NewFromConfig(aws.Config{
		Region:       os.Getenv("AWS_REGION"),
		BaseEndpoint: aws.String(os.Getenv("AWS_ENDPOINT_URL")),
		Credentials: credentials.NewStaticCredentialsProvider(
			os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
	})
	out, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return nil, err
	}
	return aws.ToString(out.Arn), nil
}
