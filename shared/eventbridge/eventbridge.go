// Package eventbridge puts the project's events on its own bus.
package eventbridge

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"byoc/shared/cloud"
)

// Source of every event on the bus.
const Source = "byoc"

// Detail is the body of an event, version 1: what subscribers and the mail
// function read. Fields may be added; a changed meaning is another version.
type Detail struct {
	// ID names the write that the event tells of. Delivery is at least once:
	// drop what was seen already by this id, never by the envelope's.
	ID             string `json:"id"`
	SchemaVersion  int    `json:"schema_version"`
	OrganizationID string `json:"organization_id"`
	CloudID        string `json:"custom_cloud_environment_id"`
	// Version of the cloud that the write made.
	Version int `json:"version"`
	Attempt int `json:"attempt"`
	// From is empty for the event of a draft's creation.
	From    cloud.State `json:"from_state"`
	To      cloud.State `json:"to_state"`
	Actor   string      `json:"actor"`
	Message string      `json:"message"`
	// Quiet says that the cloud's contacts are not told: they know already.
	Quiet bool `json:"quiet,omitempty"`
	// Reasons is why the watch disconnected the cloud.
	Reasons []Reason `json:"reasons,omitempty"`
	// Leftovers is what is still in the customer's account.
	Leftovers []Leftover `json:"leftovers,omitempty"`
	Time      string     `json:"time"`
}

// DriftDetail is the body of cloud.DriftFound and cloud.DriftHealed, version 1.
type DriftDetail struct {
	// ID as in Detail.
	ID             string      `json:"id"`
	SchemaVersion  int         `json:"schema_version"`
	OrganizationID string      `json:"organization_id"`
	CloudID        string      `json:"custom_cloud_environment_id"`
	Version        int         `json:"version"`
	Attempt        int         `json:"attempt"`
	State          cloud.State `json:"state"`
	Actor          string      `json:"actor"`
	Message        string      `json:"message"`
	// Differences is what was found; it is not there of what is healed.
	Differences []Reason `json:"differences,omitempty"`
	Time        string   `json:"time"`
}

// Reason is one thing that is wrong, of cloud.Reasons.
type Reason struct {
	Reason   cloud.Reason `json:"reason"`
	Subject  string       `json:"subject,omitempty"`
	Property string       `json:"property,omitempty"`
	Message  string       `json:"message"`
	Since    string       `json:"since"`
}

// Leftover is a resource that was not removed, and the command that removes it.
type Leftover struct {
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Reason  string `json:"reason"`
	Command string `json:"command"`
}

// API is what is used of the EventBridge client.
type API interface {
	PutEvents(ctx context.Context, in *eventbridge.PutEventsInput, opts ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

var _ API = (*eventbridge.Client)(nil)

// Bus publishes events.
type Bus struct {
	client API
	name   string
}

// New takes the bus's name.
func New(client API, name string) *Bus { return &Bus{client: client, name: name} }

var _ cloud.Publisher = (*Bus)(nil)

// RequestDetail is the body of a cloud.Requested event, version 1.
type RequestDetail struct {
	// ID as in Detail.
	ID             string    `json:"id"`
	SchemaVersion  int       `json:"schema_version"`
	OrganizationID string    `json:"organization_id"`
	RequestID      string    `json:"custom_cloud_request_id"`
	Version        int       `json:"version"`
	Provider       string    `json:"cloud_provider"`
	Region         string    `json:"cloud_region"`
	DisplayName    string    `json:"display_name"`
	CIDR           string    `json:"reserved_cidr,omitempty"`
	Contacts       []Contact `json:"contact_emails"`
	Comment        string    `json:"comment,omitempty"`
	Actor          string    `json:"actor"`
	Message        string    `json:"message"`
	Time           string    `json:"time"`
}

// Contact is whom the vendor's team answers.
type Contact struct {
	Email string `json:"email"`
	Name  string `json:"real_name,omitempty"`
	Role  string `json:"role,omitempty"`
}

func detailOf(e cloud.Event) any {
	at := e.At.UTC().Format(time.RFC3339Nano)
	if r := e.Request; r != nil {
		d := RequestDetail{
			ID: e.ID, SchemaVersion: 1, OrganizationID: e.OrganizationID, RequestID: e.CloudID, Version: e.Version,
			Provider: r.Provider, Region: r.Region, DisplayName: r.DisplayName, CIDR: r.CIDR, Contacts: []Contact{},
			Comment: r.Comment, Actor: e.Actor, Message: e.Message, Time: at,
		}
		for _, c := range r.Contacts {
			d.Contacts = append(d.Contacts, Contact{c.Email, c.Name, c.Role})
		}
		return d
	}
	d := Detail{
		ID: e.ID, SchemaVersion: 1, OrganizationID: e.OrganizationID, CloudID: e.CloudID,
		Version: e.Version, Attempt: e.Attempt, From: e.From, To: e.To, Actor: e.Actor, Message: e.Message, Quiet: e.Quiet,
		Time: at,
	}
	for _, x := range e.Defects {
		d.Reasons = append(d.Reasons, Reason{x.Reason, x.Subject, x.Property, x.Message, x.Since.UTC().Format(time.RFC3339Nano)})
	}
	if e.Type.Drift() {
		return DriftDetail{
			ID: d.ID, SchemaVersion: d.SchemaVersion, OrganizationID: d.OrganizationID, CloudID: d.CloudID, Version: d.Version,
			Attempt: d.Attempt, State: d.To, Actor: d.Actor, Message: d.Message, Differences: bounded(d).Reasons, Time: d.Time,
		}
	}
	for _, l := range e.Leftovers {
		d.Leftovers = append(d.Leftovers, Leftover{l.Kind, l.ID, l.Reason, l.Command})
	}
	return bounded(d)
}

// maxDetail keeps an entry below EventBridge's 256 KB with its envelope.
const maxDetail = 200 << 10

// bounded leaves out the longest lists where an event would be refused: the API
// has them all.
func bounded(d Detail) Detail {
	size := 0
	for i, r := range d.Reasons {
		if size += len(r.Subject) + len(r.Property) + len(r.Message) + 200; size > maxDetail/2 {
			d.Reasons = d.Reasons[:i]
			break
		}
	}
	size = 0
	for i, l := range d.Leftovers {
		if size += len(l.ID) + len(l.Reason) + len(l.Command) + 200; size > maxDetail/2 {
			d.Leftovers = d.Leftovers[:i]
			break
		}
	}
	return d
}

// Publish puts one event on the bus. PutEvents answers 200 for an entry that
// it refused, so the entries are counted.
func (b *Bus) Publish(ctx context.Context, e cloud.Event) error {
	detail, err := json.Marshal(detailOf(e))
	if err != nil {
		return cloud.Wrap(err, cloud.Internal, "encoding event %s", e.ID)
	}
	out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: aws.String(b.name),
		Source:       aws.String(Source),
		DetailType:   aws.String(string(e.Type)),
		Detail:       aws.String(string(detail)),
		Time:         aws.Time(e.At),
	}}})
	if err != nil {
		return cloud.Wrap(err, cloud.Unavailable, "publishing event %s", e.ID)
	}
	if out.FailedEntryCount > 0 && len(out.Entries) > 0 {
		entry := out.Entries[0]
		return cloud.Wrap(fmt.Errorf("%s: %s", aws.ToString(entry.ErrorCode), aws.ToString(entry.ErrorMessage)),
			cloud.Unavailable, "publishing event %s", e.ID)
	}
	return nil
}

// Parse reads an event as EventBridge delivers it to a queue; of a request for a
// cloud only what every event has, and of drift not what differs. Invalid where
// it is none of ours.
func Parse(envelope []byte) (cloud.Event, error) {
	var in struct {
		Source     string `json:"source"`
		DetailType string `json:"detail-type"`
		Detail     struct {
			Detail
			RequestID string `json:"custom_cloud_request_id"`
		} `json:"detail"`
	}
	if err := json.Unmarshal(envelope, &in); err != nil {
		return cloud.Event{}, cloud.Wrap(err, cloud.Invalid, "not an event")
	}
	d := in.Detail
	if cloud.EventType(in.DetailType) == cloud.Requested {
		d.CloudID = d.RequestID
	}
	at, err := time.Parse(time.RFC3339Nano, d.Time)
	if err != nil || in.Source != Source || d.ID == "" || d.CloudID == "" || d.OrganizationID == "" {
		return cloud.Event{}, cloud.Wrap(err, cloud.Invalid, "not an event of ours")
	}
	e := cloud.Event{
		ID: d.ID, Type: cloud.EventType(in.DetailType), OrganizationID: d.OrganizationID, CloudID: d.CloudID,
		Version: d.Version, Attempt: d.Attempt, From: d.From, To: d.To, Actor: d.Actor, Message: d.Message, At: at, Quiet: d.Quiet,
	}
	for _, r := range d.Reasons {
		since, err := time.Parse(time.RFC3339Nano, r.Since)
		if err != nil {
			return cloud.Event{}, cloud.Wrap(err, cloud.Invalid, "not an event of ours")
		}
		e.Defects = append(e.Defects, cloud.Defect{Reason: r.Reason, Subject: r.Subject, Property: r.Property, Message: r.Message, Since: since})
	}
	for _, l := range d.Leftovers {
		e.Leftovers = append(e.Leftovers, cloud.Leftover{Kind: l.Kind, ID: l.ID, Reason: l.Reason, Command: l.Command})
	}
	return e, nil
}
