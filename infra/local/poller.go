package local

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

// poller reads a queue on behalf of a function, with the permissions of the
// function's role, as Lambda does.
type poller struct {
	at        place
	mapping   mapping
	cancel    context.CancelFunc
	endpoint  string
	wait      time.Duration
	log       *slog.Logger
	functions *functions
	tokens    *tokenService
	work      *workGroup

	client   *sqs.Client
	expires  time.Time
	queueURL string
}

// retryPause keeps a poller that cannot work from spinning.
const retryPause = time.Second

func (p *poller) run(ctx context.Context) {
	room := make(chan struct{}, p.mapping.concurrency)
	for ctx.Err() == nil {
		select {
		case room <- struct{}{}:
		case <-ctx.Done():
			return
		}
		messages, err := p.receive(ctx)
		if err != nil && ctx.Err() == nil {
			p.log.Error("queue cannot be polled for its function", "queue", p.mapping.queueARN, "function", p.mapping.function.name, "cause", err)
			pause(ctx, retryPause)
		}
		if len(messages) == 0 {
			<-room
			continue
		}
		client, queueURL := p.client, p.queueURL
		p.work.run(func() {
			defer func() { <-room }()
			p.process(ctx, client, queueURL, messages)
		})
	}
}

func pause(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}

func (p *poller) connect(ctx context.Context) error {
	if p.client != nil && time.Until(p.expires) > sessionMargin {
		return nil
	}
	fn, err := p.functions.lookup(ctx, p.mapping.function)
	if err != nil {
		return err
	}
	session, err := p.tokens.assumeForService(ctx, "lambda.amazonaws.com", fn.role, fn.ref.name, sessionDuration)
	if err != nil {
		return err
	}
	p.client = sqs.NewFromConfig(sessionConfig(p.endpoint, regionOf(p.mapping.queueARN), session))
	p.expires = session.expires
	name := p.mapping.queueARN[len("arn:aws:sqs:"+regionOf(p.mapping.queueARN)+":"+accountOf(p.mapping.queueARN)+":"):]
	p.queueURL = p.endpoint + "/" + accountOf(p.mapping.queueARN) + "/" + name
	return nil
}

// sessionConfig is an SDK configuration that goes through the local AWS as
// the session.
func sessionConfig(endpoint, region string, s session) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider(s.accessKeyID, s.secret, s.token),
		HTTPClient:   &http.Client{Transport: awscall.Transport{Next: selfTransport}},
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

// selfTransport carries the calls of the local AWS to itself.
var selfTransport = newTransport()

func (p *poller) receive(ctx context.Context) ([]types.Message, error) {
	if err := p.connect(ctx); err != nil {
		return nil, err
	}
	out, err := p.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(p.queueURL),
		MaxNumberOfMessages:         p.mapping.batchSize,
		WaitTimeSeconds:             int32(p.wait / time.Second),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

// process hands a batch to the function and deletes what it took. The rest
// comes back after the visibility timeout, or goes to the dead-letter queue.
func (p *poller) process(ctx context.Context, client *sqs.Client, queueURL string, messages []types.Message) {
	event := events.SQSEvent{}
	for _, message := range messages {
		event.Records = append(event.Records, p.record(message))
	}
	result, err := p.functions.invoke(p.functions.lifetime, p.mapping.function, mustJSON(event), uuid.NewString())
	if err != nil || result.failed {
		p.log.Warn("function failed on a batch", "function", p.mapping.function.name, "payload", string(result.payload), "cause", err)
		return
	}
	failed, err := p.failures(result.payload, messages)
	if err != nil {
		p.log.Warn("function's answer to a batch is malformed, all of it counts as failed", "function", p.mapping.function.name, "cause", err)
		return
	}
	for _, message := range messages {
		if failed[aws.ToString(message.MessageId)] {
			continue
		}
		_, err := client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(queueURL), ReceiptHandle: message.ReceiptHandle})
		if err != nil && ctx.Err() == nil {
			p.log.Error("message cannot be deleted", "queue", p.mapping.queueARN, "cause", err)
		}
	}
}

// failures are the ids of the messages that the function reports as failed.
func (p *poller) failures(payload []byte, messages []types.Message) (map[string]bool, error) {
	failed := map[string]bool{}
	if !p.mapping.partial {
		return failed, nil
	}
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier *string }
	}
	if err := json.Unmarshal(payload, &answer); err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, message := range messages {
		known[aws.ToString(message.MessageId)] = true
	}
	for _, failure := range answer.BatchItemFailures {
		id := aws.ToString(failure.ItemIdentifier)
		if !known[id] {
			return nil, fmt.Errorf("no message %q in the batch", id)
		}
		failed[id] = true
	}
	return failed, nil
}

func (p *poller) record(message types.Message) events.SQSMessage {
	record := events.SQSMessage{
		MessageId:              aws.ToString(message.MessageId),
		ReceiptHandle:          aws.ToString(message.ReceiptHandle),
		Body:                   aws.ToString(message.Body),
		Md5OfBody:              aws.ToString(message.MD5OfBody),
		Md5OfMessageAttributes: aws.ToString(message.MD5OfMessageAttributes),
		Attributes:             message.Attributes,
		MessageAttributes:      map[string]events.SQSMessageAttribute{},
		EventSource:            "aws:sqs",
		EventSourceARN:         p.mapping.queueARN,
		AWSRegion:              regionOf(p.mapping.queueARN),
	}
	for name, value := range message.MessageAttributes {
		record.MessageAttributes[name] = events.SQSMessageAttribute{
			StringValue: value.StringValue, BinaryValue: value.BinaryValue, DataType: aws.ToString(value.DataType),
		}
	}
	return record
}
