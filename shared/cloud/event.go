package cloud

import (
	"fmt"
	"time"
)

// EventType names an event as subscribers see it (EventBridge's detail-type).
type EventType string

const (
	// StateChanged: a custom cloud entered another state.
	StateChanged EventType = "CustomCloudStateChanged"
	// DriftFound: what is in the account is definitely not what it should be.
	DriftFound EventType = "CustomCloudDriftFound"
	// DriftHealed: drift that was told is gone.
	DriftHealed EventType = "CustomCloudDriftHealed"
	// Requested: a customer asks the vendor's team for a custom cloud that
	// self-service does not cover.
	Requested EventType = "CustomCloudRequested"
)

// EventTypes lists every EventType.
func EventTypes() []EventType { return []EventType{StateChanged, DriftFound, DriftHealed, Requested} }

// Drift says whether t tells of drift.
func (t EventType) Drift() bool { return t == DriftFound || t == DriftHealed }

// Event tells the world about one write. It is stored unpublished in the
// transaction of the write it tells of, so that neither exists without the other.
type Event struct {
	// ID is the id of the cloud or the request, and the version that the write
	// made; of drift with a suffix, because one write may find drift and change
	// the state. Consumers drop duplicates by it.
	ID             string
	Type           EventType
	OrganizationID string
	// CloudID is the request's id where Type is Requested.
	CloudID string
	Version int
	Attempt int
	From    State
	To      State
	// Actor is who or what caused it: a principal's id, an execution, the watch.
	Actor string
	// Message is a sentence for people.
	Message string
	At      time.Time
	// Took is how long the attempt has been going on; it is for who wrote the
	// event, and not stored with it.
	Took time.Duration
	// Defects is why, where To is Disconnected; what differs, of DriftFound.
	Defects []Defect
	// Quiet says that the cloud's contacts learn nothing new from it.
	Quiet bool
	// Leftovers is what is still in the account, where the run left something.
	Leftovers []Leftover
	// Request is set where Type is Requested.
	Request *Request
}

// EventID of the write that made version of the item id.
func EventID(id string, version int) string { return fmt.Sprintf("%s-%06d", id, version) }

// driftEvent tells of drift beside, or without, a change of state.
func driftEvent(t EventType, before, after Cloud, actor string, at time.Time) Event {
	e := Event{
		ID: EventID(before.ID, before.Version+1) + "-drift", Type: t, OrganizationID: before.OrganizationID, CloudID: before.ID,
		Version: before.Version + 1, Attempt: after.Attempt, From: before.State, To: after.State, Actor: actor, At: at,
		Message: "What differed in the account is as it should be.",
	}
	if t == DriftFound {
		e.Defects = Drift(after.Network.Defects)
		e.Message = sentences(e.Defects)[0]
	}
	return e
}
