package httpapi

import (
	"net/http"

	"byoc/shared/cloud"
)

// entryView is one entry of a cloud's history. Which of the fields there are
// depends on the kind: state_changed, drift_found, drift_healed, step_ended, aws_calls.
type entryView struct {
	Kind    string `json:"kind"`
	Time    string `json:"time"`
	Attempt int    `json:"attempt"`

	ID        string         `json:"id,omitempty"`
	From      string         `json:"from_state,omitempty"`
	To        string         `json:"to_state,omitempty"`
	Actor     string         `json:"actor,omitempty"`
	Message   string         `json:"message,omitempty"`
	Reasons   []reasonView   `json:"reasons,omitempty"`
	Leftovers []leftoverView `json:"leftovers,omitempty"`

	Step       string          `json:"step,omitempty"`
	StepState  cloud.StepState `json:"step_state,omitempty"`
	ResourceID string          `json:"resource_id,omitempty"`

	Calls []callView `json:"calls,omitempty"`
}

// kinds of entries that are events of a cloud.
var kinds = map[cloud.EventType]string{
	cloud.StateChanged: "state_changed", cloud.DriftFound: "drift_found", cloud.DriftHealed: "drift_healed",
}

// callView is an AWS call as the customer's CloudTrail has it.
type callView struct {
	Time       string   `json:"time"`
	DurationMS int      `json:"duration_ms"`
	Service    string   `json:"service"`
	Action     string   `json:"action"`
	Resources  []string `json:"resources"`
	// Result is ok, AWS's error code, or NoAnswer.
	Result    string `json:"result"`
	RequestID string `json:"request_id"`
	Account   string `json:"account"`
	Region    string `json:"region"`
	Caller    string `json:"caller"`
	DryRun    bool   `json:"dry_run"`
}

// listEvents pages through a cloud's history. That of a draft which was deleted
// answers 404 as the draft does.
func (s *server) listEvents(c *call) (answer, error) {
	limit, problems := limitOf(c)
	if err := invalid(problems); err != nil {
		return answer{}, err
	}
	x, err := s.findCloud(c)
	if err != nil {
		return answer{}, err
	}
	entries, next, err := s.History.History(c.Context(), c.organizationID, x.ID, limit, c.URL.Query().Get("cursor"))
	if err != nil {
		return answer{}, err
	}
	rows := []entryView{}
	for _, e := range entries {
		rows = append(rows, entryOf(e))
	}
	return answer{status: http.StatusOK, body: struct {
		Rows []entryView `json:"events"`
		Next string      `json:"next_cursor,omitempty"`
	}{rows, next}}, nil
}

func entryOf(e cloud.Entry) entryView {
	switch {
	case e.Event != nil:
		v := entryView{
			Kind: kinds[e.Event.Type], Time: timeText(e.Event.At), Attempt: e.Event.Attempt, ID: e.Event.ID,
			From: string(e.Event.From), To: string(e.Event.To), Actor: e.Event.Actor, Message: e.Event.Message,
		}
		for _, d := range e.Event.Defects {
			v.Reasons = append(v.Reasons, reasonOf(d))
		}
		for _, l := range e.Event.Leftovers {
			v.Leftovers = append(v.Leftovers, leftoverView{Kind: l.Kind, ID: l.ID, Reason: l.Reason, Command: l.Command})
		}
		return v
	case e.Step != nil:
		return entryView{
			Kind: "step_ended", Time: timeText(e.Step.EndedAt), Attempt: e.Attempt, Step: e.Step.Key,
			StepState: e.Step.State, ResourceID: e.Step.ResourceID, Message: e.Step.Reason,
		}
	}
	v := entryView{Kind: "aws_calls", Attempt: e.Attempt, Calls: []callView{}}
	for i, x := range e.Calls {
		if i == 0 {
			v.Time = timeText(x.At)
		}
		v.Calls = append(v.Calls, callView{
			Time: timeText(x.At), DurationMS: int(x.Duration.Milliseconds()), Service: x.Service, Action: x.Action,
			Resources: list(x.Resources), Result: x.Result, RequestID: x.RequestID, Account: x.Account, Region: x.Region,
			Caller: x.Caller, DryRun: x.DryRun,
		})
	}
	return v
}
