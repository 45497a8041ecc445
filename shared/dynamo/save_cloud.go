package dynamo

import (
	"context"
	"slices"

	"byoc/shared/cloud"
)

// Save writes after over before and its events, on condition
// that the stored version is still before's; the version rises by one.
//
// Of the network it writes the fence and what before and after differ in, so
// that what a run recorded since the read survives; where the attempt rises,
// what is told of one attempt (failure, empty sweeps) becomes after's whatever
// was recorded. It never writes steps and the lease: they belong to runs, and
// the next run waits until the last one's lease has lapsed.
//
// Entering a running state makes the cloud due after StartGrace; entering one in
// which the watch looks at it, at once; any other, no more. A renamed cloud's old name is free, and so is a deleted cloud's.
// What it is told to keep is kept in the same transaction. *cloud.Repeated before
// all others, Stale where the condition fails, AlreadyExists where a new name is
// taken.
func (t *Table) Save(ctx context.Context, before, after cloud.Cloud, events []cloud.Event, kept ...cloud.Kept) (cloud.Cloud, error) {
	after.Version = before.Version + 1
	stale := refuse(cloud.Errorf(cloud.Stale, "The custom cloud was changed at the same time. Read it and try again."))

	x := t.transaction()
	x.keep(kept)
	unchanged := newExpression().equal("version", before.Version)
	if from, to := keyOfCloud(before), keyOfCloud(after); from == to {
		x.put(newCloudItem(after), unchanged, stale)
	} else {
		x.delete(from, unchanged, stale)
		x.put(newCloudItem(after), newExpression(), nil)
	}
	if change := networkChange(before, after); change != nil {
		fence(change, before.Fence())
		x.update(networkKey(after.OrganizationID, after.ID), change, stale)
	}
	switch {
	case after.State == cloud.Deleted && before.State != cloud.Deleted:
		x.freeName(before)
		x.count(after.OrganizationID, -1)
	case cloud.FoldName(before.DisplayName) != cloud.FoldName(after.DisplayName):
		x.takeName(after)
		x.freeName(before)
	}
	for _, e := range events {
		x.event(e)
	}
	if err := x.commit(ctx, "saving cloud "+after.ID); err != nil {
		return cloud.Cloud{}, err
	}
	return after, nil
}

// networkChange is the update that takes the network from before to after; nil
// where nothing of it changes.
func networkChange(before, after cloud.Cloud) *expression {
	e := newExpression()
	if before.Fence() != after.Fence() {
		e.set(string(after.State), "state").set(after.Attempt, "attempt")
		if at := dueFrom(after); !at.IsZero() {
			e.set(shardOf(after.ID), DueShard).set(formatTime(at), DueAt)
		} else {
			e.remove(DueShard).remove(DueAt)
		}
	}
	if after.State == cloud.Deleted {
		e.set(after.UpdatedAt.Add(keepDeleted).Unix(), TTLAttribute)
	}
	b, a, next := before.Network, after.Network, before.Attempt != after.Attempt
	if next || b.Failure != a.Failure {
		e.setString(a.Failure, "failure")
	}
	if next || b.EmptySweeps != a.EmptySweeps || !b.LastEmptySweep.Equal(a.LastEmptySweep) {
		e.set(a.EmptySweeps, "empty_sweeps").setString(formatTime(a.LastEmptySweep), "last_empty_sweep")
	}
	if !b.DisconnectedSince.Equal(a.DisconnectedSince) {
		e.setString(formatTime(a.DisconnectedSince), "disconnected_since")
	}
	if b.DriftTold != a.DriftTold {
		e.set(a.DriftTold, "drift_told")
	}
	if b.CreateCalled != a.CreateCalled {
		e.set(a.CreateCalled, "create_called")
	}
	if !slices.Equal(b.Defects, a.Defects) {
		setList(e, newDefectItems(a.Defects), "defects")
	}
	if !slices.Equal(b.Leftovers, a.Leftovers) {
		setList(e, newLeftoverItems(a.Leftovers), "leftovers")
	}
	if before.Template != after.Template {
		e.setTemplate(after.Template)
	}
	if !slices.Equal(b.Zones, a.Zones) {
		setList(e, newZoneItems(a.Zones), "zones")
	}
	if e.update() == nil {
		return nil
	}
	return e
}

// fence lets the write through only in this state of this attempt.
func fence(e *expression, f cloud.Fence) *expression {
	return e.equal("state", string(f.State)).equal("attempt", f.Attempt)
}
