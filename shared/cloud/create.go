package cloud

import (
	"context"
	"crypto/rand"
)

// Create writes a draft. Without contacts the person who creates it becomes
// one, as Admin. Invalid (every invalid field at once), AlreadyExists (the name
// is taken), Conflict (MaxClouds).
func (u *Clouds) Create(ctx context.Context, organizationID string, d Description, actor Principal) (Cloud, error) {
	d = d.By(actor).normalize()
	if err := problems(d.Problems()).err(); err != nil {
		return Cloud{}, err
	}
	id, err := newID()
	if err != nil {
		return Cloud{}, err
	}
	now := u.Now().UTC()
	c := Cloud{
		ID:             id,
		OrganizationID: organizationID,
		ExternalID:     newExternalID(),
		State:          Draft,
		Version:        1,
		CreatedAt:      now,
		UpdatedAt:      now,
	}
	c.apply(d)
	c = u.withOverlaps(ctx, c)
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
	kept, done, err := u.keep(ctx, c)
	if err != nil {
		return Cloud{}, err
	}
	if err := u.Store.Create(ctx, c, event, kept...); err != nil {
		return Cloud{}, err
	}
	done()
	u.publish(ctx, event)
	return c, nil
}

// newExternalID is 130 random bits in base32: unguessable, and made of
// characters that every trust policy and shell takes.
func newExternalID() string { return rand.Text() }
