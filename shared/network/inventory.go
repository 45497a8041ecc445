package network

import (
	"context"
	"slices"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// inventory is what one pass knows of the account: one describe per kind, made
// when first asked for, filtered by this cloud's id.
type inventory struct {
	listings map[*kind]*listing
}

type listing struct {
	mu sync.Mutex
	// described: items come from AWS; assumed: nothing can exist, because the
	// VPC was made in this pass.
	described bool
	assumed   bool
	// made counts what this pass created since.
	made  int
	items []Resource
}

func newInventory() *inventory {
	inv := &inventory{listings: map[*kind]*listing{}}
	for _, k := range kinds() {
		inv.listings[k] = &listing{}
	}
	return inv
}

// list is what exists of a kind with this cloud's id on it. Filters of the
// call are not relied on: what does not carry the tag is not ours.
func (p *Pass) list(ctx context.Context, k *kind) ([]Resource, error) {
	l := p.inventory.listings[k]
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.described && !l.assumed {
		found, err := k.describe(ctx, p.client, filter("tag:"+TagCloud, p.spec.CloudID))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			r.kind = k
			if p.ours(r) && !slices.ContainsFunc(l.items, func(m Resource) bool { return m.ID == r.ID }) {
				l.items = append(l.items, r)
			}
		}
		l.described = true
	}
	return slices.Clone(l.items), nil
}

// ours says whether r carries this cloud's id.
func (p *Pass) ours(r Resource) bool {
	return p.spec.CloudID != "" && r.Tags[TagCloud] == p.spec.CloudID
}

// byID describes resources whatever tags they carry. Ids that AWS does not
// know are left out.
func (p *Pass) byID(ctx context.Context, k *kind, ids ...string) ([]Resource, error) {
	found, err := k.describe(ctx, p.client, filter(k.idFilter, ids...))
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].kind = k
	}
	return slices.DeleteFunc(found, func(r Resource) bool { return !slices.Contains(ids, r.ID) || r.gone() }), nil
}

// add notes what this pass made: the describes may not show it yet.
func (p *Pass) add(r Resource) {
	l := p.inventory.listings[r.kind]
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = append(l.items, r)
	l.made++
	if r.kind != vpcKind {
		return
	}
	// Nothing can lie in a VPC that is this new: no need to look. The sweep
	// does look.
	for k, other := range p.inventory.listings {
		if k.inVPC {
			other.mu.Lock()
			other.assumed = true
			other.mu.Unlock()
		}
	}
}

// stale drops what the sweep may not rely on: kinds that were not described,
// or of which this pass has made something since.
func (p *Pass) stale() {
	for k, l := range p.inventory.listings {
		l.mu.Lock()
		if !l.described || l.made > 0 {
			p.inventory.listings[k] = &listing{}
		}
		l.mu.Unlock()
	}
}

// everything lists all kinds at once, without what is gone already. With an error
// it is what the other kinds show.
func (p *Pass) everything(ctx context.Context) ([]Resource, error) {
	ks := kinds()
	found, errs := make([][]Resource, len(ks)), make([]error, len(ks))
	walk(width, make([][]int, len(ks)), func(i int) bool {
		found[i], errs[i] = p.list(ctx, ks[i])
		return true
	})
	all := slices.Concat(found...)
	return slices.DeleteFunc(all, Resource.gone), worst(errs)
}

// pages collects all pages of a describe.
func pages[T any](ctx context.Context, action string, more func() bool, next func(context.Context) ([]T, error)) ([]T, error) {
	var all []T
	for more() {
		page, err := next(ctx)
		if err != nil {
			return nil, Classify(err, action)
		}
		all = append(all, page...)
	}
	return all, nil
}

func filters(f []types.Filter) []types.Filter {
	// Without a filter a describe shows the whole account; that is never meant.
	if len(f) == 0 {
		panic("network: describe without a filter")
	}
	return f
}
