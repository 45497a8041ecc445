package dynamo

import (
	"context"
	"errors"
	"time"

	"byoc/shared/cloud"
)

// keepDeleted is how long a deleted cloud still answers.
const keepDeleted = 30 * 24 * time.Hour

// Find reads one cloud with its network, a deleted one for 30 days. It is one
// call for the items that may exist. They are read each by itself, not at one
// moment (TransactGetItems would be, at twice the price, and is refused while a
// step is being persisted): where they do not belong together, a write came in
// between, and they are read again. NotFound.
func (t *Table) Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error) {
	for i := 1; ; i++ {
		c, whole, err := t.find(ctx, organizationID, id)
		if err != nil || whole {
			return c, err
		}
		if i == tries {
			return cloud.Cloud{}, cloud.Errorf(cloud.Unavailable, "The custom cloud is changing. Try again in a second.")
		}
		if i > 1 && pause(ctx, i) != nil {
			return cloud.Cloud{}, classify(ctx.Err(), "reading cloud "+id)
		}
	}
}

// find is one read; whole is false where a write came in between.
func (t *Table) find(ctx context.Context, organizationID, id string) (c cloud.Cloud, whole bool, err error) {
	live, deleted, network := cloudKey(organizationID, id), deletedKey(organizationID, id), networkKey(organizationID, id)
	items, err := t.getAll(ctx, live, deleted, network)
	if err != nil {
		return cloud.Cloud{}, false, err
	}
	item, ok := items[deleted]
	if !ok {
		item, ok = items[live]
	}
	if !ok && items[network] == nil {
		return cloud.Cloud{}, false, noCloud()
	}
	if !ok || items[network] == nil {
		return cloud.Cloud{}, false, nil
	}
	cr, nr := reader{item: item}, reader{item: items[network]}
	c = readCloud(&cr)
	c.Network, c.Template = readNetwork(&nr), readTemplate(&nr)
	fence := readFence(&nr)
	if err := errors.Join(cr.err, nr.err); err != nil {
		return cloud.Cloud{}, false, classify(err, "reading cloud "+id)
	}
	if c.State == cloud.Deleted && !t.Now().Before(c.UpdatedAt.Add(keepDeleted)) {
		return cloud.Cloud{}, false, noCloud()
	}
	return c, fence == c.Fence(), nil
}

func noCloud() error { return cloud.Errorf(cloud.NotFound, "There is no such custom cloud.") }
