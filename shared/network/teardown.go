package network

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"byoc/shared/cloud"
)

// remaining is a resource that a tear-down did not get rid of.
type remaining struct {
	Resource
	reason string
	// pending: it may go by itself or with the next try.
	pending bool
}

// place is a resource, or a property of one, in the tear-down.
type place struct {
	Resource
	// rows that it may belong to: one, unless its name tells nothing.
	rows []row
	zone string
	// property: only what hangs on the resource is removed here.
	property bool
}

// tearDown removes resources in the reverse of the table's order. What fails
// holds up only what it depends on. The error is one of the journal's.
func (p *Pass) tearDown(ctx context.Context, resources []Resource) ([]remaining, error) {
	places := p.places(resources)
	before := make([][]int, len(places))
	for i, x := range places {
		for j, y := range places {
			if i != j && y.needs(x) {
				before[i] = append(before[i], j)
			}
		}
	}
	var mu sync.Mutex
	failures := map[string]remaining{}
	removed := map[string]bool{}
	var journal error
	walk(width, before, func(i int) bool {
		x := places[i]
		mu.Lock()
		stopped := journal != nil || ctx.Err() != nil
		mu.Unlock()
		if stopped {
			return false
		}
		pending, err := x.remove(ctx, p)
		if cloud.CodeOf(err) == cloud.Denied {
			pending, err = p.deniedOrGone(ctx, x.Resource, err)
		}
		if cloud.CodeOf(err) == cloud.NotFound {
			pending, err = "", nil
		}
		var recorded error
		if err == nil && pending == "" && !x.property {
			recorded = p.forget(ctx, x.ID)
		}
		mu.Lock()
		defer mu.Unlock()
		if recorded != nil {
			journal = recorded
			return false
		}
		if err != nil || pending != "" {
			f := remaining{reason: pending, pending: true}
			if err != nil {
				code := cloud.CodeOf(err)
				f.reason, f.pending = cloud.MessageOf(err), code == cloud.Unavailable || code == cloud.Conflict
			}
			failures[x.ID] = f
			return false
		}
		if !x.property {
			removed[x.ID] = true
		}
		return true
	})
	if journal != nil {
		return nil, journal
	}
	return p.rest(ctx, places, before, failures, removed)
}

// deniedOrGone looks again at what AWS did not let us remove. A policy that asks
// for a tag also denies what does not exist: a deletion whose answer was lost
// looks like this when it is sent again.
func (p *Pass) deniedOrGone(ctx context.Context, r Resource, denied error) (pending string, err error) {
	bare, err := p.byID(ctx, r.kind, r.ID)
	switch {
	case cloud.CodeOf(err) == cloud.Unavailable:
		return "", err
	case err != nil || len(bare) > 0:
		return "", denied
	}
	if rec := p.step(p.recordedIDs()[r.ID]); rec.ResourceID != "" && p.now().Sub(rec.StartedAt) < p.timing.Unseen && rec.State != cloud.StepDeleting {
		// As young as this it may only not be shown yet. The next look decides.
		return notShownYet, nil
	}
	return "", nil
}

// rest lists what was not removed, in the order in which to remove it by hand,
// and puts on record that it is being deleted.
func (p *Pass) rest(ctx context.Context, places []place, before [][]int, failures map[string]remaining, removed map[string]bool) ([]remaining, error) {
	// mayGo: nothing that place i waits for is stuck for good.
	var mayGo func(i int) bool
	mayGo = func(i int) bool {
		if f, failed := failures[places[i].ID]; failed && !f.pending {
			return false
		}
		return !slices.ContainsFunc(before[i], func(j int) bool { return !removed[places[j].ID] && !mayGo(j) })
	}
	var all []remaining
	for i, x := range places {
		if x.property || removed[x.ID] {
			continue
		}
		r, failed := failures[x.ID]
		if !failed {
			r = remaining{reason: "Something that depends on it has to go first.", pending: mayGo(i)}
		}
		r.Resource = x.Resource
		all = append(all, r)
		if k := p.recordedIDs()[x.ID]; k != "" {
			err := p.record(ctx, k, func(rec *cloud.Step) {
				if rec.State != cloud.StepDeleting {
					rec.State, rec.StartedAt, rec.EndedAt = cloud.StepDeleting, p.now(), time.Time{}
				}
				rec.Reason = r.reason
			})
			if err != nil {
				return nil, err
			}
		}
	}
	order := map[string]int{}
	for i, r := range rows() {
		if !r.step.property {
			order[r.step.kind.name] = -i
		}
	}
	slices.SortStableFunc(all, func(a, b remaining) int { return order[a.kind.name] - order[b.kind.name] })
	return all, nil
}

// forget records that the resource id is gone; a next one is a new generation.
func (p *Pass) forget(ctx context.Context, id string) error {
	k := p.recordedIDs()[id]
	if k == "" {
		return nil
	}
	return p.record(ctx, k, func(rec *cloud.Step) {
		p.renew(rec, cloud.StepGone)
		rec.Reason, rec.EndedAt = "", p.now()
	})
}

// places finds each resource's rows by its name, so that it works with no
// record at all, and adds the properties that have to be taken off first.
func (p *Pass) places(resources []Resource) []place {
	var all []place
	for _, r := range resources {
		x := place{Resource: r}
		var same []row
		for _, w := range rows() {
			if w.step.property || w.step.kind != r.kind {
				continue
			}
			same = append(same, w)
			base := p.stem() + "-" + w.step.label
			zone, zoned := strings.CutPrefix(r.Name(), base+"-")
			if w.scope == single && r.Name() == base || w.scope != single && zoned {
				x.rows, x.zone = []row{w}, zone
				if w.scope == single {
					x.zone = ""
				}
			}
		}
		if len(x.rows) == 0 {
			x.rows = same
		}
		all = append(all, x)
		for _, w := range rows() {
			if w.step.property && w.step.Delete != nil && slices.ContainsFunc(x.rows, func(o row) bool { return o.step.Name == w.step.of }) {
				all = append(all, place{Resource: r, rows: []row{w}, zone: x.zone, property: true})
			}
		}
	}
	return all
}

func (x place) remove(ctx context.Context, p *Pass) (string, error) {
	return x.rows[0].step.Delete(ctx, p, x.Resource)
}

// needs says whether x has to go before y may. Zones matter only where both
// have one.
func (x place) needs(y place) bool {
	if x.ID == y.ID {
		return x.property && !y.property
	}
	if x.zone != "" && y.zone != "" && x.zone != y.zone {
		return false
	}
	return x.needsRow(y.rows)
}

func (x place) needsRow(rows []row) bool {
	for _, mine := range x.rows {
		for _, theirs := range rows {
			if slices.Contains(mine.needs, theirs.step.Name) {
				return true
			}
		}
	}
	return false
}
