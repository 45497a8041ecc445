package measure

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"byoc/shared/cloud"
)

// Names of the metrics and, behind them, of their dimensions.
const (
	// Requests to the API, and how long each took in the function.
	Requests = "Requests"
	Latency  = "Latency"
	// Failures by FunctionDimension and CodeDimension: a cloud.Code.
	Failures = "Failures"
	// StateChanges by StateDimension: the state that was entered.
	StateChanges = "StateChanges"
	// CloudsBroken counts those that left their customer worse off.
	CloudsBroken = "CloudsBroken"
	// TimeToActive is from the request to provision until Active.
	TimeToActive = "TimeToActive"
	// OldestDue is how long the oldest work that the watch found has been due.
	OldestDue = "OldestDue"
	// MassTrouble is how many custom clouds of a shard looked broken at once,
	// where they are too many to believe it.
	MassTrouble = "MassTrouble"

	FunctionDimension = "Function"
	CodeDimension     = "Code"
	StateDimension    = "State"
)

// Request measures an answer of the API; code is empty where it is no error.
func (m Metrics) Request(took time.Duration, code cloud.Code) []slog.Attr {
	counted := directive{values: []value{
		{Requests, Count, 1}, {Latency, Milliseconds, float64(took.Microseconds()) / 1000},
	}}
	if code == "" {
		return m.attrs(counted)
	}
	return m.attrs(counted, m.failure(code))
}

// Failure measures an invocation that ended with an error of code.
func (m Metrics) Failure(code cloud.Code) []slog.Attr { return m.attrs(m.failure(code)) }

func (m Metrics) failure(code cloud.Code) directive {
	return directive{
		[]slog.Attr{slog.String(FunctionDimension, m.Function), slog.String(CodeDimension, string(code))},
		[]value{{Failures, Count, 1}},
	}
}

// Due measures what the watch found: how long the oldest work has been due.
func (m Metrics) Due(oldest time.Duration) []slog.Attr {
	return m.attrs(directive{values: []value{{OldestDue, Seconds, max(oldest, 0).Seconds()}}})
}

// Trouble measures how many custom clouds of a shard looked broken at once.
func (m Metrics) Trouble(broken int) []slog.Attr {
	return m.attrs(directive{values: []value{{MassTrouble, Count, float64(broken)}}})
}

// changes counts state changes on their way to the bus.
type changes struct {
	next    cloud.Publisher
	log     *slog.Logger
	metrics Metrics
}

// Changes is next, with a line and a metric for every state change before it is
// published. It is for who wrote the change: who publishes it again would count
// it again.
func (m Metrics) Changes(next cloud.Publisher, log *slog.Logger) cloud.Publisher {
	return changes{next, log, m}
}

// broken are the states in which a custom cloud's customer is worse off.
var broken = []cloud.State{cloud.CreationFailed, cloud.Disconnected, cloud.DeletionFailed}

func (c changes) Publish(ctx context.Context, e cloud.Event) error {
	if e.Type == cloud.StateChanged {
		entered := directive{
			[]slog.Attr{slog.String(StateDimension, string(e.To))}, []value{{StateChanges, Count, 1}},
		}
		measured := []directive{entered}
		if slices.Contains(broken, e.To) {
			measured = append(measured, directive{values: []value{{CloudsBroken, Count, 1}}})
		}
		if e.From == cloud.Creating && e.To == cloud.Active && e.Took > 0 {
			measured = append(measured, directive{values: []value{{TimeToActive, Seconds, e.Took.Seconds()}}})
		}
		line := []slog.Attr{
			slog.String("organization", e.OrganizationID), slog.String("cloud", e.CloudID), slog.String("event", e.ID),
			slog.String("from", string(e.From)), slog.String("to", string(e.To)),
		}
		c.log.LogAttrs(ctx, slog.LevelInfo, "state changed", append(line, c.metrics.attrs(measured...)...)...)
	}
	return c.next.Publish(ctx, e)
}
