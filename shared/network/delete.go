package network

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"byoc/shared/cloud"
)

// Delete removes everything that carries this cloud's id from the account and
// region, with whatever is on record, nothing included. It is rollback and
// deletion. It never waits for AWS: come back after Outcome.Wait.
//
// Done means proven: two sweeps in a row, ten seconds or more apart, showed
// nothing that is not on record, and the second nothing at all; or no create call
// was ever made. Not Done with nothing Pending means
// that Leftovers cannot be removed by us. What is pending may stay so for good
// (something of the customer's in a subnet): the caller sets the bound, and
// then tells the Leftovers.
//
// An error (Moved, Denied, Unavailable, or the journal's) means that little is
// known of the account beyond the record (OnRecord): Leftovers is then what could
// be seen and is not on record.
func (e *Engine) Delete(ctx context.Context) (Outcome, error) {
	if !e.network.CreateCalled {
		return Outcome{Done: true}, nil
	}
	p := e.pass()
	if going, err := p.gatewaysGoing(ctx); err != nil || len(going) > 0 {
		return Outcome{Leftovers: e.network.Leftovers, Pending: going, Wait: e.nextLookAtGoing(going)}, err
	}
	all, err := p.survey(ctx)
	if err != nil {
		return Outcome{Leftovers: p.strays(all)}, err
	}
	if len(all) > 0 {
		recorded := p.recordedIDs()
		stray := slices.ContainsFunc(all, func(r remaining) bool { return recorded[r.ID] == "" })
		if stray && e.network.EmptySweeps > 0 {
			if err := e.swept(ctx, false); err != nil {
				return Outcome{}, err
			}
		}
		var ours []Resource
		var rest []remaining
		for _, r := range all {
			if r.reason == "" {
				ours = append(ours, r.Resource)
			} else {
				rest = append(rest, r)
			}
		}
		kept, err := p.tearDown(ctx, ours)
		if err != nil {
			return Outcome{}, err
		}
		if rest = append(kept, rest...); len(rest) > 0 {
			return p.unfinished(rest), nil
		}
		// All is gone: look once more, which may be the first empty sweep.
		p = e.pass()
		left, err := p.everything(ctx)
		if err != nil {
			return Outcome{}, err
		}
		if len(left) > 0 {
			return e.sweeping("AWS still shows what was just removed.", e.timing.Soon), nil
		}
	}
	return e.proven(ctx)
}

// gatewaysGoing are the steps whose NAT gateways AWS is still deleting, as the
// last pass left it: until they are gone, one call is enough of a look.
func (p *Pass) gatewaysGoing(ctx context.Context) ([]cloud.Step, error) {
	steps := map[string]cloud.Step{}
	for id, k := range p.recordedIDs() {
		if rec := p.step(k); rec.State == cloud.StepDeleting && rec.Reason == natDeleting {
			steps[id] = rec
		}
	}
	if len(steps) == 0 {
		return nil, nil
	}
	gateways, err := p.byID(ctx, natGatewayKind, slices.Sorted(maps.Keys(steps))...)
	if err != nil {
		return nil, err
	}
	var going []cloud.Step
	for _, g := range gateways {
		if g.State == "deleting" {
			going = append(going, steps[g.ID])
		}
	}
	return going, nil
}

// nextLookAtGoing is when a NAT gateway that is being deleted may be gone.
func (e *Engine) nextLookAtGoing(pending []cloud.Step) time.Duration {
	var last time.Time
	for _, s := range pending {
		if s.Reason == natDeleting && s.StartedAt.After(last) {
			last = s.StartedAt
		}
	}
	return e.until(last.Add(e.timing.NATGoneFirstLook), e.timing.NATGoneNextLook)
}

// strays are those of all that no step has on record.
func (p *Pass) strays(all []remaining) []cloud.Leftover {
	var list []cloud.Leftover
	recorded := p.recordedIDs()
	for _, r := range all {
		if recorded[r.ID] == "" && r.State != "deleting" {
			list = append(list, leftover(r.Resource, "", p.spec.Region, "Not all of the account could be looked at: this was seen."))
		}
	}
	return list
}

// survey lists everything of this cloud: by tag, and by record what the tags do
// not show. A reason says why something must not be touched (yet). With an error
// it is what could be seen.
func (p *Pass) survey(ctx context.Context) ([]remaining, error) {
	listed, err := p.everything(ctx)
	var all []remaining
	shown := map[string]bool{}
	for _, r := range listed {
		all, shown[r.ID] = append(all, remaining{Resource: r}), true
	}
	if err != nil {
		return all, err
	}
	hidden := map[*kind][]string{}
	for id, k := range p.recordedIDs() {
		if owner, ok := stepOf(k); ok && !shown[id] && !owner.property {
			hidden[owner.kind] = append(hidden[owner.kind], id)
		}
	}
	for k, ids := range hidden {
		slices.Sort(ids)
		bare, err := p.byID(ctx, k, ids...)
		if err != nil {
			return all, err
		}
		exists := map[string]bool{}
		for _, r := range bare {
			exists[r.ID] = true
			x := remaining{Resource: r}
			if !p.ours(r) {
				x.reason = "Its tag " + TagCloud + " was taken off, and without it the role may not touch it."
			}
			all = append(all, x)
		}
		for _, id := range ids {
			switch rec := p.step(p.recordedIDs()[id]); {
			case exists[id]:
			case p.now().Sub(rec.StartedAt) < p.timing.Unseen && rec.State != cloud.StepDeleting:
				all = append(all, remaining{Resource: Resource{kind: k, ID: id}, reason: notShownYet, pending: true})
			default:
				if err := p.forget(ctx, id); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// unfinished is the outcome while something remains.
func (p *Pass) unfinished(rest []remaining) Outcome {
	var out Outcome
	recorded := p.recordedIDs()
	for _, r := range rest {
		out.Leftovers = append(out.Leftovers, leftover(r.Resource, recorded[r.ID], p.spec.Region, r.reason))
		if !r.pending {
			continue
		}
		step := p.step(recorded[r.ID])
		if step.Key == "" {
			step = cloud.Step{Key: keySweep, ResourceID: r.ID}
		}
		step.State, step.Reason = cloud.StepDeleting, r.reason
		out.Pending = append(out.Pending, step)
		out.Wait = p.timing.Soon
	}
	if slices.ContainsFunc(rest, func(r remaining) bool { return r.pending && r.reason == natDeleting }) {
		out.Wait = p.nextLookAtGoing(out.Pending)
	}
	return out
}

// proven counts an empty sweep and says whether it was the second one.
func (e *Engine) proven(ctx context.Context) (Outcome, error) {
	if e.network.EmptySweeps < 2 {
		since := e.now().Sub(e.network.LastEmptySweep)
		if e.network.EmptySweeps > 0 && since < e.timing.SweepGap {
			return e.sweeping(proving, e.timing.SweepGap-since), nil
		}
		if err := e.swept(ctx, true); err != nil {
			return Outcome{}, err
		}
		if e.network.EmptySweeps < 2 {
			return e.sweeping(proving, e.timing.SweepGap), nil
		}
	}
	// Properties have no resource of their own that went; a later provision
	// must not believe that they are set.
	for k, rec := range e.network.Steps {
		if rec.State == cloud.StepGone {
			continue
		}
		err := e.record(ctx, k, func(rec *cloud.Step) {
			rec.State, rec.ResourceID, rec.Reason, rec.EndedAt = cloud.StepGone, "", "", e.now()
		})
		if err != nil {
			return Outcome{}, err
		}
	}
	return Outcome{Done: true}, nil
}

const proving = "Looking a second time whether anything is left."

func (e *Engine) sweeping(reason string, wait time.Duration) Outcome {
	return Outcome{Pending: []cloud.Step{{Key: keySweep, State: cloud.StepPending, Reason: reason}}, Wait: wait}
}

func (e *Engine) swept(ctx context.Context, empty bool) error {
	at := e.now()
	if err := e.journal.Swept(ctx, empty, at); err != nil {
		return err
	}
	if empty {
		e.network.EmptySweeps, e.network.LastEmptySweep = e.network.EmptySweeps+1, at
	} else {
		e.network.EmptySweeps = 0
	}
	return nil
}

// stepOf is the row of the step on record under key.
func stepOf(key string) (Step, bool) {
	name, _, _ := strings.Cut(key, "/")
	for _, r := range rows() {
		if r.step.Name == name {
			return r.step, true
		}
	}
	return Step{}, false
}

// OnRecord lists what a network should still have in the account, from the
// record alone: for an account that cannot be looked at. In the order in which
// the commands have to be run (kinds). What no step has on record stays as it
// was seen last. A NAT gateway that AWS has begun to delete goes by itself.
func OnRecord(region string, recorded cloud.Network) []cloud.Leftover {
	all := slices.DeleteFunc(slices.Clone(recorded.Leftovers), func(l cloud.Leftover) bool { return l.Step != "" })
	table := rows()
	slices.Reverse(table)
	for _, r := range table {
		var keys []string
		for k, rec := range recorded.Steps {
			name, _, _ := strings.Cut(k, "/")
			goes := rec.State == cloud.StepGone || rec.State == cloud.StepDeleting && rec.Reason == natDeleting
			if name == r.step.Name && rec.ResourceID != "" && !goes && !r.step.property {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		for _, k := range keys {
			x := Resource{kind: r.step.kind, ID: recorded.Step(k).ResourceID}
			if x.kind == internetGatewayKind {
				x.VPC = recorded.Step(stepVPC).ResourceID
			}
			all = append(all, leftover(x, k, region, "The account cannot be looked at: this is on record."))
		}
	}
	byHand := func(l cloud.Leftover) int {
		return slices.IndexFunc(kinds(), func(k *kind) bool { return k.name == l.Kind })
	}
	slices.SortStableFunc(all, func(a, b cloud.Leftover) int { return byHand(a) - byHand(b) })
	return all
}
