package cloud

import (
	"context"
	"crypto/rand"

	"github.com/google/uuid"
)

// Create writes a draft. Without contacts the person who creates it becomes
// one, as Admin. Invalid (every invalid field at once), AlreadyExists (the name
// is taken), Conflict (MaxClouds).
func (u *Clouds) Create(ctx context.Context, organizationID string, d Description, actor Principal) (Cloud, error) {
	if d.Contacts == nil && actor.Email != "" {
		d.Contacts = []Contact{{Email: actor.Email, Name: actor.Name, Role: "Admin"}}
	}
	d = d.normalize()
	var p problems
	p.description(d)
	if err := p.err(); err != nil {
		return Cloud{}, err
	}
	now := u.Now().UTC()
	c := Cloud{
		ID:             uuid.NewString(),
		OrganizationID: organizationID,
		ExternalID:     newExternalID(),
		State:          Draft,
		Version:        1,
		CreatedAt:      now,
		UpdatedAt:      now,
	}
	c.apply(d)
	event := Event{
		ID:             EventID(c.ID, c.Version),
		Type:           StateChanged,
		OrganizationID: organizationID,
		CloudID:        c.ID,
		Version:        c.Version,
		To:             Draft,
		Actor:          actor.ID,
		Message:        "The draft was created.",
		At:             now,
	}
	if err := u.Store.Create(ctx, c, event); err != nil {
		return Cloud{}, err
	}
	u.publish(ctx, event)
	return c, nil
}

// newExternalID is 130 random bits in base32: unguessable, and made of
// characters that every trust policy and shell takes.
func newExternalID() string { return rand.Text() }
