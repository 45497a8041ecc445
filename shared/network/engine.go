package network

import (
	"context"
	"maps"
	"net/netip"
	"sync"
	"time"

	"byoc/shared/cloud"
)

// Spec is the network as it should be.
type Spec struct {
	CloudID   string
	Region    string
	AccountID string
	CIDR      netip.Prefix
	// Zones are fixed at the first provision (SelectZones). Appending one adds
	// it to the network. With a single NAT gateway, that is in the first.
	Zones       []cloud.Zone
	NATGateways cloud.NATLayout
	Management  Management
	// IngressRules are the cloud's own rules of the workload group.
	IngressRules []cloud.IngressRule
	// Timing is AWSTiming if zero.
	Timing Timing
}

// Management says from where and on which ports bastions are reached.
type Management struct {
	CIDRs []netip.Prefix
	Ports []int
}

// Journal persists what a pass does, under the fence of state and attempt. All
// methods return code Moved when the fence moved: the pass then starts nothing
// more and returns that error. They are called from several goroutines at once.
type Journal interface {
	// Record persists one step. An error fails the step: what has no record is
	// found by its tags in the next pass.
	Record(ctx context.Context, step cloud.Step) error
	// CreateCalled is called before the first create call after the account was
	// proven empty, or ever. It sets CreateCalled and resets EmptySweeps and
	// LastEmptySweep.
	CreateCalled(ctx context.Context) error
	// Swept counts a sweep: empty raises EmptySweeps and sets LastEmptySweep to
	// at; otherwise EmptySweeps becomes 0.
	Swept(ctx context.Context, empty bool, at time.Time) error
}

// Engine works on one cloud's network during one invocation. The caller holds
// the lease: most EC2 create calls take no token, and finding before creating
// is safe for a single worker only.
type Engine struct {
	client  EC2
	journal Journal
	spec    Spec
	timing  Timing
	now     func() time.Time

	// mu guards network.Steps; the rest of network changes between steps only,
	// or under creating.
	mu      sync.Mutex
	network cloud.Network

	// creating lets the first create call wait until CreateCalled is on record.
	creating sync.Mutex
}

// New makes an Engine from what is on record.
func New(client EC2, journal Journal, spec Spec, recorded cloud.Network, now func() time.Time) *Engine {
	recorded.Steps = maps.Clone(recorded.Steps)
	if recorded.Steps == nil {
		recorded.Steps = map[string]cloud.Step{}
	}
	timing := spec.Timing
	if timing == (Timing{}) {
		timing = AWSTiming()
	}
	return &Engine{client: client, journal: journal, spec: spec, timing: timing, now: now, network: recorded}
}

func (e *Engine) stem() string { return cloud.Stem(e.spec.CloudID) }

// step is what is on record of key.
func (e *Engine) step(key string) cloud.Step {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.network.Steps[key]; ok {
		return s
	}
	return cloud.Step{Key: key, State: cloud.StepWaiting}
}

// id is the recorded id of the resource that the step key made.
func (e *Engine) id(key string) string { return e.step(key).ResourceID }

// journalTimeout bounds a write that goes on after the pass was cancelled.
const journalTimeout = 5 * time.Second

// record changes what is on record of key and persists it. A record that is
// not persisted is not remembered either. It outlives the cancellation of ctx:
// the id of something just created must not be lost to a deadline.
func (e *Engine) record(ctx context.Context, key string, change func(*cloud.Step)) error {
	before := e.step(key)
	after := before
	change(&after)
	if after == before {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), journalTimeout)
	defer cancel()
	if err := e.journal.Record(ctx, after); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.network.Steps[key] = after
	return nil
}

// announceCreate puts on record, before the first create call, that from now on
// something may exist in the account: what was proven before holds no longer.
func (e *Engine) announceCreate(ctx context.Context) error {
	e.creating.Lock()
	defer e.creating.Unlock()
	if e.network.CreateCalled && e.network.EmptySweeps == 0 {
		return nil
	}
	if err := e.journal.CreateCalled(ctx); err != nil {
		return err
	}
	e.network.CreateCalled = true
	e.network.EmptySweeps, e.network.LastEmptySweep = 0, time.Time{}
	return nil
}
