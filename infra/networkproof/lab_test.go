package networkproof

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"byoc/infra/customer"
	"byoc/infra/local/inventory"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// lab is one custom cloud with an account of its own, unless shared with others.
type lab struct {
	s       *sandbox.Sandbox
	api     *customer.Customer
	account customer.Account
	before  inventory.Inventory

	id   string
	name string
	role string
	// busy is how often the API was too busy for what it was asked.
	busy int
}

// newLab describes a cloud and applies its template in the account.
func newLab(ctx context.Context, s *sandbox.Sandbox, account string) (*lab, error) {
	l := &lab{s: s, api: customer.New(s.Runfile())}
	l.account = l.api.Account(account)
	draft, err := l.describe(ctx)
	if err != nil {
		return nil, fmt.Errorf("describing a cloud: %w", err)
	}
	l.id, l.name = draft.ID, draft.UniqueName
	template, err := l.api.Document(ctx, l.id, "cloudformation/template")
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	if l.role, err = l.account.ApplyCloudFormation(ctx, l.name, template); err != nil {
		return nil, fmt.Errorf("applying the template: %w", err)
	}
	l.before, err = l.inventory(ctx)
	return l, err
}

func (l *lab) describe(ctx context.Context) (customer.Cloud, error) {
	return l.api.Create(ctx, map[string]any{
		"cloud_provider": "aws", "cloud_region": sandbox.Region, "deployment_model": "standard",
		"display_name":  fmt.Sprintf("Proof %d", accounts.Add(1)),
		"reserved_cidr": "10.20.0.0/16",
		"contact_emails": []map[string]string{
			{"email": "ops@customer.example", "real_name": "Ops", "role": "SRE"},
		},
	})
}

// inventory of the account, read behind everything that could hide something.
func (l *lab) inventory(ctx context.Context) (inventory.Inventory, error) {
	all, err := inventory.Take(ctx, l.s.Emulator().Config(l.account.ID, sandbox.Region))
	all.Roles = nil
	return all, err
}

// record is the cloud as the table has it.
func (l *lab) record(ctx context.Context) (cloud.Cloud, error) {
	return l.s.Table().Find(ctx, l.s.Seed.Organization.ID, l.id)
}

func (l *lab) provision(ctx context.Context) error {
	return l.ask(ctx, func() error { _, err := l.api.Provision(ctx, l.id, l.role); return err })
}

func (l *lab) delete(ctx context.Context) error {
	return l.ask(ctx, func() error { _, err := l.api.Delete(ctx, l.id); return err })
}

// ask asks again where the API was too busy to take it, as clients do.
func (l *lab) ask(ctx context.Context, take func() error) error {
	before, err := l.record(ctx)
	for err == nil {
		err = take()
		var problem customer.Problem
		if !errors.As(err, &problem) || problem.Status != http.StatusServiceUnavailable {
			return err
		}
		l.busy++
		var now cloud.Cloud
		if now, err = l.record(ctx); now.Attempt > before.Attempt {
			return err
		}
	}
	return err
}

// execution is the name of the run that works on the cloud now.
func (l *lab) execution(ctx context.Context) (string, error) {
	c, err := l.record(ctx)
	if err != nil {
		return "", err
	}
	run, ok := c.Run()
	if !ok {
		return "", fmt.Errorf("no run works on a cloud that is %s", c.State)
	}
	return run.Name(), nil
}

// nextExecution is the name of the run that op starts.
func (l *lab) nextExecution(ctx context.Context, op cloud.Operation) (string, error) {
	c, err := l.record(ctx)
	if err != nil {
		return "", err
	}
	ref := c.Ref()
	ref.Attempt++
	return cloud.Run{Ref: ref, Operation: op}.Name(), nil
}

// settled waits until no run works on the cloud. One that makes no more
// progress gets what the watch would bring it, once its time has come.
func (l *lab) settled(ctx context.Context) (cloud.Cloud, error) {
	for {
		c, err := l.record(ctx)
		if err != nil {
			return c, err
		}
		if !c.State.Running() {
			return c, nil
		}
		select {
		case <-ctx.Done():
			return c, fmt.Errorf("cloud %s is still %s: %w", l.id, c.State, ctx.Err())
		case <-time.After(time.Second):
		}
	}
}

// in is settled, in one of these states.
func (l *lab) in(ctx context.Context, states ...cloud.State) (cloud.Cloud, error) {
	c, err := l.settled(ctx)
	if err == nil && !slices.Contains(states, c.State) {
		err = fmt.Errorf("the cloud is %s, want %v: %s", c.State, states, strings.Join(c.Errors, " "))
	}
	return c, err
}

// active provisions.
func (l *lab) active(ctx context.Context) (cloud.Cloud, error) {
	if err := l.provision(ctx); err != nil {
		return cloud.Cloud{}, err
	}
	return l.in(ctx, cloud.Active)
}

// gone deletes, and holds the account against what it was before.
func (l *lab) gone(ctx context.Context) error {
	if err := l.delete(ctx); err != nil {
		return err
	}
	if _, err := l.in(ctx, cloud.Deleted); err != nil {
		return err
	}
	return l.empty(ctx)
}

// empty holds the account against what it was before.
func (l *lab) empty(ctx context.Context) error {
	now, err := l.inventory(ctx)
	if err != nil {
		return err
	}
	if diff := inventory.Diff(l.before, now); len(diff) > 0 {
		return leak{diff}
	}
	return nil
}

// leak is what an account has more, or less, than it should.
type leak struct{ diff []string }

func (l leak) Error() string {
	return "the account is not as it was before:\n    " + strings.Join(l.diff, "\n    ")
}

// dueNow lets the time pass that the watch leaves a run alone.
func (l *lab) dueNow(ctx context.Context) error {
	c, err := l.record(ctx)
	if err != nil {
		return err
	}
	return l.s.Table().Postpone(ctx, c.Ref(), c.Fence(), time.Now())
}

// watched lets the watch look at the cloud now.
func (l *lab) watched(ctx context.Context) error {
	if err := l.dueNow(ctx); err != nil {
		return err
	}
	return l.s.FireSchedule(watchSchedule)
}

// watchSchedule fires the watch for all there is, with one part as it is here.
const watchSchedule = "byoc-watch-00-sandbox"
