// Command notify is the function that mails a cloud's contacts about its
// events, which reach it through a queue.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"byoc/shared/awsconfig"
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/eventbridge"
	"byoc/shared/notify"
	"byoc/shared/ses"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, err := wire(log)
	if err != nil {
		log.Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

func wire(log *slog.Logger) (func(context.Context, events.SQSEvent) (events.SQSEventResponse, error), error) {
	var env environment.Reader
	tableName := env.String("TABLE_NAME")
	sender := env.String("MAIL_SENDER")
	vendor := env.String("VENDOR_NAME")
	configurationSet := env.Optional("SES_CONFIGURATION_SET")
	if err := env.Err(); err != nil {
		return nil, err
	}
	config, err := awsconfig.FromEnvironment()
	if err != nil {
		return nil, err
	}
	notifier := &notify.Notifier{
		Store:  dynamo.New(dynamodb.NewFromConfig(config), tableName),
		Sender: ses.New(sesv2.NewFromConfig(config), sender, configurationSet),
		Vendor: vendor,
		Now:    time.Now,
		Log:    log,
	}
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		var answer events.SQSEventResponse
		for _, message := range batch.Records {
			event, err := eventbridge.Parse([]byte(message.Body))
			if err == nil {
				err = notifier.Handle(ctx, event)
			}
			if err != nil {
				log.ErrorContext(ctx, "handling event", "message", message.MessageId, "error", err)
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
			}
		}
		return answer, nil
	}, nil
}
