// Package watch does the work that is due: it publishes events that stayed
// unpublished, and brings clouds whose run was lost to a true state.
package watch

import (
	"context"
	"log/slog"
	"time"

	"byoc/shared/cloud"
)

// Due is one piece of work: exactly one of Event and Cloud is set.
type Due struct {
	// Event is unpublished.
	Event *cloud.Event
	// Cloud has a run that ought to be over or under way.
	Cloud *cloud.Ref
}

// Store is what is read and put off.
type Store interface {
	// Due lists work of one shard that is due at now, oldest first.
	Due(ctx context.Context, shard int, now time.Time, limit int) ([]Due, error)
	Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error)
	MarkPublished(ctx context.Context, e cloud.Event) error
	// Postpone looks at a cloud again at until, under its fence. Moved.
	Postpone(ctx context.Context, ref cloud.Ref, fence cloud.Fence, until time.Time) error
}

// RunStatus is how a run stands.
type RunStatus string

const (
	RunAbsent  RunStatus = "absent"
	RunRunning RunStatus = "running"
	RunEnded   RunStatus = "ended"
)

// Runs starts runs and tells how they stand.
type Runs interface {
	cloud.Runs
	Status(ctx context.Context, run cloud.Run) (RunStatus, error)
}

// Watcher works through what is due.
type Watcher struct {
	Store  Store
	Runs   Runs
	Events cloud.Publisher
	Clouds *cloud.Clouds
	Shards int
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	// lookAgain is how long a run that is under way is left alone.
	lookAgain = 2 * time.Minute
	// batch bounds one shard's share of an invocation.
	batch = 200
)

// Handle works through every shard. One item's failure does not stop the
// others: it stays due, and the next invocation takes it up again.
func (w *Watcher) Handle(ctx context.Context) error {
	var failed error
	for shard := range w.Shards {
		items, err := w.Store.Due(ctx, shard, w.Now(), batch)
		if err != nil {
			failed = err
			continue
		}
		for _, item := range items {
			if err := w.handle(ctx, item); err != nil {
				failed = err
			}
		}
	}
	return failed
}

func (w *Watcher) handle(ctx context.Context, item Due) error {
	switch {
	case item.Event != nil:
		return w.publish(ctx, *item.Event)
	case item.Cloud != nil:
		err := w.recover(ctx, *item.Cloud)
		if cloud.CodeOf(err) == cloud.Moved {
			return nil
		}
		if err != nil {
			w.Log.WarnContext(ctx, "recovering run", "cloud", item.Cloud.CloudID, "error", err)
		}
		return err
	}
	return nil
}

func (w *Watcher) publish(ctx context.Context, e cloud.Event) error {
	if err := w.Events.Publish(ctx, e); err != nil {
		w.Log.WarnContext(ctx, "publishing event", "event", e.ID, "cloud", e.CloudID, "error", err)
		return err
	}
	return w.Store.MarkPublished(ctx, e)
}

// recover brings a cloud whose run may be lost to a true state: a run that
// never started is started under the same name; one that ended without
// concluding (aborted, timed out) is followed by a tear-down as an execution of
// its own: the rollback of a provision, or the rest of a deletion. Only that one
// knows what the account holds. Where it ended without a word too, the cloud is
// concluded as it stands; a repair is at once, since it removes nothing.
func (w *Watcher) recover(ctx context.Context, ref cloud.Ref) error {
	c, err := w.Store.Find(ctx, ref.OrganizationID, ref.CloudID)
	if err != nil {
		return err
	}
	run, ok := c.Run()
	if !ok {
		return nil
	}
	status, err := w.Runs.Status(ctx, run)
	if err != nil {
		return err
	}
	if status == RunEnded && run.Operation != cloud.OperationRepair {
		run.Operation = cloud.OperationRollback
		if status, err = w.Runs.Status(ctx, run); err != nil {
			return err
		}
	}
	switch status {
	case RunAbsent:
		w.Log.InfoContext(ctx, "starting a run that was lost", "cloud", c.ID, "execution", run.Name())
		if err := w.Runs.Start(ctx, run); err != nil {
			return err
		}
	case RunEnded:
		w.Log.WarnContext(ctx, "concluding a run that ended without a word", "cloud", c.ID, "execution", run.Name())
		return w.Clouds.Conclude(ctx, c.Ref(), cloud.OutcomeFailed, runLost, "watch")
	}
	return w.Store.Postpone(ctx, c.Ref(), c.Fence(), w.Now().Add(lookAgain))
}

const runLost = "The run was interrupted and could not be brought to its end. Try again; if it stays, contact support."
