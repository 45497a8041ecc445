package dynamo

import (
	"context"
	"errors"
	"slices"
	"time"

	"byoc/shared/cloud"
)

// Journal persists what one attempt of a run does, in one state. Every method
// is one conditional update of the network and answers Moved where the fence is
// another by now.
type Journal struct {
	table *Table
	ref   cloud.Ref
	fence cloud.Fence
}

// Journal of a run under its fence.
func (t *Table) Journal(ref cloud.Ref, f cloud.Fence) *Journal {
	return &Journal{table: t, ref: ref, fence: f}
}

// Record persists one step, whatever other steps do meanwhile, and adds one that
// ended to the history. That is a write of its own: in a transaction the steps
// that run at once would be in each other's way.
func (j *Journal) Record(ctx context.Context, s cloud.Step) error {
	err := j.write(ctx, newExpression().set(newStepItem(s), "steps", s.Key))
	if err != nil || s.EndedAt.IsZero() {
		return err
	}
	return j.table.appendStep(ctx, j.ref, s)
}

// CreateCalled says that a create call may be made from now on. What was swept
// before proves nothing any more.
func (j *Journal) CreateCalled(ctx context.Context) error {
	return j.write(ctx, newExpression().set(true, "create_called").
		set(0, "empty_sweeps").remove("last_empty_sweep"))
}

// Swept counts empty sweeps in a row; one that found something starts over.
// Recording the same sweep (by at) twice counts it once.
func (j *Journal) Swept(ctx context.Context, empty bool, at time.Time) error {
	if !empty {
		return j.write(ctx, newExpression().set(0, "empty_sweeps").remove("last_empty_sweep"))
	}
	// Counting is not repeatable by itself, and the SDK repeats a call whose
	// answer was lost.
	last := formatTime(at)
	e := fence(newExpression(), j.fence).add(1, "empty_sweeps").set(last, "last_empty_sweep")
	p := e.path("last_empty_sweep")
	e.where("attribute_not_exists(" + p + ") OR " + p + " < " + e.value(last))
	_, err := j.table.update(ctx, networkKey(j.ref.OrganizationID, j.ref.CloudID), e)
	failed := new(conditionFailed)
	if !errors.As(err, &failed) {
		return err
	}
	n := reader{item: failed.old}
	if found := readFence(&n); n.err == nil && found != j.fence {
		return moved(j.fence)
	}
	return classify(n.err, "reading the fence")
}

func (j *Journal) write(ctx context.Context, e *expression) error {
	return j.table.fenced(ctx, j.ref, j.fence, e)
}

// FixZones keeps the zones for good. Repeating it is harmless; Stale where
// other zones are fixed already. Moved.
func (t *Table) FixZones(ctx context.Context, ref cloud.Ref, f cloud.Fence, zones []cloud.Zone) error {
	e := fence(newExpression(), f).setOnce(newZoneItems(zones), "zones").answered()
	item, err := t.update(ctx, networkKey(ref.OrganizationID, ref.CloudID), e)
	if err != nil {
		return orMoved(err, f)
	}
	n := reader{item: item}
	if found := readZones(&n); n.err == nil && !slices.Equal(found, zones) {
		return cloud.Errorf(cloud.Stale, "The zones are fixed already. Read them and go on with those.")
	}
	return classify(n.err, "reading the zones")
}

// RecordFailure keeps the sentence that the customer reads when the run
// concludes. The first one of an attempt stays: what fails while rolling back
// is a consequence. Moved.
func (t *Table) RecordFailure(ctx context.Context, ref cloud.Ref, f cloud.Fence, message string) error {
	return t.fenced(ctx, ref, f, newExpression().setOnce(message, "failure"))
}

// RecordLeftovers replaces the list of what is left in the account. Moved.
func (t *Table) RecordLeftovers(ctx context.Context, ref cloud.Ref, f cloud.Fence, leftovers []cloud.Leftover) error {
	return t.fenced(ctx, ref, f, setList(newExpression(), newLeftoverItems(leftovers), "leftovers"))
}

// RecordTemplate keeps what the role told of its template. It belongs to the
// network's item, because a look at the role must not collide with an edit of
// the cloud. Moved.
func (t *Table) RecordTemplate(ctx context.Context, ref cloud.Ref, f cloud.Fence, seen cloud.SeenTemplate) error {
	return t.fenced(ctx, ref, f, newExpression().setTemplate(seen))
}

// RecordRules keeps the ingress rules that the workload group is brought to.
// Moved.
func (t *Table) RecordRules(ctx context.Context, ref cloud.Ref, f cloud.Fence, rules []cloud.IngressRule) error {
	return t.fenced(ctx, ref, f, setList(newExpression(), newIngressRuleItems(rules), "ingress_rules"))
}

func (e *expression) setTemplate(seen cloud.SeenTemplate) *expression {
	return e.setNumber(seen.Version, "applied_template").setString(seen.Edits, "template_edits")
}

// fenced changes the network while the fence holds. Moved.
func (t *Table) fenced(ctx context.Context, ref cloud.Ref, f cloud.Fence, e *expression) error {
	_, err := t.update(ctx, networkKey(ref.OrganizationID, ref.CloudID), fence(e, f))
	return orMoved(err, f)
}

func orMoved(err error, f cloud.Fence) error {
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return moved(f)
	}
	return err
}

func moved(f cloud.Fence) error {
	return cloud.Errorf(cloud.Moved, "The custom cloud is no longer %s in attempt %d.", f.State, f.Attempt)
}
