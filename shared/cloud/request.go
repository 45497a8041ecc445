package cloud

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// Request asks the vendor's team for a custom cloud that self-service does not
// cover.
type Request struct {
	ID             string
	OrganizationID string
	Provider       string
	Region         string
	DisplayName    string
	CIDR           string
	Contacts       []Contact
	// Comment is whatever else the team should know.
	Comment   string
	Actor     string
	CreatedAt time.Time
}

// Limits of a request.
const (
	MaxRegion  = 32
	MaxCIDR    = 18
	MaxComment = 2000
)

// OtherProviders are those that a request can be about.
func OtherProviders() []string { return slices.Clone(otherProviders) }

// Request records a request and tells the vendor's team by an event. Without
// contacts the person who sends it becomes one. Invalid.
func (u *Clouds) Request(ctx context.Context, r Request, actor Principal) (Request, error) {
	r = r.By(actor).normalize()
	if err := problems(r.Problems()).err(); err != nil {
		return Request{}, err
	}
	id, err := newID()
	if err != nil {
		return Request{}, err
	}
	r.ID, r.Actor, r.CreatedAt = id, actor.ID, u.Now().UTC()
	event := Event{
		ID: EventID(r.ID, 1), Type: Requested, OrganizationID: r.OrganizationID, CloudID: r.ID, Version: 1,
		Actor: actor.ID, Message: fmt.Sprintf("A custom cloud on %s is requested.", r.Provider), At: r.CreatedAt, Request: &r,
	}
	kept, done, err := u.keepRequest(ctx, r)
	if err != nil {
		return Request{}, err
	}
	if err := u.Store.CreateRequest(ctx, r, event, kept...); err != nil {
		return Request{}, err
	}
	done()
	u.publish(ctx, event)
	return r, nil
}

// By makes the person who sends a request its contact where it names none.
func (r Request) By(actor Principal) Request {
	r.Contacts = contactsOr(r.Contacts, actor)
	return r
}

func (r Request) normalize() Request {
	r.DisplayName = strings.TrimSpace(r.DisplayName)
	r.Comment = strings.TrimSpace(r.Comment)
	r.Contacts = Description{Contacts: r.Contacts}.normalize().Contacts
	return r
}

// Problems are the invalid fields of a request.
func (r Request) Problems() []Field {
	var p problems
	r = r.normalize()
	if !slices.Contains(otherProviders, r.Provider) {
		p.add("body.cloud_provider", "Must be one of %s. A custom cloud on aws needs no request: create it.", strings.Join(otherProviders, ", "))
	}
	if r.Region == "" || utf8.RuneCountInString(r.Region) > MaxRegion || !printable(r.Region) {
		p.add("body.cloud_region", "The region must have 1 to %d characters.", MaxRegion)
	}
	p.displayName(r.DisplayName)
	if r.CIDR != "" {
		p.ranges(Description{CIDR: r.CIDR})
	}
	p.contacts(r.Contacts)
	if utf8.RuneCountInString(r.Comment) > MaxComment || !printable(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(r.Comment)) {
		p.add("body.comment", "At most %d characters, none of them control characters other than line breaks.", MaxComment)
	}
	return p
}

// newID makes an id that orders by time, so that lists are in the order of
// creation.
func newID() (string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return "", Wrap(err, Internal, InternalMessage)
	}
	return id.String(), nil
}
