package networkproof

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/infra/local"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// again lets a second run go over an active cloud, as a repair does.
func (l *lab) again(ctx context.Context) (execution string, err error) {
	if execution, err = l.reconnecting(ctx); err != nil {
		return "", err
	}
	if err := l.s.FireSchedule(watchSchedule); err != nil {
		return "", err
	}
	_, err = l.in(ctx, cloud.Active)
	return execution, err
}

// reconnecting makes a second run over an active cloud due, for the watch to start.
func (l *lab) reconnecting(ctx context.Context) (execution string, err error) {
	before, err := l.record(ctx)
	if err != nil {
		return "", err
	}
	after := before
	after.State, after.UpdatedAt = cloud.Reconnecting, time.Now().UTC()
	after.Attempt++
	if _, err := l.s.Table().Save(ctx, before, after, nil); err != nil {
		return "", err
	}
	run, _ := after.Run()
	return run.Name(), l.dueNow(ctx)
}

// watching fires the watch as often as its schedule does, one invocation for all
// clouds, until it is stopped.
func watching(ctx context.Context, t testing.TB, s *sandbox.Sandbox) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			if err := s.FireSchedule(watchSchedule); err != nil {
				t.Error(err)
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(awsTime(2 * time.Minute)):
			}
		}
	})
	return func() { cancel(); group.Wait() }
}

// callsOf a run in its customer's account, as AWS sees them, dry runs and
// refused ones included.
func callsOf(s *sandbox.Sandbox, execution string) []local.Call {
	return slices.DeleteFunc(s.Calls(), func(c local.Call) bool {
		return callerOf(c.RoleARN) != customerRole || !strings.HasSuffix(c.Principal, "/"+execution)
	})
}

// mutates says that the call changes, or asks to change, something.
func mutates(c local.Call) bool {
	return !c.DryRun && !strings.HasPrefix(c.Operation, "Describe") && !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List")
}

// TestManyCloudsAtOnce: all become active, none shares a resource, and a
// second run of each changes nothing.
func TestManyCloudsAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the whole system up")
	}
	t.Parallel()
	clouds, accounts, wait := 10, 5, 10*time.Minute
	if complete() {
		clouds, accounts, wait = 50, 10, 40*time.Minute
	}
	began := time.Now()
	s := start(t, nil)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), wait)
	defer cancel()
	ids := make([]string, accounts)
	for i := range ids {
		ids[i] = newAccount()
	}
	labs := make([]*lab, clouds)
	for i := range labs {
		var err error
		if labs[i], err = newLab(ctx, s, ids[i%accounts]); err != nil {
			t.Fatal(err)
		}
	}
	all := func(do func(*lab) error) {
		var group sync.WaitGroup
		for _, l := range labs {
			group.Go(func() {
				if err := do(l); err != nil {
					t.Errorf("cloud %s in account %s: %v", l.id, l.account.ID, err)
				}
			})
		}
		if group.Wait(); t.Failed() {
			t.FailNow()
		}
	}
	provisioning := time.Now()
	all(func(l *lab) error { _, err := l.active(ctx); return err })
	took := time.Since(provisioning)
	if err := nothingShared(ctx, labs); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	described, executions := 0, map[*lab]string{}
	all(func(l *lab) error {
		execution, err := l.reconnecting(ctx)
		mu.Lock()
		defer mu.Unlock()
		executions[l] = execution
		return err
	})
	stop := watching(ctx, t, s)
	all(func(l *lab) error { _, err := l.in(ctx, cloud.Active); return err })
	stop()
	all(func(l *lab) error {
		execution := executions[l]
		run, err := history(ctx, l, execution)
		if err != nil {
			return err
		}
		calls := run.calls(s, execution)
		if len(calls) == 0 || len(calls) > 12 {
			return fmt.Errorf("a second run made %d calls, want 1 to 12 describes", len(calls))
		}
		mu.Lock()
		described = max(described, len(calls))
		mu.Unlock()
		for _, c := range calls {
			if mutates(c) {
				return fmt.Errorf("a second run called %s", c.Operation)
			}
		}
		return nil
	})
	all(func(l *lab) error {
		if err := l.delete(ctx); err != nil {
			return err
		}
		_, err := l.in(ctx, cloud.Deleted)
		return err
	})
	for _, l := range labs {
		if err := l.empty(ctx); err != nil {
			t.Error(err)
		}
	}
	fmt.Printf("%d clouds at once in %d accounts: all active in %.0f s, no resource shared; a second run of each makes no mutating call and at most %d describes; %.0f s in all\n",
		clouds, accounts, took.Seconds(), described, time.Since(began).Seconds())
}

// nothingShared holds what is new in each account against the records of its
// clouds: each resource is on exactly one.
func nothingShared(ctx context.Context, labs []*lab) error {
	owner := map[string]string{}
	byAccount := map[string][]*lab{}
	for _, l := range labs {
		c, err := l.record(ctx)
		if err != nil {
			return err
		}
		for key, s := range c.Network.Steps {
			if s.ResourceID == "" {
				continue
			}
			if other := owner[s.ResourceID]; other != "" {
				return fmt.Errorf("%s is %s of cloud %s, and another's: %s", s.ResourceID, key, l.id, other)
			}
			owner[s.ResourceID] = l.id
		}
		byAccount[l.account.ID] = append(byAccount[l.account.ID], l)
	}
	found := 0
	for id, group := range byAccount {
		now, err := group[0].inventory(ctx)
		if err != nil {
			return err
		}
		var strays []string
		for _, resource := range made(group[0].before, now) {
			found++
			if owner[resource] == "" {
				strays = append(strays, resource)
			}
		}
		if len(strays) > 0 {
			return fmt.Errorf("account %s: on nobody's record: %v", id, strays)
		}
	}
	if found != len(owner) {
		return fmt.Errorf("%d resources on record, %d in the accounts: %v", len(owner), found, slices.Sorted(maps.Keys(owner)))
	}
	return nil
}
