package dynamo

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"byoc/shared/cloud"
)

const (
	// MailVisibility is how long a claimed mail is left to whoever claimed it.
	MailVisibility = 5 * time.Minute
	// keepMail outlasts every redelivery: a queue keeps a message 14 days at most.
	keepMail = 30 * 24 * time.Hour
)

type mailItem struct {
	PK        string `dynamodbav:"pk"`
	SK        string `dynamodbav:"sk"`
	Entity    string `dynamodbav:"entity"`
	Claim     string `dynamodbav:"claim"`
	HeldUntil string `dynamodbav:"held_until"`
	SentAt    string `dynamodbav:"sent_at,omitempty"`
	MessageID string `dynamodbav:"message_id,omitempty"`
	ExpiresAt int64  `dynamodbav:"expires_at"`
}

// ClaimMail claims the mail about an event to a contact, for MailVisibility.
// False where it was sent already. Unavailable where another delivery has
// claimed it and may still send it: that one may have been killed, so this one
// has to come back rather than be done.
func (t *Table) ClaimMail(ctx context.Context, eventID, email string, now time.Time) (bool, error) {
	k := mailKey(eventID, email)
	// The SDK repeats a call whose answer was lost: its own claim is no other's.
	claim := rand.Text()
	e := newExpression()
	e.set("mail", "entity").set(claim, "claim").set(formatTime(now.Add(MailVisibility)), "held_until").
		set(now.Add(keepMail).Unix(), TTLAttribute)
	sent := e.path("sent_at")
	e.absentOr("(attribute_not_exists(" + sent + ") AND (" +
		e.path("held_until") + " <= " + e.value(formatTime(now)) + " OR " + e.path("claim") + " = " + e.value(claim) + "))")
	_, err := t.update(ctx, k, e)
	failed := new(conditionFailed)
	if !errors.As(err, &failed) {
		return err == nil, err
	}
	var i mailItem
	if err := unmarshal(failed.old, &i); err != nil {
		return false, err
	}
	if i.SentAt == "" {
		return false, cloud.Errorf(cloud.Unavailable, "Another delivery is sending this mail.")
	}
	return false, nil
}

// RecordMailSent makes a claim final. NotFound where there is none.
func (t *Table) RecordMailSent(ctx context.Context, eventID, email, messageID string, now time.Time) error {
	e := newExpression().exists().set(formatTime(now), "sent_at").set(messageID, "message_id")
	_, err := t.update(ctx, mailKey(eventID, email), e)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return cloud.Errorf(cloud.NotFound, "There is no claim of this mail.")
	}
	return err
}

// ReleaseMail gives a claim back after a failed attempt, so that the next
// delivery can take it at once. Harmless where there is none or the mail was sent.
func (t *Table) ReleaseMail(ctx context.Context, eventID, email string) error {
	e := newExpression().exists().set("", "held_until")
	e.where("attribute_not_exists(" + e.path("sent_at") + ")")
	_, err := t.update(ctx, mailKey(eventID, email), e)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return nil
	}
	return err
}
