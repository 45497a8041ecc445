// Command notify is the function that mails a cloud's contacts about its
// events, and marks contacts whom mails do not get through to. Both reach it
// through one queue.
package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/function"
	"byoc/shared/idlog"
	"byoc/shared/notify"
	"byoc/shared/ses"
)

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[events.SQSEvent, events.SQSEventResponse], error) {
	sender := f.String("MAIL_SENDER")
	writer := notify.Writer{Vendor: f.String("VENDOR_NAME"), CloudURL: f.String("CLOUD_URL")}
	configurationSet := f.Optional("SES_CONFIGURATION_SET")
	table := dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table)
	notifier := &notify.Notifier{
		Store:    table,
		Sender:   ses.New(sesv2.NewFromConfig(f.AWS), sender, configurationSet),
		Contacts: &cloud.Clouds{Store: table, Now: time.Now, Log: f.Log},
		Writer:   writer,
		Now:      time.Now,
		Log:      f.Log,
	}
	return func(ctx context.Context, batch events.SQSEvent) (events.SQSEventResponse, error) {
		var answer events.SQSEventResponse
		for _, message := range batch.Records {
			ctx := idlog.With(ctx, slog.String("message", message.MessageId))
			ctx, err := handle(ctx, notifier, []byte(message.Body))
			if err != nil {
				line := []slog.Attr{slog.Any("error", err)}
				f.Log.LogAttrs(ctx, slog.LevelError, "handling event", append(line, f.Metrics.Failure(cloud.CodeOf(err))...)...)
				answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
			}
		}
		return answer, nil
	}, nil
}

// handle one message: an event of ours, or what SES says of a mail of ours. The
// context that it answers carries the ids of what the message is about.
func handle(ctx context.Context, notifier *notify.Notifier, message []byte) (context.Context, error) {
	feedback, is, err := ses.ParseFeedback(message)
	if is {
		ctx = idlog.With(ctx, slog.String(idlog.Organization, feedback.OrganizationID), slog.String(idlog.Cloud, feedback.CloudID))
		if err == nil {
			err = notifier.Learn(ctx, feedback)
		}
		return ctx, err
	}
	event, err := eventbridge.Parse(message)
	ctx = idlog.With(ctx, slog.String("event", event.ID), slog.String(idlog.Organization, event.OrganizationID), slog.String(idlog.Cloud, event.CloudID))
	if err == nil {
		err = notifier.Handle(ctx, event)
	}
	return ctx, err
}
