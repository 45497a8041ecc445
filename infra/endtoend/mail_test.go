package endtoend

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"byoc/infra/customer"
	"byoc/infra/sandbox"
)

const (
	mailQueue  = "byoc-notifications-sandbox"
	deadQueue  = "byoc-notifications-dead-sandbox"
	mailFailed = "creation failed"
)

// fails is a custom cloud whose creation fails at once: what its contacts are told.
func (w *world) fails(contacts ...string) customer.Cloud {
	w.Helper()
	var list []map[string]string
	for _, c := range contacts {
		list = append(list, map[string]string{"email": c})
	}
	c := w.draft(map[string]any{"contact_emails": list})
	c = w.provision(c, "arn:aws:iam::"+w.account.ID+":role/"+c.UniqueName+"-iam-role")
	if c.State != "creation_failed" {
		w.Fatalf("%s: %v", c.State, c.Errors)
	}
	return c
}

// wantMailed waits until of the mails about a cloud with that subject these
// recipients have had as many.
func (w *world) wantMailed(c customer.Cloud, about string, want map[string]int) {
	w.Helper()
	w.until("mails about "+about, func() (any, bool) {
		got := map[string]int{}
		for _, m := range must[[]customer.Mail](w)(w.api.Mails(c.ID)) {
			if strings.HasSuffix(m.Subject, ": "+about) {
				got[m.To]++
			}
		}
		for to, n := range want {
			if got[to] != n {
				return got, false
			}
		}
		return got, true
	})
}

// until waits for something to be so; seen is what it says it saw otherwise.
func (w *world) until(what string, so func() (seen any, is bool)) {
	w.Helper()
	for {
		seen, is := so()
		if is {
			return
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("%s: in the end %v", what, seen)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

type queue struct {
	*world
	client *sqs.Client
	url    *string
}

func (w *world) queue(name string) queue {
	w.Helper()
	client := sqs.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	out := must[*sqs.GetQueueUrlOutput](w)(client.GetQueueUrl(w.ctx, &sqs.GetQueueUrlInput{QueueName: &name}))
	return queue{w, client, out.QueueUrl}
}

func (q queue) send(body string) {
	q.Helper()
	must[*sqs.SendMessageOutput](q.world)(q.client.SendMessage(q.ctx, &sqs.SendMessageInput{QueueUrl: q.url, MessageBody: &body}))
}

// visible messages, as the metric of the alarm counts them.
func (q queue) visible() float64 {
	q.Helper()
	out := must[*sqs.GetQueueAttributesOutput](q.world)(q.client.GetQueueAttributes(q.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: q.url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages},
	}))
	n, _ := strconv.ParseFloat(out.Attributes["ApproximateNumberOfMessages"], 64)
	return n
}

// told are the changes of a cloud's state that the subscriber has had.
func (w *world) told(c customer.Cloud, state string) (list []received) {
	subscribed.mu.Lock()
	defer subscribed.mu.Unlock()
	for _, e := range subscribed.events {
		if e.Detail.CloudID == c.ID && e.Detail.To == state {
			list = append(list, e)
		}
	}
	return list
}

func TestAnEventDeliveredThreeTimesIsOneMailEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.fails("one@thrice.example", "two@thrice.example")
	w.until("the event", func() (any, bool) { n := len(w.told(c, "creation_failed")); return n, n > 0 })
	mails := w.queue(mailQueue)
	for range 2 {
		mails.send(w.told(c, "creation_failed")[0].body)
	}
	w.wantMailed(c, mailFailed, map[string]int{"one@thrice.example": 1, "two@thrice.example": 1})
	// A later event is mailed behind the others: they were handled then.
	if c = w.delete(c); c.State != "deleted" {
		t.Fatal(c.State)
	}
	w.wantMailed(c, "deleted", map[string]int{"one@thrice.example": 1, "two@thrice.example": 1})
	w.until("the queue", func() (any, bool) { n := mails.visible(); return n, n == 0 })
	w.wantMailed(c, mailFailed, map[string]int{"one@thrice.example": 1, "two@thrice.example": 1})
}

func TestAMailWaitsForSESAndTheOthersDoNot(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const patient, other = "patient@ses.example", "other@ses.example"
	system.FailMailTo(patient, http.StatusTooManyRequests, "TooManyRequestsException", "Maximum sending rate exceeded.")
	c := w.fails(patient, other)
	w.wantMailed(c, mailFailed, map[string]int{other: 1, patient: 0})
	system.FailMailTo(patient, 0, "", "")
	w.wantMailed(c, mailFailed, map[string]int{other: 1, patient: 1})
}

// A mail that SES never takes ends where an operator sees it, with the alarm over
// its threshold; put back into the queue it is sent, and nobody else's again.
func TestAMailThatCannotBeSentIsKeptAndRingsTheAlarm(t *testing.T) {
	w := newWorld(t)
	w.redeliversSoon()
	const never, other = "never@ses.example", "somebody@ses.example"
	system.FailMailTo(never, http.StatusBadRequest, "MessageRejected", "Address is not verified.")
	c := w.fails(never, other)
	w.wantMailed(c, mailFailed, map[string]int{other: 1, never: 0})
	dead := w.queue(deadQueue)
	threshold := w.deadLettersThreshold()
	var kept types.Message
	w.until("the dead letter", func() (any, bool) {
		visible := dead.visible()
		if visible < threshold {
			return visible, false
		}
		out := must[*sqs.ReceiveMessageOutput](w)(dead.client.ReceiveMessage(w.ctx, &sqs.ReceiveMessageInput{
			QueueUrl: dead.url, MaxNumberOfMessages: 10, VisibilityTimeout: 1,
		}))
		for _, m := range out.Messages {
			if strings.Contains(aws.ToString(m.Body), c.ID) {
				kept = m
				return visible, true
			}
		}
		return visible, false
	})
	system.FailMailTo(never, 0, "", "")
	w.queue(mailQueue).send(aws.ToString(kept.Body))
	w.wantMailed(c, mailFailed, map[string]int{other: 1, never: 1})
}

// deadLettersThreshold is that of the deployed alarm over this queue.
func (w *world) deadLettersThreshold() float64 {
	w.Helper()
	client := cloudformation.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	out := must[*cloudformation.GetTemplateOutput](w)(client.GetTemplate(w.ctx, &cloudformation.GetTemplateInput{StackName: aws.String(sandbox.StackName)}))
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]json.RawMessage
		}
	}
	w.decodes([]byte(aws.ToString(out.TemplateBody)), &template)
	for _, r := range template.Resources {
		if r.Type != "AWS::CloudWatch::Alarm" || string(r.Properties["AlarmName"]) != `"byoc-dead-letters-sandbox"` {
			continue
		}
		for id, q := range template.Resources {
			if string(q.Properties["QueueName"]) == `"`+deadQueue+`"` && strings.Contains(string(r.Properties["Metrics"]), `"`+id+`"`) {
				var threshold float64
				w.decodes(r.Properties["Threshold"], &threshold)
				return threshold
			}
		}
	}
	w.Fatalf("no alarm byoc-dead-letters-sandbox over %s is deployed", deadQueue)
	return 0
}

func TestAContactWhoseMailBouncesIsShownAndGetsNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const gone, unwilling, there = "bounce+gone@simulator.amazonses.com", "complaint+no@simulator.amazonses.com", "there@ses.example"
	c := w.fails(gone, unwilling, there)
	w.wantMailed(c, mailFailed, map[string]int{gone: 1, unwilling: 1, there: 1})
	w.until("the marks", func() (any, bool) {
		c = must[customer.Cloud](w)(w.api.Find(w.ctx, c.ID))
		marked := map[string]bool{}
		for _, contact := range c.Contacts {
			marked[contact.Email+" "+strconv.FormatBool(contact.BouncedAt != "")+" "+strconv.FormatBool(contact.ComplainedAt != "")] = true
		}
		return marked, marked[gone+" true false"] && marked[unwilling+" false true"] && marked[there+" false false"]
	})
	if c = w.delete(c); c.State != "deleted" {
		t.Fatal(c.State)
	}
	// Contacts are mailed in their order: the last one's mail is behind the others.
	w.wantMailed(c, "deleted", map[string]int{there: 1, gone: 0, unwilling: 0})
}
