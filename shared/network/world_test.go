package network

import (
	"context"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoc/shared/cloud"
)

// journal is a record that outlives engines.
type journal struct {
	mu      sync.Mutex
	network cloud.Network
	writes  int
	// fail refuses the n-th write, from 1.
	fail func(n int) error
	down *atomic.Bool
}

func (j *journal) write(ctx context.Context, change func()) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	j.writes++
	if j.down.Load() {
		return errLost
	}
	if j.fail != nil {
		if err := j.fail(j.writes); err != nil {
			return err
		}
	}
	change()
	return nil
}

func (j *journal) Record(ctx context.Context, s cloud.Step) error {
	return j.write(ctx, func() { j.network.Steps[s.Key] = s })
}

func (j *journal) CreateCalled(ctx context.Context) error {
	return j.write(ctx, func() { j.network.CreateCalled, j.network.EmptySweeps = true, 0 })
}

func (j *journal) Swept(ctx context.Context, empty bool, at time.Time) error {
	return j.write(ctx, func() {
		if !empty {
			j.network.EmptySweeps = 0
			return
		}
		j.network.EmptySweeps, j.network.LastEmptySweep = j.network.EmptySweeps+1, at
	})
}

// world is a cloud, its record and its account, over many invocations.
type world struct {
	*account
	t       *testing.T
	spec    Spec
	journal *journal
	clock   time.Time
	client  EC2
}

const testCloud = "8f14e45f-ceea-467f-a9c3-7d1f0b5f4a11"

func newWorld(t *testing.T, zones int, nat cloud.NATLayout) *world {
	t.Helper()
	a := newAccount(t)
	w := &world{account: a, t: t, clock: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), client: client(a)}
	w.journal = &journal{network: cloud.Network{Steps: map[string]cloud.Step{}}, down: &a.down}
	block := netip.MustParsePrefix("10.4.0.0/20")
	chosen, err := SelectZones(context.Background(), client(raw{a}), block, zones)
	if err != nil {
		t.Fatal(err)
	}
	w.spec = Spec{
		CloudID: testCloud, Region: "eu-west-1", AccountID: a.id, CIDR: block, Zones: chosen, NATGateways: nat,
		Management: Management{CIDRs: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, Ports: []int{22}},
		IngressRules: []cloud.IngressRule{
			{Protocol: "tcp", FromPort: 5432, ToPort: 5432, CIDR: "10.9.0.0/16", Description: "the café's tools"},
		},
	}
	return w
}

// engine is what an invocation makes of the record.
func (w *world) engine() *Engine {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return New(w.client, w.journal, w.spec, w.journal.network, func() time.Time { return w.clock })
}

// until comes back as the state machine does, until it is over.
func (w *world) until(pass func(*Engine, context.Context) (Outcome, error)) (Outcome, error) {
	for range 40 {
		out, err := pass(w.engine(), context.Background())
		if err != nil || out.Done || len(out.Pending) == 0 {
			return out, err
		}
		if out.Wait <= 0 {
			w.t.Fatalf("pending without a time to come back: %+v", out.Pending)
		}
		w.clock = w.clock.Add(out.Wait)
	}
	out, err := pass(w.engine(), context.Background())
	w.t.Fatalf("never done; last pending: %+v, %v", out.Pending, err)
	return Outcome{}, nil
}

func (w *world) provision() {
	w.t.Helper()
	if out, err := w.until((*Engine).Ensure); err != nil || !out.Done {
		w.t.Fatalf("Ensure: %+v, %v", out, err)
	}
}

func (w *world) remove() {
	w.t.Helper()
	if out, err := w.until((*Engine).Delete); err != nil || !out.Done {
		w.t.Fatalf("Delete: %+v, %v", out, err)
	}
}
