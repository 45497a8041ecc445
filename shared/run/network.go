package run

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/network"
)

// Networker is the task that works on the network in the customer's account.
type Networker struct {
	Store    Store
	Accounts Accounts
	Records  customeraccount.Records
	// Journal persists the steps of one fence.
	Journal  func(ref cloud.Ref, fence cloud.Fence) network.Journal
	Settings Settings
	Now      func() time.Time
	Log      *slog.Logger
}

const (
	// workReserve is left of an invocation's time when work stops: what was
	// just done has to go on record still, and a function that runs into its
	// timeout says nothing and keeps its lease.
	workReserve = 10 * time.Second
	// leaseReserve is for giving the lease back.
	leaseReserve = 2 * time.Second
)

// Handle goes through the step table as far as AWS lets it, and says whether
// it is done. It waits for nothing: what is pending is the state machine's to
// wait for. owner names this invocation.
func (n *Networker) Handle(ctx context.Context, t NetworkTask, owner string) (NetworkAnswer, error) {
	c, fence, err := find(ctx, n.Store, t.Ref, states(t.Operation)...)
	if err != nil {
		return NetworkAnswer{}, err
	}
	if t.Operation == Rollback && c.State == cloud.Reconnecting {
		return NetworkAnswer{Done: true}, nil
	}
	if t.Operation != Ensure && !c.Network.CreateCalled && !c.Network.Lease.Held(owner, n.Now()) {
		return NetworkAnswer{Done: true}, nil
	}
	deadline, ok := ctx.Deadline()
	if !ok {
		return NetworkAnswer{}, cloud.Errorf(cloud.Internal, "an invocation without a deadline")
	}
	held, err := n.Store.TakeLease(ctx, t.Ref, fence, owner, deadline)
	if err != nil {
		return NetworkAnswer{}, err
	}
	if !held.IsZero() {
		return NetworkAnswer{WaitSeconds: seconds(held.Sub(n.Now()))}, nil
	}
	defer n.release(ctx, t.Ref, owner)
	workCtx, cancel := context.WithDeadline(ctx, deadline.Add(-workReserve))
	defer cancel()

	// What an older run recorded after the first read counts, now that its
	// lease is over.
	if c, fence, err = find(ctx, n.Store, t.Ref, states(t.Operation)...); err != nil {
		return NetworkAnswer{}, err
	}
	recorder := customeraccount.NewRecorder(t.Ref, n.Records)
	defer flush(ctx, n.Log, recorder)
	session, err := n.Accounts.Open(workCtx, customeraccount.RequestFor(c, t.Execution, recorder))
	if err != nil {
		return NetworkAnswer{}, n.explain(ctx, t, c, fence, nil, err)
	}
	engine, outcome, err := n.work(workCtx, t, c, fence, session)
	if err != nil {
		return NetworkAnswer{}, n.explain(ctx, t, c, fence, outcome.Leftovers, err)
	}
	if err := n.leftovers(ctx, t, c, fence, outcome.Leftovers); err != nil {
		return NetworkAnswer{}, err
	}
	for _, p := range outcome.Pending {
		n.Log.InfoContext(ctx, "pending", "step", p.Key, "reason", p.Reason)
	}
	if !outcome.Done && len(outcome.Pending) == 0 {
		return n.stuck(ctx, workCtx, t, fence, engine, outcome.Leftovers)
	}
	return NetworkAnswer{Done: outcome.Done, WaitSeconds: seconds(outcome.Wait)}, nil
}

// stuck is the end of a tear-down that left something which we cannot remove.
// For a rollback that is the end too: the leftovers are listed. Of a deletion the
// customer learns all at once that is denied.
func (n *Networker) stuck(ctx, workCtx context.Context, t NetworkTask, fence cloud.Fence, engine *network.Engine, left []cloud.Leftover) (NetworkAnswer, error) {
	if t.Operation == Rollback || len(left) == 0 {
		return NetworkAnswer{Done: true}, nil
	}
	err := cloud.Errorf(cloud.Denied, "The %s %s could not be removed: %s", left[0].Kind, left[0].ID, left[0].Reason)
	return NetworkAnswer{}, explain(ctx, n.Store, t.Ref, fence, engine.WithDeniedRemovals(workCtx, err))
}

func states(op NetworkOperation) []cloud.State {
	switch op {
	case Ensure:
		return []cloud.State{cloud.Creating, cloud.Reconnecting}
	case Rollback:
		return []cloud.State{cloud.Validating, cloud.Creating, cloud.Reconnecting}
	case Delete:
		// The watch uses the deleting machine to roll a dead run back.
		return []cloud.State{cloud.Deleting, cloud.Validating, cloud.Creating}
	}
	return nil
}

func (n *Networker) work(ctx context.Context, t NetworkTask, c cloud.Cloud, fence cloud.Fence, session *customeraccount.Session) (*network.Engine, network.Outcome, error) {
	block, err := netip.ParsePrefix(c.CIDR)
	if err != nil {
		return nil, network.Outcome{}, cloud.Wrap(err, cloud.Internal, "the stored range of cloud %s", c.ID)
	}
	if t.Operation == Ensure && len(c.Network.Zones) == 0 {
		zones, err := network.SelectZones(ctx, session.EC2, block, 0)
		if err != nil {
			return nil, network.Outcome{}, err
		}
		if err := n.Store.FixZones(ctx, t.Ref, fence, zones); err != nil {
			return nil, network.Outcome{}, err
		}
		c.Network.Zones = zones
	}
	engine := network.New(session.EC2, n.Journal(t.Ref, fence), network.Spec{
		CloudID:      c.ID,
		Region:       c.Region,
		AccountID:    c.AccountID(),
		CIDR:         block,
		Zones:        c.Network.Zones,
		NATGateways:  c.NATGateways,
		Management:   n.Settings.Management,
		IngressRules: c.IngressRules,
		Timing:       n.Settings.Timing,
	}, c.Network, n.Now)
	if t.Operation == Ensure && c.RulesPending() {
		if err := engine.RulesChanged(ctx); err != nil {
			return nil, network.Outcome{}, err
		}
		// On record before they are applied: what fails is no longer pending, but
		// wrong, and what changes from here on is pending again.
		if err := n.Store.RecordRules(ctx, t.Ref, fence, c.IngressRules); err != nil {
			return nil, network.Outcome{}, err
		}
	}
	if t.Operation == Ensure {
		outcome, err := engine.Ensure(ctx)
		return engine, outcome, engine.WithDenials(ctx, err)
	}
	outcome, err := engine.Delete(ctx)
	return engine, outcome, err
}

// leftovers keeps on record what could not be removed.
func (n *Networker) leftovers(ctx context.Context, t NetworkTask, c cloud.Cloud, fence cloud.Fence, list []cloud.Leftover) error {
	if slices.Equal(list, c.Network.Leftovers) {
		return nil
	}
	return n.Store.RecordLeftovers(ctx, t.Ref, fence, list)
}

// explain keeps the reason of a failed run, and of a tear-down what should be
// left: it may have been the last try, and then the customer has to know. A
// rollback has its reason already: why it became necessary. What was seen and is
// not on record is left too.
func (n *Networker) explain(ctx context.Context, t NetworkTask, c cloud.Cloud, fence cloud.Fence, seen []cloud.Leftover, err error) error {
	if t.Operation != Ensure && cloud.CodeOf(err) != cloud.Moved {
		now, _, findErr := find(ctx, n.Store, t.Ref, states(t.Operation)...)
		if findErr != nil {
			return findErr
		}
		known := now.Network
		for _, l := range seen {
			if !slices.ContainsFunc(known.Leftovers, func(k cloud.Leftover) bool { return k.ID == l.ID }) {
				known.Leftovers = append(slices.Clip(known.Leftovers), l)
			}
		}
		if err := n.leftovers(ctx, t, now, fence, network.OnRecord(c.Region, known)); err != nil {
			return err
		}
	}
	if t.Operation == Rollback && c.Network.Failure != "" {
		return err
	}
	return explain(ctx, n.Store, t.Ref, fence, err)
}

func (n *Networker) release(ctx context.Context, ref cloud.Ref, owner string) {
	// The work's context may have ended; the lease is given back all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseReserve)
	defer cancel()
	if err := n.Store.ReleaseLease(ctx, ref, owner); err != nil {
		n.Log.WarnContext(ctx, "releasing lease", "error", err)
	}
}

// seconds rounds up: a state machine waits in whole seconds.
func seconds(d time.Duration) int {
	if d <= 0 {
		return 0
	}
	return int((d + time.Second - 1) / time.Second)
}
