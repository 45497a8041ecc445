package endtoend

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"byoc/infra/customer"
	"byoc/infra/sandbox"
	"byoc/shared/eventbridge/eventstest"
)

// subscriber is another system's: a rule of its own on the bus, and a queue.
// Every event of the run is held against its schema.
type subscriber struct {
	mu     sync.Mutex
	events []received
	wrong  []string
}

type received struct {
	DetailType string `json:"detail-type"`
	Source     string `json:"source"`
	Detail     struct {
		ID      string `json:"id"`
		CloudID string `json:"custom_cloud_environment_id"`
		To      string `json:"to_state"`
	} `json:"detail"`
	body string
}

var subscribed subscriber

const busName = "byoc-events-sandbox"

func (s *subscriber) start(ctx context.Context) error {
	config := system.Emulator().Config(sandbox.Account, sandbox.Region)
	queues, buses := sqs.NewFromConfig(config), eventbridge.NewFromConfig(config)
	queue, err := queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String("subscriber")})
	if err != nil {
		return err
	}
	_, err = buses.PutRule(ctx, &eventbridge.PutRuleInput{
		Name: aws.String("subscriber"), EventBusName: aws.String(busName), EventPattern: aws.String(`{"source": ["byoc"]}`),
	})
	if err != nil {
		return err
	}
	_, err = buses.PutTargets(ctx, &eventbridge.PutTargetsInput{
		Rule: aws.String("subscriber"), EventBusName: aws.String(busName),
		Targets: []eventbridgetypes.Target{{Id: aws.String("queue"), Arn: aws.String("arn:aws:sqs:" + sandbox.Region + ":" + sandbox.Account + ":subscriber")}},
	})
	if err != nil {
		return err
	}
	go func() {
		for ctx.Err() == nil {
			if n, err := s.drain(ctx, queues, queue.QueueUrl); n == 0 || err != nil {
				time.Sleep(300 * time.Millisecond)
			}
		}
	}()
	return nil
}

func (s *subscriber) drain(ctx context.Context, queues *sqs.Client, url *string) (int, error) {
	out, err := queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: url, MaxNumberOfMessages: 10})
	if err != nil {
		return 0, err
	}
	for _, m := range out.Messages {
		s.take(aws.ToString(m.Body))
		if _, err := queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return 0, err
		}
	}
	return len(out.Messages), nil
}

func (s *subscriber) take(body string) {
	var e received
	var raw struct {
		Detail json.RawMessage `json:"detail"`
	}
	err := json.Unmarshal([]byte(body), &e)
	if err == nil {
		err = json.Unmarshal([]byte(body), &raw)
	}
	if err == nil {
		err = eventstest.Check(e.DetailType, raw.Detail)
	}
	e.body = body
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, e)
	if err != nil || e.Source != "byoc" {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: %v", body, err))
	}
}

// breaches are the events of the run that are not of their schema.
func (s *subscriber) breaches() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.events) == 0 && flag.Lookup("test.run").Value.String() == "" {
		return []string{"no event reached the subscriber: none was held against its schema"}
	}
	return s.wrong
}

// wantEvents waits until the subscriber has had these of a cloud, each under one
// id, however often it was delivered.
func (w *world) wantEvents(c customer.Cloud, want ...string) {
	w.Helper()
	slices.Sort(want)
	for {
		ids := map[string]string{}
		subscribed.mu.Lock()
		for _, e := range subscribed.events {
			if e.Detail.CloudID == c.ID {
				ids[e.Detail.ID] = strings.TrimPrefix(e.DetailType, "CustomCloud")
			}
		}
		subscribed.mu.Unlock()
		var got []string
		for _, kind := range ids {
			if kind != "StateChanged" {
				got = append(got, kind)
			}
		}
		if slices.Sort(got); slices.Equal(got, want) {
			return
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("the subscriber has had %v of the cloud, beside changes of its state; want %v", got, want)
		case <-time.After(100 * time.Millisecond):
		}
	}
}
