// Package notify mails a custom cloud's contacts about its state changes: each
// contact once per event, also when the event is delivered several times.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"byoc/shared/cloud"
)

// Store is what is read and claimed.
type Store interface {
	Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error)
	// ClaimMail claims the mail about an event to a contact; false where it was
	// sent already. Unavailable where another delivery holds the claim: it may
	// still send the mail, or have been killed.
	ClaimMail(ctx context.Context, eventID, email string, now time.Time) (bool, error)
	// RecordMailSent makes the claim final.
	RecordMailSent(ctx context.Context, eventID, email, messageID string, now time.Time) error
	// ReleaseMail gives a claim back after a failed attempt.
	ReleaseMail(ctx context.Context, eventID, email string) error
}

// Sender sends one mail and answers its message id.
type Sender interface {
	Send(ctx context.Context, m Mail) (messageID string, err error)
}

// Contacts keeps what became of mails.
type Contacts interface {
	MarkContact(ctx context.Context, organizationID, cloudID, email string, why cloud.Undelivered, at time.Time) error
}

// Notifier handles events.
type Notifier struct {
	Store    Store
	Sender   Sender
	Contacts Contacts
	Writer   Writer
	Now      func() time.Time
	Log      *slog.Logger
}

// oneMail is left of an invocation's time when it begins another mail: a
// function that is killed between a mail and its record sends it again.
const oneMail = 10 * time.Second

// Handle mails what one event has to tell. An error means that at least one
// contact did not get its mail yet: deliver the event again.
func (n *Notifier) Handle(ctx context.Context, e cloud.Event) error {
	if e.Type != cloud.StateChanged || e.Quiet || !Mailed(e.From, e.To) {
		return nil
	}
	c, err := n.Store.Find(ctx, e.OrganizationID, e.CloudID)
	if cloud.CodeOf(err) == cloud.NotFound {
		n.Log.WarnContext(ctx, "the cloud of an event is gone")
		return nil
	}
	if err != nil {
		return err
	}
	var failed error
	seen := map[string]bool{}
	for _, contact := range c.Contacts {
		key := strings.ToLower(contact.Email)
		if seen[key] {
			continue
		}
		seen[key] = true
		if !contact.Reachable() {
			n.Log.InfoContext(ctx, "no mail to a contact that cannot be reached", "event", e.ID, "cloud", c.ID)
			continue
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < oneMail {
			return cloud.Errorf(cloud.Unavailable, "No time for the mails to all contacts; the next delivery goes on.")
		}
		if err := n.send(ctx, c, e, contact); err != nil {
			n.Log.WarnContext(ctx, "sending mail", "error", err)
			failed = err
		}
	}
	if failed == nil {
		n.Log.InfoContext(ctx, "mailed", "to_state", string(e.To), "contacts", len(seen))
	}
	return failed
}

// Feedback is what became of a mail after it was sent.
type Feedback struct {
	OrganizationID, CloudID string
	// Why is empty where the mail may get through another time.
	Why        cloud.Undelivered
	Recipients []string
	At         time.Time
}

// Learn marks the contacts that a mail did not get through to.
func (n *Notifier) Learn(ctx context.Context, f Feedback) error {
	if f.Why == "" {
		return nil
	}
	var failed error
	for _, r := range f.Recipients {
		n.Log.WarnContext(ctx, "a mail did not get through", "cloud", f.CloudID, "why", f.Why)
		failed = errors.Join(failed, n.Contacts.MarkContact(ctx, f.OrganizationID, f.CloudID, r, f.Why, f.At))
	}
	return failed
}

// send claims before sending and records after: a second mail is possible only
// where the function was killed between the two.
func (n *Notifier) send(ctx context.Context, c cloud.Cloud, e cloud.Event, contact cloud.Contact) error {
	claimed, err := n.Store.ClaimMail(ctx, e.ID, contact.Email, n.Now())
	if err != nil || !claimed {
		return err
	}
	id, err := n.Sender.Send(ctx, n.Writer.Compose(c, e, contact))
	if err != nil {
		if releaseErr := n.Store.ReleaseMail(ctx, e.ID, contact.Email); releaseErr != nil {
			n.Log.WarnContext(ctx, "releasing mail claim", "error", releaseErr)
		}
		return err
	}
	// The mail is out: an error would only have the event delivered again, and
	// the mail sent again once the claim has lapsed.
	for try := 1; ; try++ {
		err := n.Store.RecordMailSent(ctx, e.ID, contact.Email, id, n.Now())
		if err == nil {
			return nil
		}
		if try == recordTries {
			n.Log.ErrorContext(ctx, "a mail was sent and could not be recorded", "error", err)
			return nil
		}
	}
}

// recordTries of a write that must not be lost, each with the store's own retries.
const recordTries = 3
