package networkproof

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// hit is one fault at one call.
type hit struct {
	call  call
	fault fault
}

func (h hit) String() string { return h.fault.name + " at " + h.call.String() }

// trial is the life of one cloud: provisioned, and deleted, each with a fault
// or without.
type trial struct {
	provision, deletion *hit
}

func (t trial) String() string {
	var parts []string
	if t.provision != nil {
		parts = append(parts, "provision: "+t.provision.String())
	}
	if t.deletion != nil {
		parts = append(parts, "deletion: "+t.deletion.String())
	}
	return strings.Join(parts, "; ")
}

// result of a trial.
type result struct {
	trial
	// provisionFired and deletionFired say how often the faults were done.
	provisionFired, deletionFired int
	provisioned, deleted          cloud.State
	took                          time.Duration
	// err is why the trial is red; a leak where something was left or missing.
	err error
}

func (r result) leaked() bool {
	var l leak
	return errors.As(r.err, &l)
}

// trialTimeout is for a busy machine; a quiet one takes half a minute.
const trialTimeout = 10 * time.Minute

// run a trial in an account of its own.
func (t trial) run(ctx context.Context, s *sandbox.Sandbox, want []string) (r result) {
	r.trial = t
	began := time.Now()
	defer func() { r.took = time.Since(began) }()
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	l, err := newLab(ctx, s, newAccount())
	if err != nil {
		r.err = err
		return r
	}
	if r.err = t.provisions(ctx, l, want, &r); r.err != nil {
		r.err = fmt.Errorf("provision: %w", r.err)
		return r
	}
	if r.err = t.deletes(ctx, l, &r); r.err != nil {
		r.err = fmt.Errorf("deletion after %s: %w", r.provisioned, r.err)
	}
	return r
}

func (t trial) provisions(ctx context.Context, l *lab, want []string, r *result) error {
	fired, err := l.under(ctx, cloud.OperationProvision, t.provision, func() (err error) {
		if err = l.provision(ctx); err != nil {
			return err
		}
		c, err := l.in(ctx, cloud.Active, cloud.CreationFailed)
		r.provisioned = c.State
		return err
	})
	if r.provisionFired = fired; err != nil {
		return err
	}
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.State == cloud.Active:
		if fired > 0 && t.provision.fault.fails && t.provision.call.service == "ec2" && creates(t.provision.call) {
			return errors.New("active without something that could not be created")
		}
		return l.exactlyOne(ctx, want)
	case fired == 0 || !t.provision.fault.fails:
		return fmt.Errorf("creation_failed after a fault that passes: %s", strings.Join(c.Errors, " "))
	case len(c.Network.Leftovers) > 0:
		return l.toldOf(ctx, c)
	}
	return l.empty(ctx)
}

func (t trial) deletes(ctx context.Context, l *lab, r *result) error {
	fired, err := l.under(ctx, cloud.OperationDelete, t.deletion, func() (err error) {
		if err = l.delete(ctx); err != nil {
			return err
		}
		c, err := l.in(ctx, cloud.Deleted, cloud.DeletionFailed)
		r.deleted = c.State
		return err
	})
	if r.deletionFired = fired; err != nil {
		return err
	}
	if r.deleted == cloud.Deleted {
		return l.empty(ctx)
	}
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	if fired == 0 || !t.deletion.fault.fails {
		return fmt.Errorf("deletion_failed after a fault that passes: %s", strings.Join(c.Errors, " "))
	}
	if err := l.toldOf(ctx, c); err != nil {
		return err
	}
	return l.gone(ctx)
}

// under does something while h, if there is one, waits for its call in the run
// that op starts, and says how often it hit.
func (l *lab) under(ctx context.Context, op cloud.Operation, h *hit, do func() error) (fired int, err error) {
	if h == nil {
		return 0, do()
	}
	execution, err := l.nextExecution(ctx, op)
	if err != nil {
		return 0, err
	}
	var count atomic.Int64
	remove := l.s.Faults.Inject(faults.Rule{
		Service: h.call.service, Operation: h.call.operation,
		Match: func(on *awscall.Call) bool { return h.call.is(on, execution) },
		Nth:   h.call.nth, Times: h.fault.times,
		Fault: h.fault.make(l.s, execution),
		Fired: func(faults.Firing) { count.Add(1) },
	})
	err = do()
	remove()
	return int(count.Load()), err
}
