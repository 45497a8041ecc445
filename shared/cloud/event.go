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
	// Requested: a customer asks the vendor's team for a custom cloud that
	// self-service does not cover.
	Requested EventType = "CustomCloudRequested"
)

// Event tells the world about one write. It is stored unpublished in the
// transaction of the write it tells of, so that neither exists without the other.
type Event struct {
	// ID is the id of the cloud or the request, and the version that the write
	// made. Consumers drop duplicates by it.
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
	// Defects is why, where To is Disconnected.
	Defects []Defect
	// Leftovers is what is still in the account, where the run left something.
	Leftovers []Leftover
	// Request is set where Type is Requested.
	Request *Request
}

// EventID of the write that made version of the item id.
func EventID(id string, version int) string { return fmt.Sprintf("%s-%06d", id, version) }
