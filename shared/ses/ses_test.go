package ses_test

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"byoc/shared/cloud"
	"byoc/shared/notify"
	"byoc/shared/ses"
)

type client struct{ sent *sesv2.SendEmailInput }

func (c *client) SendEmail(_ context.Context, in *sesv2.SendEmailInput, _ ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	c.sent = in
	return &sesv2.SendEmailOutput{MessageId: aws.String("m-1")}, nil
}

// What SES takes as a tag's value.
var tagValue = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// What a mail carries comes back with what becomes of it, whatever an
// organization's id is made of.
func TestWhatBecomesOfAMailIsToldOfItsCloud(t *testing.T) {
	c := &client{}
	mail := notify.Mail{To: "a@x.example", OrganizationID: "org / ü", CloudID: "3f2c8a52-6a3e-4a63-9a43-2f9f3f1d7c11"}
	if _, err := ses.New(c, "from@x.example", "set").Send(t.Context(), mail); err != nil {
		t.Fatal(err)
	}
	// SES tells of what becomes of a mail through its configuration set only.
	if aws.ToString(c.sent.ConfigurationSetName) != "set" {
		t.Errorf("configuration set %v", c.sent.ConfigurationSetName)
	}
	tags := map[string][]string{"ses:configuration-set": {"set"}}
	for _, tag := range c.sent.EmailTags {
		if !tagValue.MatchString(*tag.Value) {
			t.Errorf("SES refuses %s=%s", *tag.Name, *tag.Value)
		}
		tags[*tag.Name] = []string{*tag.Value}
	}
	at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	event := func(detailType, name string, what map[string]any) string {
		what["timestamp"] = at.Format("2006-01-02T15:04:05.000Z")
		text, err := json.Marshal(map[string]any{"source": "aws.ses", "detail-type": detailType, "detail": map[string]any{
			"mail": map[string]any{"tags": tags}, name: what,
		}})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	to := []any{map[string]any{"emailAddress": "a@x.example"}}
	for _, x := range []struct {
		event string
		why   cloud.Undelivered
	}{
		{event("Email Bounced", "bounce", map[string]any{"bounceType": "Permanent", "bouncedRecipients": to}), cloud.Bounced},
		{event("Email Bounced", "bounce", map[string]any{"bounceType": "Transient", "bouncedRecipients": to}), ""},
		{event("Email Bounced", "bounce", map[string]any{"bounceType": "Undetermined", "bouncedRecipients": to}), ""},
		{event("Email Complaint Received", "complaint", map[string]any{"complainedRecipients": to}), cloud.Complained},
	} {
		f, is, err := ses.ParseFeedback([]byte(x.event))
		want := notify.Feedback{OrganizationID: mail.OrganizationID, CloudID: mail.CloudID, Why: x.why, Recipients: []string{"a@x.example"}, At: at}
		if err != nil || !is || !reflect.DeepEqual(f, want) {
			t.Errorf("%s: %+v, %t, %v", x.event, f, is, err)
		}
	}
	bounce := event("Email Bounced", "bounce", map[string]any{"bounceType": "Permanent", "bouncedRecipients": to})
	for _, bad := range []string{
		strings.Replace(bounce, `"cloud":`, `"other":`, 1),
		strings.Replace(bounce, "Email Bounced", "Email Delivered", 1),
		event("Email Bounced", "bounce", map[string]any{"bounceType": "Permanent"}),
	} {
		if _, is, err := ses.ParseFeedback([]byte(bad)); !is || cloud.CodeOf(err) != cloud.Invalid {
			t.Errorf("%s: %t, %v", bad, is, err)
		}
	}
	if _, is, err := ses.ParseFeedback([]byte(`{"source":"byoc"}`)); is || err != nil {
		t.Errorf("an event of ours: %t, %v", is, err)
	}
}
