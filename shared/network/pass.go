package network

import (
	"context"
	"fmt"
	"time"

	"byoc/shared/cloud"
)

// Pass is one look at the account: what it shows, and what the pass did.
type Pass struct {
	*Engine
	inventory *inventory
	rules     ruleCache
}

func (e *Engine) pass() *Pass { return &Pass{Engine: e, inventory: newInventory()} }

const notShownYet = "AWS has created it and does not show it yet."

// find is the first half of Ensure's fixed moves: the recorded id, else the
// tags and the VPC. Nothing found is the zero Resource. A recorded id that is
// not shown is pending for a minute, then lost is true: it is gone.
func (p *Pass) find(ctx context.Context, s Step) (r Resource, lost bool, pending string, err error) {
	listed, err := p.list(ctx, s.kind)
	if err != nil {
		return Resource{}, false, "", err
	}
	name, vpc := s.tagName(p.stem()), p.id(stepVPC)
	rec := p.step(s.Key())
	recorded := rec.ResourceID != "" && rec.State != cloud.StepGone
	var named []Resource
	shown := false
	for _, r := range listed {
		here := !s.kind.inVPC || r.VPC == vpc
		if recorded && r.ID == rec.ResourceID {
			shown = true
			if here && (r.live() || r.State == "failed") {
				return r, false, "", nil
			}
		}
		if here && r.live() && r.Name() == name {
			named = append(named, r)
		}
	}
	if recorded && !shown {
		if rec.State != cloud.StepDeleting && p.now().Sub(rec.StartedAt) < p.timing.Unseen {
			return Resource{}, false, notShownYet, nil
		}
		// Not in the list by tag, and not new: gone, or its tags were taken off.
		bare, err := p.byID(ctx, s.kind, rec.ResourceID)
		if err != nil {
			return Resource{}, false, "", err
		}
		if len(bare) == 1 && p.ours(bare[0]) && bare[0].live() {
			return bare[0], false, "", nil
		}
		if len(bare) == 1 && !p.ours(bare[0]) {
			return Resource{}, false, "", cloud.Errorf(cloud.ResourceFailed, "The %s %s no longer carries the tag %s=%s, and without it the role may not touch it. Put back that tag and Name=%s.", s.Title, rec.ResourceID, TagCloud, p.spec.CloudID, name)
		}
	}
	if len(named) > 1 {
		ids := make([]string, len(named))
		for i, r := range named {
			ids[i] = r.ID
		}
		return Resource{}, recorded, "", ambiguous(s.Title, name, ids)
	}
	if len(named) == 1 {
		return named[0], recorded, "", nil
	}
	return Resource{}, recorded, "", nil
}

// ensure is all of Ensure's fixed moves for a step that makes a resource:
// find, else create with tags in the call, and record the id before anything
// else happens. create returns the resource with at least its id.
func (p *Pass) ensure(ctx context.Context, s Step, create func(context.Context) (Resource, error)) (Resource, string, error) {
	r, lost, pending, err := p.find(ctx, s)
	if err != nil || pending != "" {
		return Resource{}, pending, err
	}
	if lost && r.ID == "" {
		// A client token that was used answers the resource that is gone.
		if err := p.record(ctx, s.Key(), func(rec *cloud.Step) { p.renew(rec, cloud.StepWaiting) }); err != nil {
			return Resource{}, "", err
		}
	}
	if r.ID == "" {
		if err := p.announceCreate(ctx); err != nil {
			return Resource{}, "", err
		}
		if r, err = create(ctx); err != nil {
			return Resource{}, "", err
		}
		r.kind, r.Tags = s.kind, map[string]string{TagName: s.tagName(p.stem()), TagCloud: p.spec.CloudID}
		p.add(r)
	}
	rec := p.step(s.Key())
	if rec.ResourceID == r.ID && rec.State != cloud.StepGone {
		return r, "", nil
	}
	err = p.record(ctx, s.Key(), func(rec *cloud.Step) {
		rec.ResourceID, rec.State, rec.Reason = r.ID, cloud.StepReady, ""
		rec.StartedAt, rec.EndedAt = p.now(), p.now()
		if r.State == "pending" && s.kind == natGatewayKind {
			rec.State, rec.Reason, rec.EndedAt = cloud.StepPending, natPending, time.Time{}
		}
	})
	return r, "", err
}

// renew forgets the resource of a step and makes the next one a new generation.
func (p *Pass) renew(rec *cloud.Step, state cloud.StepState) {
	rec.ResourceID, rec.State, rec.Generation = "", state, rec.Generation+1
	rec.StartedAt, rec.EndedAt = time.Time{}, time.Time{}
}

// exists is Ensure of a step that is good as soon as its resource is there.
func exists(create func(context.Context, *Pass, Step) (Resource, error)) func(context.Context, *Pass, Step) (string, error) {
	return func(ctx context.Context, p *Pass, s Step) (string, error) {
		_, pending, err := p.ensure(ctx, s, func(ctx context.Context) (Resource, error) { return create(ctx, p, s) })
		return pending, err
	}
}

// converged is Ensure of a property: look, and set it where it differs.
func converged(set func(context.Context, *Pass, Step, []Finding) error) func(context.Context, *Pass, Step) (string, error) {
	return func(ctx context.Context, p *Pass, s Step) (string, error) {
		found, err := s.Status(ctx, p, s)
		if err != nil {
			return "", err
		}
		for _, f := range found {
			switch f.Verdict {
			case Pending:
				return notShownYet, nil
			case Altered, Missing:
				return "", set(ctx, p, s, found)
			}
		}
		return "", nil
	}
}

// compared is Status: find the resource that carries s and compare. of is the
// step that made it.
func compared(of func(Step) Step, differences func(context.Context, *Pass, Step, Resource) ([]Finding, error)) func(context.Context, *Pass, Step) ([]Finding, error) {
	return func(ctx context.Context, p *Pass, s Step) ([]Finding, error) {
		owner := of(s)
		r, _, pending, err := p.find(ctx, owner)
		if err != nil {
			return nil, err
		}
		f := Finding{Key: s.Key(), Verdict: OK, ResourceID: p.id(owner.Key())}
		switch {
		case pending != "":
			f.Verdict = Pending
			return []Finding{f}, nil
		case r.ID == "":
			f.Verdict = Missing
			return []Finding{f}, nil
		}
		f.ResourceID = r.ID
		found, err := differences(ctx, p, s, r)
		if err != nil {
			return nil, err
		}
		if !s.property && r.Name() != s.tagName(p.stem()) {
			found = append(found, altered(TagName+" tag", s.tagName(p.stem()), r.Name()))
		}
		if len(found) == 0 {
			return []Finding{f}, nil
		}
		for i := range found {
			found[i].Key, found[i].ResourceID = s.Key(), r.ID
		}
		return found, nil
	}
}

func itself(s Step) Step { return s }

func nothingElse(context.Context, *Pass, Step, Resource) ([]Finding, error) { return nil, nil }

func altered(property string, want, got any) Finding {
	return Finding{Verdict: Altered, Property: property, Want: fmt.Sprint(want), Got: fmt.Sprint(got)}
}

// owner is the step that makes what a property hangs on. One per zone that is
// a property of something that is there once (the public table) has no zone.
func owner(step func() Step) func(Step) Step {
	return func(s Step) Step {
		o := step()
		if perZoneRow(o.Name) {
			o.Zone = s.Zone
		}
		return o
	}
}
