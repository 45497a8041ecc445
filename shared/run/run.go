// Package run is what the tasks of the state machines do in a customer's
// account: validate the role, work on the network.
package run

import (
	"context"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/network"
	"byoc/shared/task"
)

// NetworkTask is the input of the network function.
type NetworkTask struct {
	task.Input
	Operation NetworkOperation `json:"operation"`
}

// NetworkOperation is what a network task is to do.
type NetworkOperation string

const (
	// Ensure creates what is missing.
	Ensure NetworkOperation = "ensure"
	// Rollback removes what a failed attempt made. A reconnecting cloud loses
	// nothing: a repair that fails removes nothing.
	Rollback NetworkOperation = "rollback"
	// Delete removes everything and proves it gone.
	Delete NetworkOperation = "delete"
)

// NetworkAnswer is what the state machine decides on.
type NetworkAnswer struct {
	Done bool `json:"done"`
	// WaitSeconds before the next call; 0 leaves it to the state machine.
	WaitSeconds int `json:"wait_seconds"`
}

// Store is what the tasks read and write.
type Store interface {
	Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error)
	// TakeLease takes the lease of the fence's attempt for owner until until.
	// Where another owner holds it, held is when that lapses, and the lease is
	// not taken. Moved.
	TakeLease(ctx context.Context, ref cloud.Ref, fence cloud.Fence, owner string, until time.Time) (held time.Time, err error)
	// ReleaseLease gives owner's lease back; harmless where owner has none.
	ReleaseLease(ctx context.Context, ref cloud.Ref, owner string) error
	// FixZones keeps the zones for good. Moved.
	FixZones(ctx context.Context, ref cloud.Ref, fence cloud.Fence, zones []cloud.Zone) error
	// RecordFailure keeps the sentence that the customer reads when the run
	// concludes; the first one of an attempt stays. Moved.
	RecordFailure(ctx context.Context, ref cloud.Ref, fence cloud.Fence, message string) error
	// RecordTemplate keeps what the role told of its template. Moved.
	RecordTemplate(ctx context.Context, ref cloud.Ref, fence cloud.Fence, seen cloud.SeenTemplate) error
	// RecordRules keeps the ingress rules that are being applied. Moved.
	RecordRules(ctx context.Context, ref cloud.Ref, fence cloud.Fence, rules []cloud.IngressRule) error
	// RecordLeftovers replaces the list of what is left in the account. Moved.
	RecordLeftovers(ctx context.Context, ref cloud.Ref, fence cloud.Fence, leftovers []cloud.Leftover) error
}

// Settings of a deployment.
type Settings struct {
	Management network.Management
	Timing     network.Timing
}
