package dynamo

import (
	"context"
	"errors"
	"time"

	"byoc/shared/cloud"
)

// TakeLease takes the lease of the fence's attempt for owner until until, anew
// where owner has it already. Where another owner holds it, held is when that
// lapses and nothing is taken; else held is zero. What was read of the network
// before the lease was taken may be old: read it after. Moved.
func (t *Table) TakeLease(ctx context.Context, ref cloud.Ref, f cloud.Fence, owner string, until time.Time) (held time.Time, err error) {
	e := fence(newExpression(), f).set(owner, "lease_owner").set(formatTime(until), "lease_until")
	holder := e.path("lease_owner")
	e.where("attribute_not_exists(" + holder + ") OR " + holder + " = " + e.value(owner) +
		" OR " + e.path("lease_until") + " <= " + e.value(formatTime(t.Now())))
	_, err = t.update(ctx, networkKey(ref.OrganizationID, ref.CloudID), e)
	failed := new(conditionFailed)
	if !errors.As(err, &failed) {
		return time.Time{}, err
	}
	n := reader{item: failed.old}
	if found := readFence(&n); n.err == nil && found != f {
		return time.Time{}, moved(f)
	}
	held = n.time("lease_until")
	return held, classify(n.err, "reading the lease")
}

// ReleaseLease gives owner's lease back, whatever attempt is on now. Harmless
// where owner has none.
func (t *Table) ReleaseLease(ctx context.Context, ref cloud.Ref, owner string) error {
	e := newExpression().remove("lease_owner").remove("lease_until").equal("lease_owner", owner)
	_, err := t.update(ctx, networkKey(ref.OrganizationID, ref.CloudID), e)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return nil
	}
	return err
}
