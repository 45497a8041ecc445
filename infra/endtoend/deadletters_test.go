package endtoend

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"byoc/infra/sandbox"
	"byoc/shared/cloud"
	"byoc/shared/eventbridge"
)

// An operator who follows the runbook to the letter: a mail that SES refuses and
// what the runbook sends to try it end among the dead letters, as many as raise
// the alarm; the one is mailed in the end, the other is gone, the queue is empty.
func TestDeadLettersAreClearedAsTheRunbookSays(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		lacks(t, "the AWS CLI is not on the PATH (https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html)")
	}
	blocks, try := runbook(t, "dead-letters"), runbook(t, "Try it")
	if len(blocks) != 5 || len(try) != 2 {
		t.Fatalf("the runbook has %d blocks of commands, and %d to try it", len(blocks), len(try))
	}
	w := newWorld(t)
	config := system.Emulator().Config(sandbox.Account, sandbox.Region)
	queues := sqs.NewFromConfig(config)
	queue := w.redeliversSoon()
	system.FailMail(400, "MessageRejected", "Email address is not verified: first@customer.example")
	t.Cleanup(func() { system.FailMail(0, "", "") })

	c := w.draft(nil)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(config), system.Outputs["EventBusName"])
	if err := bus.Publish(w.ctx, cloud.Event{
		ID: cloud.EventID(c.ID, 9), Type: cloud.StateChanged, OrganizationID: system.Runfile().Organization.ID, CloudID: c.ID,
		Version: 9, Attempt: 1, From: cloud.Creating, To: cloud.CreationFailed, Actor: "test", Message: "AWS said no.", At: time.Now(),
	}); err != nil {
		t.Fatal(err)
	}
	w.shell(blocks[0], try[0])
	if raised := strings.TrimSpace(w.shell(blocks[0], try[1])); raised != "1" && raised != "1.0" {
		t.Errorf("the alarm is raised by %q", raised)
	}
	dead := system.Outputs["NotificationsDeadLetterQueueUrl"]
	w.waitForMessages(queues, dead, "2")

	if seen := w.shell(blocks[0], blocks[1]); !strings.Contains(seen, c.ID) || !strings.Contains(seen, `{"poison":true}`) {
		t.Errorf("the operator sees %s", seen)
	}
	w.waitForMessages(queues, dead, "2")
	system.FailMail(0, "", "")
	w.shell(blocks[0], blocks[2])
	w.waitForMessages(queues, dead, "1")
	w.shell(blocks[0], blocks[3])
	if left := w.shell(blocks[0], blocks[4]); strings.TrimSpace(left) != "0" {
		t.Errorf("%s are left", left)
	}
	must[string](w)(w.api.WaitForMails(w.ctx, c, ""))
	w.waitForMessages(queues, queue, "0")
}

// runbook is the commands of a section of the operators' docs, block by block.
func runbook(t *testing.T, section string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "\n### "+section+"\n")
	if !found {
		t.Fatalf("docs/operations.md has no section %s", section)
	}
	after, _, _ = strings.Cut(after, "\n### ")
	var blocks []string
	for _, m := range regexp.MustCompile("(?ms)^ *```sh\n(.*?)^ *```$").FindAllStringSubmatch(after, -1) {
		blocks = append(blocks, m[1])
	}
	return blocks
}

// shell runs blocks as the vendor's operator has them in one terminal.
func (w *world) shell(blocks ...string) string {
	w.Helper()
	cmd := exec.CommandContext(w.ctx, "bash", "-euo", "pipefail", "-c", strings.Join(blocks, "\n"))
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+system.URL(), "AWS_ACCESS_KEY_ID="+sandbox.Account,
		"AWS_SECRET_ACCESS_KEY=local", "AWS_REGION="+sandbox.Region, "AWS_DEFAULT_REGION="+sandbox.Region)
	var problems strings.Builder
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		w.Fatalf("%v\n%s\n%s", err, blocks[len(blocks)-1], problems.String())
	}
	return string(out)
}

// redeliversSoon lets what could not be mailed come again after a second, not
// after the time that a function may take: a message is given up after five
// deliveries. For tests beside which no other runs.
func (w *world) redeliversSoon() (queue string) {
	w.Helper()
	queues := sqs.NewFromConfig(system.Emulator().Config(sandbox.Account, sandbox.Region))
	queue = system.Outputs["NotificationsQueueUrl"]
	before := must[*sqs.GetQueueAttributesOutput](w)(queues.GetQueueAttributes(w.ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameVisibilityTimeout},
	})).Attributes["VisibilityTimeout"]
	w.setVisibility(queues, queue, "1")
	w.Cleanup(func() { w.setVisibility(queues, queue, before) })
	return queue
}

func (w *world) setVisibility(queues *sqs.Client, url, seconds string) {
	w.Helper()
	if _, err := queues.SetQueueAttributes(context.WithoutCancel(w.ctx), &sqs.SetQueueAttributesInput{
		QueueUrl: &url, Attributes: map[string]string{"VisibilityTimeout": seconds},
	}); err != nil {
		w.Fatal(err)
	}
}

// waitForMessages until a queue has that many, seen or not.
func (w *world) waitForMessages(queues *sqs.Client, url, want string) {
	w.Helper()
	for {
		out := must[*sqs.GetQueueAttributesOutput](w)(queues.GetQueueAttributes(w.ctx, &sqs.GetQueueAttributesInput{
			QueueUrl: &url, AttributeNames: []types.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"},
		}))
		visible, hidden := out.Attributes["ApproximateNumberOfMessages"], out.Attributes["ApproximateNumberOfMessagesNotVisible"]
		if visible == want && hidden == "0" {
			return
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("%s has %s messages and %s in flight, not %s", url, visible, hidden, want)
		case <-time.After(200 * time.Millisecond):
		}
	}
}
