// Package watch does the work that is due: it publishes events that stayed
// unpublished, brings clouds whose run was lost to a true state, and looks
// whether clouds that stand still do.
package watch

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
	"byoc/shared/measure"
)

// Due is one piece of work: exactly one of Event and Cloud is set.
type Due struct {
	// Event is unpublished.
	Event *cloud.Event
	// Cloud has a run that ought to be over or under way, or has to be looked at.
	Cloud *cloud.Ref
	// Since is when it became due.
	Since time.Time
}

// Store is what is read and put off.
type Store interface {
	// Due lists work of one shard that is due at now, oldest first. It answers
	// what could be read beside the error of what could not, which it puts off.
	Due(ctx context.Context, shard int, now time.Time, limit int) ([]Due, error)
	Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error)
	MarkPublished(ctx context.Context, e cloud.Event) error
	// Postpone looks at a cloud again at until, under its fence. Moved.
	Postpone(ctx context.Context, ref cloud.Ref, fence cloud.Fence, until time.Time) error
	// PutOff makes a cloud that cannot be read due at until, unless it is due at
	// another time than since by now.
	PutOff(ctx context.Context, ref cloud.Ref, since, until time.Time) error
	// RecordLeftovers replaces the list of what is left in the account. Moved.
	RecordLeftovers(ctx context.Context, ref cloud.Ref, fence cloud.Fence, leftovers []cloud.Leftover) error
	// RecordDefects replaces what was seen of a cloud and looks again at until,
	// under its fence. Moved.
	RecordDefects(ctx context.Context, ref cloud.Ref, fence cloud.Fence, defects []cloud.Defect, until time.Time) error
	// RecordTemplate keeps what a role told of its template, under the fence. Moved.
	RecordTemplate(ctx context.Context, ref cloud.Ref, fence cloud.Fence, seen cloud.SeenTemplate) error
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
	Checks Checks
	// OnRecord lists what a cloud should still have in its account.
	OnRecord func(region string, n cloud.Network) []cloud.Leftover
	Shards   int
	Now      func() time.Time
	Log      *slog.Logger
	// Metrics that the lines carry.
	Metrics measure.Metrics
}

const (
	// lookAgain is how long a run that is under way is left alone.
	lookAgain = 2 * time.Minute
	// batch bounds one shard's share of an invocation. A sixteenth of 100,000
	// clouds has 220 due every two minutes; the rest catches up after an outage.
	batch = 420
)

// Part is which of the shards an invocation works through: those whose number
// leaves the rest Part when divided by Of. All of them where Of is zero.
type Part struct {
	Part int `json:"part"`
	Of   int `json:"of"`
}

func (p Part) has(shard int) bool { return p.Of == 0 || shard%p.Of == p.Part }

// Handle works through every shard of its part: events and lost runs of all of
// them before the accounts, which take longest. One item's failure does not stop
// the others: it stays due, and the next invocation takes it up again. What cannot
// be read at all stands behind the others from then on.
func (w *Watcher) Handle(ctx context.Context, part Part) error {
	shards := make([][]cloud.Cloud, w.Shards)
	failures := make([]error, w.Shards)
	var group errgroup.Group
	for shard := range w.Shards {
		if !part.has(shard) {
			continue
		}
		group.Go(func() error {
			shards[shard], failures[shard] = w.shard(ctx, shard)
			return nil
		})
	}
	_ = group.Wait()
	return errors.Join(append(failures, w.check(ctx, shards))...)
}

// shard does what is due of one shard, and answers the clouds to look at.
func (w *Watcher) shard(ctx context.Context, shard int) (standing []cloud.Cloud, failed error) {
	items, failed := w.Store.Due(ctx, shard, w.Now(), batch)
	if failed != nil {
		w.Log.ErrorContext(ctx, "reading what is due", "shard", shard, "error", failed)
	}
	now := w.Now()
	oldest := now
	for _, item := range items {
		if item.Since.Before(oldest) {
			oldest = item.Since
		}
	}
	found := []slog.Attr{slog.Int("shard", shard), slog.Int("items", len(items))}
	w.Log.LogAttrs(ctx, slog.LevelInfo, "due", append(found, w.Metrics.Due(now.Sub(oldest))...)...)
	for _, item := range items {
		c, err := w.handle(ctx, item)
		failed = errors.Join(failed, err)
		if c != nil {
			standing = append(standing, *c)
		}
	}
	return standing, failed
}

// handle answers the cloud where its account has to be looked at.
func (w *Watcher) handle(ctx context.Context, item Due) (*cloud.Cloud, error) {
	if e := item.Event; e != nil {
		return nil, w.publish(idlog.With(ctx, slog.String(idlog.Organization, e.OrganizationID), slog.String(idlog.Cloud, e.CloudID)), *e)
	}
	ctx = idlog.With(ctx, slog.String(idlog.Organization, item.Cloud.OrganizationID), slog.String(idlog.Cloud, item.Cloud.CloudID))
	c, err := w.Store.Find(ctx, item.Cloud.OrganizationID, item.Cloud.CloudID)
	switch {
	case err != nil:
		err = errors.Join(err, w.Store.PutOff(ctx, *item.Cloud, item.Since, w.Now().Add(lookAgain)))
	case c.State == cloud.Active && c.RulesPending():
		w.Log.InfoContext(ctx, "applying ingress rules that no run has applied")
		err = w.Clouds.ApplyRules(ctx, c.Ref(), "watch")
	case c.State.Watched():
		return &c, nil
	default:
		err = w.recover(ctx, c)
	}
	if cloud.CodeOf(err) == cloud.Moved {
		return nil, nil
	}
	if err != nil {
		w.Log.WarnContext(ctx, "recovering run", "error", err)
	}
	return nil, err
}

func (w *Watcher) publish(ctx context.Context, e cloud.Event) error {
	if err := w.Events.Publish(ctx, e); err != nil {
		w.Log.WarnContext(ctx, "publishing event", "event", e.ID, "error", err)
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
func (w *Watcher) recover(ctx context.Context, c cloud.Cloud) error {
	run, ok := c.Run()
	if !ok {
		return nil
	}
	ctx = idlog.With(ctx, slog.String(idlog.Execution, run.Name()))
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
		w.Log.InfoContext(ctx, "starting a run that was lost")
		if err := w.Runs.Start(ctx, run); err != nil {
			return err
		}
	case RunEnded:
		w.Log.WarnContext(ctx, "concluding a run that ended without a word")
		if c.Network.CreateCalled && run.Operation != cloud.OperationRepair {
			// Whoever died may not have come to say what is left.
			if err := w.Store.RecordLeftovers(ctx, c.Ref(), c.Fence(), w.OnRecord(c.Region, c.Network)); err != nil {
				return err
			}
		}
		return w.Clouds.Conclude(ctx, c.Ref(), cloud.OutcomeFailed, runLost, "watch")
	}
	return w.Store.Postpone(ctx, c.Ref(), c.Fence(), w.Now().Add(lookAgain))
}

const runLost = "The run was interrupted and could not be brought to its end. Try again; if it stays, contact support."
