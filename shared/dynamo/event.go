package dynamo

import (
	"context"
	"errors"
	"time"

	"byoc/shared/cloud"
)

const (
	// PublishGrace is how long whoever wrote an event may take to publish it
	// before it is due.
	PublishGrace = time.Minute
	// keepHistory is how long events and AWS calls are kept: a year, and a month
	// to notice that the year is over.
	keepHistory = 400 * 24 * time.Hour
)

type eventItem struct {
	PK             string         `dynamodbav:"pk"`
	SK             string         `dynamodbav:"sk"`
	Entity         string         `dynamodbav:"entity"`
	ID             string         `dynamodbav:"id"`
	Type           string         `dynamodbav:"type"`
	OrganizationID string         `dynamodbav:"organization_id"`
	CloudID        string         `dynamodbav:"cloud_id"`
	Version        int            `dynamodbav:"version"`
	Attempt        int            `dynamodbav:"attempt"`
	From           string         `dynamodbav:"from_state,omitempty"`
	To             string         `dynamodbav:"to_state"`
	Actor          string         `dynamodbav:"actor"`
	Message        string         `dynamodbav:"message"`
	At             string         `dynamodbav:"at"`
	Defects        []defectItem   `dynamodbav:"defects,omitempty"`
	Quiet          bool           `dynamodbav:"quiet,omitempty"`
	Leftovers      []leftoverItem `dynamodbav:"leftovers,omitempty"`
	// Request is set where Type is cloud.Requested.
	Request   *requestFields `dynamodbav:"request,omitempty"`
	DueShard  string         `dynamodbav:"due_shard,omitempty"`
	DueAt     string         `dynamodbav:"due_at,omitempty"`
	ExpiresAt int64          `dynamodbav:"expires_at"`
}

// event writes an event that is not published yet.
func (x *transaction) event(e cloud.Event) {
	k := eventKey(e)
	item := eventItem{
		PK: k.pk, SK: k.sk, Entity: "event",
		ID: e.ID, Type: string(e.Type), OrganizationID: e.OrganizationID, CloudID: e.CloudID,
		Version: e.Version, Attempt: e.Attempt, From: string(e.From), To: string(e.To),
		Actor: e.Actor, Message: e.Message, At: formatTime(e.At), Quiet: e.Quiet,
		Defects: newDefectItems(e.Defects), Leftovers: newLeftoverItems(e.Leftovers),
		DueShard: shardOf(e.CloudID), DueAt: formatTime(e.At.Add(PublishGrace)),
		ExpiresAt: e.At.Add(keepHistory).Unix(),
	}
	if e.Request != nil {
		fields := newRequestFields(*e.Request)
		item.Request = &fields
	}
	x.put(item, newExpression().absent(), nil)
}

func (i eventItem) event() cloud.Event {
	e := cloud.Event{
		ID: i.ID, Type: cloud.EventType(i.Type), OrganizationID: i.OrganizationID, CloudID: i.CloudID,
		Version: i.Version, Attempt: i.Attempt, From: cloud.State(i.From), To: cloud.State(i.To),
		Actor: i.Actor, Message: i.Message, At: parseTime(i.At), Quiet: i.Quiet,
		Defects: defects(i.Defects), Leftovers: each(i.Leftovers, func(l leftoverItem) cloud.Leftover { return cloud.Leftover(l) }),
	}
	if i.Request != nil {
		r := i.Request.request(i.OrganizationID, i.CloudID)
		e.Request = &r
	}
	return e
}

// MarkPublished records that an event is on the bus: it is due no more.
// Repeating it is harmless. NotFound where there is no such event.
func (t *Table) MarkPublished(ctx context.Context, e cloud.Event) error {
	change := newExpression().exists().remove(DueShard).remove(DueAt)
	_, err := t.update(ctx, eventKey(e), change)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return cloud.Errorf(cloud.NotFound, "There is no event %s.", e.ID)
	}
	return err
}
