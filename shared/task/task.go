// Package task is what the state machines hand to their tasks, and the task
// that writes the last state of a run. It links nothing that reaches into a
// customer's account.
package task

import (
	"context"
	"encoding/json"
	"log/slog"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
)

// Input is what every task gets.
type Input struct {
	cloud.Ref
	// Execution is the name of the execution: the session name in the
	// customer's account, and the actor in the history.
	Execution string `json:"execution"`
}

// IDs for the log.
func (i Input) IDs() []slog.Attr {
	return []slog.Attr{
		slog.String(idlog.Organization, i.OrganizationID), slog.String(idlog.Cloud, i.CloudID),
		slog.Int("attempt", i.Attempt), slog.String(idlog.Execution, i.Execution),
	}
}

// TransitionInput is the input of the transition function.
type TransitionInput struct {
	Input
	Outcome cloud.Outcome `json:"outcome"`
	Failure *Failure      `json:"failure,omitempty"`
}

// Failure is an error as Step Functions hands it on.
type Failure struct {
	Error string `json:"Error"`
	Cause string `json:"Cause"`
}

// Sentence is what the customer may read of the failure: the message of an
// error that our own functions named, and nothing of any other.
func (f *Failure) Sentence() string {
	if f == nil {
		return ""
	}
	var lambda struct {
		Type    string `json:"errorType"`
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal([]byte(f.Cause), &lambda) == nil && lambda.Type == f.Error && ours[f.Error] {
		return lambda.Message
	}
	if f.Error == "States.Timeout" || f.Error == "Sandbox.Timedout" {
		return "AWS did not answer in time. Try again; if it stays, contact support."
	}
	return ""
}

// ours are the error names whose message was written for the customer.
var ours = map[string]bool{
	"Invalid": true, "Unavailable": true, "RoleNotAssumable": true, "ExternalIdNotEnforced": true,
	"Denied": true, "ResourceFailed": true, "LimitExceeded": true, "Ambiguous": true, "Conflict": true,
}

// Concluder writes the last state of a run.
type Concluder interface {
	Conclude(ctx context.Context, ref cloud.Ref, outcome cloud.Outcome, failure, actor string) error
}

// Transition is the task that writes the last state of a run and emits its event.
func Transition(c Concluder) func(context.Context, TransitionInput) (struct{}, error) {
	return func(ctx context.Context, in TransitionInput) (struct{}, error) {
		return struct{}{}, c.Conclude(ctx, in.Ref, in.Outcome, in.Failure.Sentence(), in.Execution)
	}
}
