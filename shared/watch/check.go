package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
)

// Looker looks into customers' accounts.
type Looker interface {
	// Look says what is definitely wrong with an active or disconnected cloud's
	// role and network, changing nothing. An error says that it could not be
	// told: a call that was throttled or not answered is no trouble of the
	// customer's. session names the role session in the customer's CloudTrail.
	Look(ctx context.Context, c cloud.Cloud, session string) (Look, error)
}

// Look is what one look at an account came to.
type Look struct {
	// Defects without their Since, each once.
	Defects []cloud.Defect
	// Template is what the role told of its template; nil where it did not.
	Template *cloud.SeenTemplate
	// Unsettled says that AWS is still changing something: what shows no defect
	// is not proven good yet.
	Unsettled bool
}

// Checks is how the accounts of clouds that stand are looked at.
type Checks struct {
	Looker Looker
	// Every is the time between two looks at a cloud; they are spread over its
	// last tenth.
	Every time.Duration
	// Confirm is how long a defect has to last before it counts.
	Confirm time.Duration
	// Width is how many accounts are looked at at once. One account's region is
	// looked at by one at a time, because AWS throttles each by itself.
	Width int
}

const (
	// oneLook bounds a look: a dozen describes, each repeated a few times.
	oneLook = 25 * time.Second
	// suspicious clouds of a shard at once, and suspiciousPercent of what was
	// looked at of it, are taken for trouble of ours.
	suspicious        = 20
	suspiciousPercent = 5
)

type checked struct {
	cloud cloud.Cloud
	shard int
	look  Look
	err   error
}

// check looks at the clouds of every shard. What there is no time for stays due.
func (w *Watcher) check(ctx context.Context, shards [][]cloud.Cloud) error {
	type place struct{ account, region string }
	places := map[place][]*checked{}
	var all []*checked
	for shard, clouds := range shards {
		for _, c := range clouds {
			x := &checked{cloud: c, shard: shard}
			at := place{c.AccountID(), c.Region}
			places[at] = append(places[at], x)
			all = append(all, x)
		}
	}
	if len(all) == 0 {
		return nil
	}
	session := "byoc-watch-" + w.Now().UTC().Format("20060102T150405Z")
	var mu sync.Mutex
	var looked []*checked
	group := new(errgroup.Group)
	group.SetLimit(max(w.Checks.Width, 1))
	for _, list := range places {
		group.Go(func() error {
			for _, x := range list {
				if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && time.Until(deadline) < 2*oneLook {
					return nil
				}
				x.look, x.err = w.look(identified(ctx, x.cloud, session), x.cloud, session)
				mu.Lock()
				looked = append(looked, x)
				mu.Unlock()
			}
			return nil
		})
	}
	_ = group.Wait()
	if late := len(all) - len(looked); late > 0 {
		w.Log.WarnContext(ctx, "no time to look at every custom cloud that is due", "late", late)
	}
	ours := w.oursToMend(ctx, looked)
	decide := new(errgroup.Group)
	decide.SetLimit(max(w.Checks.Width, 1))
	failures := make([]error, len(looked))
	for i, x := range looked {
		decide.Go(func() error {
			ctx := identified(ctx, x.cloud, session)
			err := w.decide(ctx, x, ours[x.shard])
			if cloud.CodeOf(err) == cloud.Moved {
				return nil
			}
			if err != nil {
				w.Log.WarnContext(ctx, "recording what the watch saw", "error", err)
			}
			failures[i] = err
			return nil
		})
	}
	_ = decide.Wait()
	return errors.Join(failures...)
}

// look at one cloud. What breaks over it breaks over it alone.
func (w *Watcher) look(ctx context.Context, c cloud.Cloud, session string) (look Look, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.Log.ErrorContext(ctx, "looking at a custom cloud panicked", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = cloud.Errorf(cloud.Internal, "panic: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, oneLook)
	defer cancel()
	return w.Checks.Looker.Look(ctx, c, session)
}

// identified has every line about a cloud carry its ids.
func identified(ctx context.Context, c cloud.Cloud, session string) context.Context {
	return idlog.With(ctx, slog.String(idlog.Organization, c.OrganizationID), slog.String(idlog.Cloud, c.ID), slog.String(idlog.Execution, session))
}

// oursToMend are the shards of which so many clouds look broken at once that it
// is rather us who are. Those that are disconnected already broke earlier. The
// line carries a metric, for an alarm.
func (w *Watcher) oursToMend(ctx context.Context, looked []*checked) map[int]bool {
	total, broken := map[int]int{}, map[int]int{}
	for _, x := range looked {
		total[x.shard]++
		if x.err == nil && len(x.look.Defects) > 0 && x.cloud.State == cloud.Active {
			broken[x.shard]++
		}
	}
	ours := map[int]bool{}
	for shard, n := range broken {
		if n < suspicious || n*100 <= total[shard]*suspiciousPercent {
			continue
		}
		ours[shard] = true
		seen := []slog.Attr{slog.Int("shard", shard), slog.Int("broken", n), slog.Int("looked_at", total[shard])}
		w.Log.LogAttrs(ctx, slog.LevelError, "too many custom clouds look broken at once: none is disconnected",
			append(seen, w.Metrics.Trouble(n)...)...)
	}
	return ours
}

// decide acts on one look. Only a defect that lasted, and was seen by at least
// two looks, disconnects.
func (w *Watcher) decide(ctx context.Context, x *checked, ours bool) error {
	c, now := x.cloud, w.Now().UTC()
	if x.err != nil {
		w.Log.InfoContext(ctx, "a custom cloud could not be checked", "error", x.err)
		return w.Store.Postpone(ctx, c.Ref(), c.Fence(), now.Add(min(lookAgain, w.Checks.Every)))
	}
	if seen := x.look.Template; seen != nil && *seen != c.Template {
		if err := w.Store.RecordTemplate(ctx, c.Ref(), c.Fence(), *seen); err != nil {
			return err
		}
	}
	defects, lasting := merge(c.Network.Defects, x.look.Defects, now, w.Checks.Confirm)
	switch {
	case len(defects) == 0 && x.look.Unsettled:
		return w.Store.Postpone(ctx, c.Ref(), c.Fence(), now.Add(min(lookAgain, w.Checks.Every)))
	case len(defects) == 0 && c.State == cloud.Disconnected:
		w.Log.InfoContext(ctx, "a custom cloud's trouble is gone")
		return w.Clouds.Reconnect(ctx, c.Ref(), "watch")
	case len(defects) == 0 && len(c.Network.Defects) == 0:
		return w.Store.Postpone(ctx, c.Ref(), c.Fence(), w.next(now))
	case c.State == cloud.Disconnected && !ours && !c.Network.DriftTold && w.lasted(cloud.Drift(defects), now):
		if err := w.Clouds.FindDrift(ctx, c.Ref(), defects, "watch"); err != nil {
			return err
		}
		return w.Store.Postpone(ctx, c.Ref(), c.Fence(), w.next(now))
	case len(defects) == 0 || c.State == cloud.Disconnected:
		return w.Store.RecordDefects(ctx, c.Ref(), c.Fence(), defects, w.next(now))
	case lasting && !ours:
		w.Log.InfoContext(ctx, "a custom cloud is disconnected", "reason", defects[0].Message)
		return w.Clouds.Disconnect(ctx, c.Ref(), defects, "watch")
	}
	return w.Store.RecordDefects(ctx, c.Ref(), c.Fence(), defects, now.Add(w.Checks.Confirm))
}

// lasted says whether any of defects was seen long enough to count.
func (w *Watcher) lasted(defects []cloud.Defect, now time.Time) bool {
	return slices.ContainsFunc(defects, func(d cloud.Defect) bool { return now.Sub(d.Since) >= w.Checks.Confirm })
}

// merge gives what was seen now the time at which it was seen first, and says
// whether any of it has lasted. What lasted longest comes first.
func merge(before, seen []cloud.Defect, now time.Time, confirm time.Duration) (defects []cloud.Defect, lasting bool) {
	for _, d := range seen {
		d.Since = now
		if i := slices.IndexFunc(before, d.Same); i >= 0 {
			d.Since = before[i].Since
			lasting = lasting || now.Sub(d.Since) >= confirm
		}
		defects = append(defects, d)
	}
	slices.SortStableFunc(defects, func(a, b cloud.Defect) int { return a.Since.Compare(b.Since) })
	return defects, lasting
}

// next is when to look at a cloud again, spread so that clouds that became
// active at once do not stay together.
func (w *Watcher) next(now time.Time) time.Time {
	tenth := w.Checks.Every / 10
	return now.Add(w.Checks.Every - rand.N(tenth+1))
}
