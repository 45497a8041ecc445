package cloud

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Undelivered says why mail to an address is pointless.
type Undelivered string

const (
	// Bounced: the address does not exist, or takes no mail from us.
	Bounced Undelivered = "bounced"
	// Complained: whoever reads it called our mail unwanted.
	Complained Undelivered = "complained"
)

// Reachable says whether mails may be sent to the contact.
func (c Contact) Reachable() bool { return c.BouncedAt.IsZero() && c.ComplainedAt.IsZero() }

// MarkContact keeps that mail about a cloud did not get through to an address, or
// was not wanted there. What is marked already stays as it is; a cloud that is
// gone, and an address that is none of its contacts' any more, are none's loss.
func (u *Clouds) MarkContact(ctx context.Context, organizationID, id, email string, why Undelivered, at time.Time) error {
	_, err := retryStale(func() (Cloud, error) {
		before, err := u.Store.Find(ctx, organizationID, id)
		if CodeOf(err) == NotFound {
			return Cloud{}, nil
		}
		if err != nil {
			return Cloud{}, err
		}
		after := before
		after.Contacts = slices.Clone(before.Contacts)
		for i := range after.Contacts {
			c := &after.Contacts[i]
			if !strings.EqualFold(c.Email, email) {
				continue
			}
			mark := &c.BouncedAt
			if why == Complained {
				mark = &c.ComplainedAt
			}
			if mark.IsZero() {
				*mark = at.UTC()
			}
		}
		if slices.Equal(before.Contacts, after.Contacts) {
			return before, nil
		}
		return u.Store.Save(ctx, before, after, nil)
	})
	return err
}

// keepMarks carries what is known of contacts over to a list that replaces
// theirs: a contact of which nothing was changed is as unreachable as before.
func keepMarks(before, after []Contact) []Contact {
	for i, c := range after {
		known := slices.IndexFunc(before, func(b Contact) bool { return b.Email == c.Email && b.Name == c.Name && b.Role == c.Role })
		if known >= 0 {
			after[i] = before[known]
		}
	}
	return after
}
