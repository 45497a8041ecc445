package local

import (
	"context"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/uuid"

	"byoc/infra/local/awscall"
)

// stacksChanged learns which events the configuration sets publish.
func (o *outbox) stacksChanged(_ context.Context, at place, resources []resource) error {
	sets := map[string]map[string]bool{}
	for _, r := range ofKind(resources, "AWS::SES::ConfigurationSetEventDestination") {
		bus := r.text("EventDestination", "EventBridgeDestination", "EventBusArn")
		if !strings.HasSuffix(bus, ":event-bus/default") || r.value("EventDestination", "Enabled") != true {
			continue
		}
		set := r.text("ConfigurationSetName")
		if sets[set] == nil {
			sets[set] = map[string]bool{}
		}
		kinds, _ := r.value("EventDestination", "MatchingEventTypes").([]any)
		for _, kind := range kinds {
			name, _ := kind.(string)
			sets[set][strings.ToLower(name)] = true
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.published[at] = sets
	return nil
}

// simulator are the addresses of SES's mailbox simulator that answer; a label
// after a plus makes any number of each.
var simulator = regexp.MustCompile(`^(bounce|complaint)(\+[^@]*)?@simulator\.amazonses\.com$`)

// simulate publishes what SES's mailbox simulator has SES publish of a mail to
// one of its addresses, where the mail's configuration set asks for it.
func (o *outbox) simulate(call *awscall.Call, request sendEmailRequest, id, to string) {
	m := simulator.FindStringSubmatch(strings.ToLower(to))
	at := place{call.Caller.Account, call.Region}
	if m == nil || !o.published[at][request.ConfigurationSetName][m[1]] {
		return
	}
	now := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
	tags := map[string][]string{"ses:configuration-set": {request.ConfigurationSetName}}
	for _, t := range request.EmailTags {
		tags[t.Name] = []string{t.Value}
	}
	detail := map[string]any{"mail": map[string]any{
		"timestamp": now, "source": request.FromEmailAddress, "messageId": id, "destination": request.recipients(), "tags": tags,
	}}
	recipients := []any{map[string]any{"emailAddress": to}}
	kind := "Email Bounced"
	switch m[1] {
	case "bounce":
		detail["eventType"] = "Bounce"
		detail["bounce"] = map[string]any{
			"bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": recipients, "timestamp": now, "feedbackId": uuid.NewString(),
		}
	case "complaint":
		kind = "Email Complaint Received"
		detail["eventType"] = "Complaint"
		detail["complaint"] = map[string]any{
			"complaintFeedbackType": "abuse", "complainedRecipients": recipients, "timestamp": now, "feedbackId": uuid.NewString(),
		}
	}
	o.work.run(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		_, err := eventbridge.NewFromConfig(o.emulator.Config(at.account, at.region)).PutEvents(ctx, &eventbridge.PutEventsInput{
			Entries: []types.PutEventsRequestEntry{{Source: aws.String("aws.ses"), DetailType: aws.String(kind), Detail: aws.String(string(mustJSON(detail)))}},
		})
		if err != nil {
			o.log.Error("SES cannot publish to the default bus", "cause", err)
		}
	})
}
