package networkproof

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"sync/atomic"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// trial is the life of one cloud: provisioned, and deleted, each with faults or
// without.
type trial struct {
	provision, deletion burden
}

func (t trial) String() string {
	var parts []string
	for in, b := range t.burdens() {
		if len(b) > 0 {
			parts = append(parts, in+": "+b.String())
		}
	}
	return strings.Join(parts, "; ")
}

// burdens by the run that meets them.
func (t trial) burdens() iter.Seq2[string, burden] {
	return func(yield func(string, burden) bool) {
		_ = yield("provision", t.provision) && yield("deletion", t.deletion)
	}
}

// result of a trial.
type result struct {
	trial
	// fired says of each run how often each of its faults was done.
	fired                map[string][]int
	provisioned, deleted cloud.State
	took                 time.Duration
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
	r.trial, r.fired = t, map[string][]int{}
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
	if r.fired["provision"] = fired; err != nil {
		return err
	}
	failed := t.provision.failed(fired)
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.State == cloud.Active:
		if failed != nil && failed.call.service == "ec2" && creates(failed.call) {
			return errors.New("active without something that could not be created")
		}
		return l.exactlyOne(ctx, want)
	case failed == nil:
		return fmt.Errorf("creation_failed after what passes: %s", strings.Join(c.Errors, " "))
	case len(c.Network.Leftovers) > 0:
		if failed.fault.name != deniedForGood || creates(failed.call) {
			return fmt.Errorf("left %v behind, which nothing kept it from removing", c.Network.Leftovers)
		}
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
	if r.fired["deletion"] = fired; err != nil {
		return err
	}
	if r.deleted == cloud.Deleted {
		return l.empty(ctx)
	}
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	if t.deletion.failed(fired) == nil {
		return fmt.Errorf("deletion_failed after what passes: %s", strings.Join(c.Errors, " "))
	}
	if err := l.toldOf(ctx, c); err != nil {
		return err
	}
	return l.gone(ctx)
}

// under does something while each fault waits for its call in the run that op
// starts, and says how often each was done.
func (l *lab) under(ctx context.Context, op cloud.Operation, b burden, do func() error) (fired []int, err error) {
	if len(b) == 0 {
		return nil, do()
	}
	execution, err := l.nextExecution(ctx, op)
	if err != nil {
		return nil, err
	}
	counts := make([]atomic.Int64, len(b))
	for i, h := range b {
		defer l.s.Faults.Inject(faults.Rule{
			Service: h.call.service, Operation: h.call.operation,
			Match: func(on *awscall.Call) bool { return h.call.is(on, execution) },
			Nth:   h.call.nth, Times: h.fault.times,
			Fault: h.fault.make(l.s, execution),
			Fired: func(faults.Firing) { counts[i].Add(1) },
		})()
	}
	err = do()
	for i := range counts {
		fired = append(fired, int(counts[i].Load()))
	}
	return fired, err
}
