package run_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/preflight"
	"byoc/shared/run"
	"byoc/shared/task"
)

// table is what a task sees of the table: one cloud, and what it recorded.
type table struct {
	run.Store
	cloud    cloud.Cloud
	failures []string
	passed   int
	seen     []cloud.SeenTemplate
}

func (s *table) Find(context.Context, string, string) (cloud.Cloud, error) { return s.cloud, nil }

func (s *table) RecordFailure(_ context.Context, _ cloud.Ref, _ cloud.Fence, message string) error {
	s.failures = append(s.failures, message)
	return nil
}

func (s *table) RecordTemplate(_ context.Context, _ cloud.Ref, _ cloud.Fence, seen cloud.SeenTemplate) error {
	s.seen = append(s.seen, seen)
	s.cloud.Template = seen
	return nil
}

func (s *table) AppendCalls(context.Context, cloud.Ref, []cloud.Call) error { return nil }

func (s *table) PassChecks(context.Context, cloud.Ref, string) error {
	s.passed++
	return nil
}

// account answers validation with one error after the other.
type account struct {
	run.Accounts
	answers []error
	role    string
	seen    *cloud.SeenTemplate
}

func (a *account) Validate(context.Context, customeraccount.Request) (*cloud.SeenTemplate, error) {
	err := a.answers[0]
	a.answers = a.answers[1:]
	return a.seen, err
}

// Preflight answers one warning, or the next error.
func (a *account) Preflight(_ context.Context, r customeraccount.Request) ([]preflight.Check, error) {
	a.role = r.RoleARN
	if err := a.answers[0]; err != nil {
		return nil, err
	}
	return []preflight.Check{{Name: preflight.Role, Verdict: preflight.Warning}}, nil
}

func validator(state cloud.State, answers ...error) (*run.Validator, *table, preflight.Task) {
	s := &table{cloud: cloud.Cloud{ID: "c", OrganizationID: "o", State: state, Attempt: 2}}
	v := &run.Validator{Store: s, Accounts: &account{answers: answers}, Records: s, Clouds: s, Log: slog.New(slog.DiscardHandler)}
	return v, s, preflight.Task{Input: task.Input{Ref: cloud.Ref{OrganizationID: "o", CloudID: "c", Attempt: 2}, Execution: "run"}}
}

func TestARefusalThatPassesIsNoReason(t *testing.T) {
	denied := cloud.Errorf(cloud.Denied, "The role may not create NAT gateways.")
	v, s, in := validator(cloud.Validating, cloud.Errorf(cloud.RoleNotAssumable, "AWS refuses."), nil, denied)
	for _, want := range []cloud.Code{cloud.RoleNotAssumable, "", cloud.Denied} {
		if _, err := v.Handle(t.Context(), in); cloud.CodeOf(err) != want {
			t.Fatalf("%v, want %s", err, want)
		}
	}
	if s.passed != 1 || !slices.Equal(s.failures, []string{denied.Message}) {
		t.Errorf("passed %d times, recorded %q", s.passed, s.failures)
	}
}

// What the role told of its template is kept whether or not it passed, once, and
// a role that told nothing changes nothing.
func TestTheTemplateOfTheRoleIsRecorded(t *testing.T) {
	denied := cloud.Errorf(cloud.Denied, "The role may not create NAT gateways.")
	edited, whole := cloud.SeenTemplate{Version: 1, Edits: "it lacks ec2:CreateNatGateway."}, cloud.SeenTemplate{Version: 1}
	v, s, in := validator(cloud.Validating, denied, denied, nil, nil)
	a := v.Accounts.(*account)
	for _, told := range []*cloud.SeenTemplate{&edited, &edited, nil, &whole} {
		a.seen = told
		_, _ = v.Handle(t.Context(), in)
	}
	if !slices.Equal(s.seen, []cloud.SeenTemplate{edited, whole}) {
		t.Errorf("recorded %+v", s.seen)
	}
}

func TestWhatMayPassByItselfIsNeverRecorded(t *testing.T) {
	for _, err := range []error{
		cloud.Errorf(cloud.Unavailable, "throttled"), cloud.Errorf(cloud.Moved, "moved"), errors.New("a defect"),
	} {
		v, s, in := validator(cloud.Validating, err)
		if _, got := v.Handle(t.Context(), in); got == nil || len(s.failures) > 0 {
			t.Errorf("%v: %v, recorded %q", err, got, s.failures)
		}
	}
}

func TestARunWhoseFenceMovedAsksNobody(t *testing.T) {
	for _, state := range []cloud.State{cloud.Deleting, cloud.Active, cloud.CreationFailed} {
		v, _, in := validator(state)
		if _, err := v.Handle(t.Context(), in); cloud.CodeOf(err) != cloud.Moved {
			t.Errorf("%s: %v", state, err)
		}
	}
	v, _, in := validator(cloud.Validating)
	in.Attempt = 1
	if _, err := v.Handle(t.Context(), in); cloud.CodeOf(err) != cloud.Moved {
		t.Errorf("older attempt: %v", err)
	}
}

func TestANetworkTaskWaitsForAnotherInvocationsLease(t *testing.T) {
	s := &leased{table: table{cloud: cloud.Cloud{ID: "c", OrganizationID: "o", State: cloud.Deleting, Attempt: 2, Network: cloud.Network{CreateCalled: true}}}}
	now := time.Now()
	s.until = now.Add(90 * time.Second)
	n := &run.Networker{Store: s, Accounts: &account{}, Records: s, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	answer, err := n.Handle(ctx, run.NetworkTask{Input: task.Input{Ref: cloud.Ref{OrganizationID: "o", CloudID: "c", Attempt: 2}}, Operation: run.Delete}, "me")
	if err != nil || answer.Done || answer.WaitSeconds != 90 {
		t.Errorf("%+v, %v", answer, err)
	}
}

type leased struct {
	table
	until time.Time
}

func (s *leased) TakeLease(context.Context, cloud.Ref, cloud.Fence, string, time.Time) (time.Time, error) {
	return s.until, nil
}

// An answer is made in any state and moves nothing; without one from AWS every
// check is could_not_check.
func TestAnAnswerChangesNothing(t *testing.T) {
	for want, answer := range map[preflight.Verdict]error{
		preflight.Warning:       nil,
		preflight.CouldNotCheck: cloud.Errorf(cloud.Unavailable, "AWS did not answer."),
	} {
		v, s, in := validator(cloud.Draft, answer)
		in.Answer, in.RoleARN = true, "arn:aws:iam::222222222222:role/x"
		got, err := v.Handle(t.Context(), in)
		if err != nil || got.Verdict != want || s.passed != 0 || len(s.failures) != 0 {
			t.Errorf("%v %+v %+v", err, got, s)
		}
		if role := v.Accounts.(*account).role; role != in.RoleARN {
			t.Errorf("checked %q", role)
		}
	}
	v, _, in := validator(cloud.Draft, errors.New("a defect"))
	in.Answer = true
	if _, err := v.Handle(t.Context(), in); cloud.CodeOf(err) != cloud.Internal {
		t.Error(err)
	}
}
