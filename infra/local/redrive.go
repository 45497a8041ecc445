package local

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

// startMessageMoveTask moves what is visible in a dead-letter queue, to the
// queue that is named or to the one whose dead letters it keeps. moto lacks it.
// On AWS the task goes on after the answer; here it is over by then.
func (s *Server) startMessageMoveTask(ctx context.Context, call *awscall.Call) *awscall.Response {
	source, _ := call.JSON["SourceArn"].(string)
	destination, _ := call.JSON["DestinationArn"].(string)
	if source == "" {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "MissingParameter", "The request must contain the parameter SourceArn.")
	}
	client := sqs.NewFromConfig(s.emulator.Config(accountOf(source), regionOf(source)))
	if err := moveMessages(ctx, client, source, destination); err != nil {
		return awscall.ErrorResponse(call, http.StatusBadRequest, "InvalidParameterValue", err.Error())
	}
	return awscall.JSONResponse(call, http.StatusOK, map[string]any{"TaskHandle": uuid.NewString()})
}

func moveMessages(ctx context.Context, client *sqs.Client, source, destination string) error {
	from, err := urlOf(ctx, client, source)
	if err != nil {
		return err
	}
	sources, err := client.ListDeadLetterSourceQueues(ctx, &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: &from})
	if err != nil {
		return err
	}
	if len(sources.QueueUrls) == 0 {
		return fmt.Errorf("%s keeps the dead letters of no queue", source)
	}
	to := sources.QueueUrls[0]
	if destination != "" {
		if to, err = urlOf(ctx, client, destination); err != nil {
			return err
		}
	}
	for {
		batch, err := client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &from, MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"}})
		if err != nil || len(batch.Messages) == 0 {
			return err
		}
		for _, m := range batch.Messages {
			if _, err := client.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &to, MessageBody: m.Body, MessageAttributes: m.MessageAttributes}); err != nil {
				return err
			}
			if _, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: &from, ReceiptHandle: m.ReceiptHandle}); err != nil {
				return err
			}
		}
	}
}

func urlOf(ctx context.Context, client *sqs.Client, arn string) (string, error) {
	out, err := client.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(arn[strings.LastIndexByte(arn, ':')+1:])})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.QueueUrl), nil
}
