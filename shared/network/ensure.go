package network

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"byoc/shared/cloud"
)

// keySweep is the key of what is pending when only the sweep is.
const keySweep = "sweep"

// Ensure goes on from wherever the network stands: it creates what is missing,
// converges what differs, and last removes what carries this cloud's id and is
// not on record (a create call whose answer was lost). It makes all progress
// that is possible now and never waits.
//
// Codes: Moved, Denied, LimitExceeded, ResourceFailed, Ambiguous, NotFound and
// Conflict (after two minutes of trying), or what the journal returns. After a
// first error nothing new is started, so that there is less to roll back.
// Throttling and lost answers are pending, not errors.
func (e *Engine) Ensure(ctx context.Context) (Outcome, error) {
	p := e.pass()
	steps := Steps(e.spec.Zones, e.spec.NATGateways)
	good := p.trusted(steps)
	errs := make([]error, len(steps))
	var halted atomic.Bool
	walk(width, needs(steps), func(i int) bool {
		if good[i] {
			return true
		}
		if halted.Load() || ctx.Err() != nil {
			return false
		}
		done, err := p.attempt(ctx, steps[i])
		if errs[i] = err; err != nil {
			halted.Store(true)
		}
		return done && err == nil
	})
	if err := worst(errs); err != nil {
		return Outcome{}, err
	}
	var out Outcome
	finished := true
	for _, s := range steps {
		switch rec := e.step(s.Key()); rec.State {
		case cloud.StepReady:
		case cloud.StepPending:
			out.Pending = append(out.Pending, rec)
			fallthrough
		default:
			finished = false
		}
	}
	if finished {
		if wait := e.timing.SweepGap - e.sinceCreated(); wait > 0 {
			// A sweep this early may not show what a lost call has left. After
			// waiting for a NAT gateway it is never early.
			out = p.sweepPending(proving)
			out.Wait = wait
			return out, nil
		}
		return p.removeStrays(ctx)
	}
	if len(out.Pending) == 0 {
		return Outcome{}, cloud.Wrap(ctx.Err(), cloud.Unavailable, "The time for one pass was too short.")
	}
	out.Wait = e.nextLook(out.Pending)
	return out, nil
}

// trusted says which steps need no look: ready, recently so, and after all
// that they need. Where every step is ready, none is trusted.
func (p *Pass) trusted(steps []Step) []bool {
	good, index := make([]bool, len(steps)), map[string]int{}
	if p.allReady(steps) {
		return good
	}
	for i, s := range steps {
		index[s.Key()] = i
		rec := p.step(s.Key())
		good[i] = rec.State == cloud.StepReady && p.now().Sub(rec.EndedAt) < p.timing.Trust
		for _, n := range s.Needs {
			good[i] = good[i] && good[index[n]] && !rec.EndedAt.Before(p.step(n).StartedAt)
		}
	}
	return good
}

// allReady says whether each of the steps is on record as ready.
func (e *Engine) allReady(steps []Step) bool {
	return !slices.ContainsFunc(steps, func(s Step) bool { return e.step(s.Key()).State != cloud.StepReady })
}

func needs(steps []Step) [][]int {
	index, all := map[string]int{}, make([][]int, len(steps))
	for i, s := range steps {
		index[s.Key()] = i
		for _, n := range s.Needs {
			all[i] = append(all[i], index[n])
		}
	}
	return all
}

// attempt runs one step and puts on record what came of it.
func (p *Pass) attempt(ctx context.Context, s Step) (done bool, err error) {
	pending, err := s.Ensure(ctx, p, s)
	if err != nil && p.bears(s, err) {
		pending, err = cloud.MessageOf(err), nil
	}
	switch {
	case cloud.CodeOf(err) == cloud.Moved:
		return false, err
	case err != nil:
		recorded := p.record(ctx, s.Key(), func(rec *cloud.Step) {
			rec.State, rec.Reason, rec.EndedAt = cloud.StepFailed, cloud.MessageOf(err), p.now()
		})
		return false, worst([]error{err, recorded})
	case pending != "":
		return false, p.record(ctx, s.Key(), func(rec *cloud.Step) {
			if rec.State != cloud.StepPending {
				rec.State, rec.StartedAt, rec.EndedAt = cloud.StepPending, p.now(), time.Time{}
			}
			rec.Reason = pending
		})
	}
	return true, p.record(ctx, s.Key(), func(rec *cloud.Step) {
		if rec.State != cloud.StepReady {
			rec.State, rec.Reason, rec.EndedAt = cloud.StepReady, "", p.now()
			if rec.StartedAt.IsZero() {
				rec.StartedAt = p.now()
			}
		}
	})
}

// bears says whether err is one to try again after: AWS was not reachable, or
// what it answered may be a stale read, for a while.
func (p *Pass) bears(s Step, err error) bool {
	switch cloud.CodeOf(err) {
	case cloud.Unavailable:
		return true
	case cloud.NotFound, cloud.Conflict:
		rec := p.step(s.Key())
		return rec.State != cloud.StepPending || p.now().Sub(rec.StartedAt) < p.timing.Patience
	}
	return false
}

// nextLook is when something of pending may be ready.
func (e *Engine) nextLook(pending []cloud.Step) time.Duration {
	var wait time.Duration
	for i, rec := range pending {
		w := e.timing.Soon
		if strings.HasPrefix(rec.Key, stepNATGateway) && rec.ResourceID != "" {
			w = e.until(rec.StartedAt.Add(e.timing.NATFirstLook), e.timing.NATNextLook)
		}
		if i == 0 || w < wait {
			wait = w
		}
	}
	return wait
}

// until is how long it is to a first look, or, after that, to the next of those
// that follow every so often: what a look itself takes does not add up.
func (e *Engine) until(first time.Time, every time.Duration) time.Duration {
	if since := e.now().Sub(first); since >= 0 {
		return every - since%every
	}
	return first.Sub(e.now())
}

// removeStrays is the sweep of a finished network: whatever carries this
// cloud's id and name and is not on record goes. One that finds nothing is the
// first of the two that prove the account empty: the second is a deletion's.
func (p *Pass) removeStrays(ctx context.Context) (Outcome, error) {
	p.stale()
	all, err := p.everything(ctx)
	if cloud.CodeOf(err) == cloud.Unavailable {
		return p.sweepPending(cloud.MessageOf(err)), nil
	}
	if err != nil {
		return Outcome{}, err
	}
	recorded := p.recordedIDs()
	strays := slices.DeleteFunc(all, func(r Resource) bool {
		return recorded[r.ID] != "" || r.State == "deleting" || !strings.HasPrefix(r.Name(), p.stem()+"-")
	})
	if len(strays) == 0 {
		if p.network.EmptySweeps > 0 {
			return Outcome{Done: true}, nil
		}
		return Outcome{Done: true}, p.swept(ctx, true)
	}
	rest, err := p.tearDown(ctx, strays)
	if err != nil {
		return Outcome{}, err
	}
	for _, r := range rest {
		if !r.pending {
			return Outcome{}, cloud.Errorf(cloud.Denied, "The %s %s was left by an interrupted call and cannot be removed: %s", r.kind.name, r.ID, r.reason)
		}
	}
	if len(rest) > 0 {
		return p.sweepPending("Removing what an interrupted call left behind: " + rest[0].reason), nil
	}
	return Outcome{Done: true}, nil
}

func (p *Pass) sweepPending(reason string) Outcome {
	return Outcome{Pending: []cloud.Step{{Key: keySweep, State: cloud.StepPending, Reason: reason}}, Wait: p.timing.Soon}
}

// sinceCreated is how long ago the youngest resource was made.
func (e *Engine) sinceCreated() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	var youngest time.Time
	for _, s := range e.network.Steps {
		if s.ResourceID != "" && s.StartedAt.After(youngest) {
			youngest = s.StartedAt
		}
	}
	return e.now().Sub(youngest)
}

// recordedIDs maps the ids of all that is on record to the step's key.
func (e *Engine) recordedIDs() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	ids := map[string]string{}
	for k, s := range e.network.Steps {
		if s.ResourceID != "" && s.State != cloud.StepGone {
			ids[s.ResourceID] = k
		}
	}
	return ids
}
