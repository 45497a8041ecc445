package run

import (
	"context"
	"log/slog"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/preflight"
	"byoc/shared/task"
)

// Accounts enters customers' accounts.
type Accounts interface {
	Validate(ctx context.Context, r customeraccount.Request) (*cloud.SeenTemplate, error)
	Preflight(ctx context.Context, r customeraccount.Request) ([]preflight.Check, error)
	Open(ctx context.Context, r customeraccount.Request) (*customeraccount.Session, error)
}

var _ Accounts = (*customeraccount.Assumer)(nil)

// CheckPasser takes a cloud on once its role is validated.
type CheckPasser interface {
	PassChecks(ctx context.Context, ref cloud.Ref, actor string) error
}

// Validator is the task that proves that the role can be trusted and used.
type Validator struct {
	Store    Store
	Accounts Accounts
	Records  customeraccount.Records
	Clouds   CheckPasser
	Log      *slog.Logger
}

// Handle makes the checks of a run, or answers them to whoever asked for them.
func (v *Validator) Handle(ctx context.Context, t preflight.Task) (*preflight.Answer, error) {
	if t.Answer {
		answer, err := v.answer(ctx, t)
		return &answer, err
	}
	return nil, v.validate(ctx, t.Input)
}

// answer makes the checks of a cloud in any state, within preflight.Budget. It
// changes nothing, in the table or in the account, but for the record of the
// calls that it makes.
func (v *Validator) answer(ctx context.Context, t preflight.Task) (preflight.Answer, error) {
	c, err := v.Store.Find(ctx, t.OrganizationID, t.CloudID)
	if err != nil {
		return preflight.Answer{}, err
	}
	if t.RoleARN != "" {
		c.RoleARN = t.RoleARN
	}
	recorder := customeraccount.NewRecorder(c.Ref(), v.Records)
	defer flush(ctx, v.Log, recorder)
	checking, cancel := context.WithTimeout(ctx, preflight.Budget)
	defer cancel()
	checks, err := v.Accounts.Preflight(checking, customeraccount.RequestFor(c, t.Execution, recorder))
	if cloud.CodeOf(err) == cloud.Unavailable {
		return preflight.NewAnswer(preflight.Unreached(nil, cloud.MessageOf(err))), nil
	}
	if err != nil {
		return preflight.Answer{}, err
	}
	return preflight.NewAnswer(checks), nil
}

// validate takes the cloud from validating to creating, unless a check failed.
// RoleNotAssumable may only mean that the role has not propagated yet: the
// state machine asks again for two minutes.
func (v *Validator) validate(ctx context.Context, t task.Input) error {
	c, fence, err := find(ctx, v.Store, t.Ref, cloud.Validating, cloud.Creating, cloud.Reconnecting)
	if err != nil {
		return err
	}
	recorder := customeraccount.NewRecorder(t.Ref, v.Records)
	defer flush(ctx, v.Log, recorder)
	seen, err := v.Accounts.Validate(ctx, customeraccount.RequestFor(c, t.Execution, recorder))
	if seen != nil && *seen != c.Template {
		if err := v.Store.RecordTemplate(ctx, t.Ref, fence, *seen); err != nil {
			return err
		}
	}
	if err != nil {
		return explain(ctx, v.Store, t.Ref, fence, err)
	}
	return v.Clouds.PassChecks(ctx, t.Ref, t.Execution)
}

// find reads the cloud of a task and the fence that the task works under.
// Moved where the attempt is over or the state is none of those.
func find(ctx context.Context, store Store, ref cloud.Ref, states ...cloud.State) (cloud.Cloud, cloud.Fence, error) {
	c, err := store.Find(ctx, ref.OrganizationID, ref.CloudID)
	if cloud.CodeOf(err) == cloud.NotFound {
		return cloud.Cloud{}, cloud.Fence{}, cloud.Wrap(err, cloud.Moved, "The custom cloud is gone.")
	}
	if err != nil {
		return cloud.Cloud{}, cloud.Fence{}, err
	}
	if c.Attempt == ref.Attempt {
		for _, s := range states {
			if c.State == s {
				return c, c.Fence(), nil
			}
		}
	}
	return cloud.Cloud{}, cloud.Fence{}, cloud.Errorf(cloud.Moved, "The custom cloud is %s at attempt %d.", c.State, c.Attempt)
}

// explain keeps the sentence that the customer reads once the run has
// concluded, and hands the error on. What may pass by itself is no reason yet,
// a refused role included: the state machine asks again, and the refusal that
// ends the run is in the error that it hands to the last state.
func explain(ctx context.Context, store Store, ref cloud.Ref, fence cloud.Fence, err error) error {
	switch cloud.CodeOf(err) {
	case cloud.Unavailable, cloud.Moved, cloud.Stale, cloud.Internal, cloud.RoleNotAssumable:
		return err
	}
	if recordErr := store.RecordFailure(ctx, ref, fence, cloud.MessageOf(err)); recordErr != nil {
		return recordErr
	}
	return err
}

func flush(ctx context.Context, log *slog.Logger, recorder *customeraccount.Recorder) {
	if err := recorder.Flush(ctx); err != nil {
		log.WarnContext(ctx, "recording the calls made in the customer's account", "error", err)
	}
}
