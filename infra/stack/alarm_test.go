package stack

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/measure"
)

// crossing is what raises an alarm and what just does not. Where the metric is
// AWS's, points of it are fed in by the metrics' ids; where it is ours, they are
// what CloudWatch makes of the lines that our own code writes.
type crossing struct {
	over, under map[string]float64
	written     func(m measure.Metrics, log *slog.Logger, over bool)
}

var crossings = map[string]crossing{
	"api-errors":             fed("errors", 5, 4, "requests", 100, 100),
	"api-latency":            fed("latency", 3000, 2999),
	"provision-failed":       fed("failed", 1, 0),
	"provision-aborted":      fed("aborted", 1, 0),
	"provision-timed-out":    fed("late", 1, 0),
	"deprovision-failed":     fed("failed", 1, 0),
	"deprovision-aborted":    fed("aborted", 1, 0),
	"deprovision-timed-out":  fed("late", 1, 0),
	"dead-letters":           fed("dead", 1, 0),
	"mails-late":             fed("age", 900, 899),
	"table-reads-throttled":  fed("reads", 1, 0),
	"table-writes-throttled": fed("writes", 1, 0),
	"mail-bounces":           fed("bounces", 5, 4),
	"mail-complaints":        fed("complaints", 1, 0),
	"api-throttled":          fed("throttles", 1, 0),
	"network-throttled":      fed("throttles", 1, 0),
	"notify-throttled":       fed("throttles", 1, 0),
	"transition-throttled":   fed("throttles", 1, 0),
	"watch-throttled":        fed("throttles", 1, 0),
	"validaterole-throttled": fed("throttles", 1, 0),
	"watch-behind": {written: func(m measure.Metrics, log *slog.Logger, over bool) {
		late := map[bool]time.Duration{true: 10 * time.Minute, false: 10*time.Minute - time.Second}[over]
		log.LogAttrs(context.Background(), slog.LevelInfo, "due", m.Due(0)...)
		log.LogAttrs(context.Background(), slog.LevelInfo, "due", m.Due(late)...)
	}},
	"mass-trouble": {written: func(m measure.Metrics, log *slog.Logger, over bool) {
		if over {
			log.LogAttrs(context.Background(), slog.LevelError, "too many", m.Trouble(20)...)
		}
	}},
	"clouds-broken": {written: func(m measure.Metrics, log *slog.Logger, over bool) {
		states := []cloud.State{cloud.CreationFailed, cloud.Disconnected, cloud.DeletionFailed, cloud.Active, cloud.Disconnected}
		if over {
			states = append(states, cloud.Disconnected)
		}
		for _, state := range states {
			_ = m.Changes(nowhere{}, log).Publish(context.Background(), cloud.Event{Type: cloud.StateChanged, To: state})
		}
	}},
}

// The runbook says which alarms are raised by what our own code writes; values of
// all the others are fed in.
func TestTheRunbookSaysWhichMetricsAreOurs(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	var ours []string
	for name, c := range crossings {
		if c.written != nil {
			ours = append(ours, "`"+name+"`")
		}
	}
	slices.Sort(ours)
	last := len(ours) - 1
	if said := "raised by lines that our own code writes: " + strings.Join(ours[:last], ", ") + " and " + ours[last] + "."; !strings.Contains(string(text), said) {
		t.Errorf("docs/operations.md does not say %q", said)
	}
}

type nowhere struct{}

func (nowhere) Publish(context.Context, cloud.Event) error { return nil }

// fed takes an id, what crosses and what does not, in turn.
func fed(points ...any) crossing {
	c := crossing{over: map[string]float64{}, under: map[string]float64{}}
	for i := 0; i < len(points); i += 3 {
		id := points[i].(string)
		c.over[id], c.under[id] = float64(points[i+1].(int)), float64(points[i+2].(int))
	}
	return c
}

func TestEveryAlarmIsRaised(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		seen := map[string]bool{}
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			name := alarmName(v, r)
			seen[name] = true
			c, ok := crossings[name]
			if !ok {
				t.Errorf("%s: nothing crosses it here", name)
				continue
			}
			whole, _ := r.Properties["EvaluationPeriods"].(float64)
			needed, _ := r.Properties["DatapointsToAlarm"].(float64)
			if needed < 1 || needed > whole {
				t.Errorf("%s asks for %g of %g periods", name, needed, whole)
			}
			for over := range int(whole) + 1 {
				want := "OK"
				if over >= int(needed) {
					want = "ALARM"
				}
				m := newMonitoring(r)
				for period := range int(whole) {
					m.add(t, v, c, period, period < over)
				}
				if state, err := m.state(); err != nil || state != want {
					t.Errorf("%s is %s with %d of %g periods over its threshold, want %s: %v", name, state, over, whole, want, err)
				}
			}
		}
		for name := range crossings {
			if !seen[name] {
				t.Errorf("there is no alarm %s", name)
			}
		}
	})
}

// One request in a hundred is what the API's latency is judged by, and one
// error of few requests is as bad as one in twenty.
func TestWhatTheAPIIsJudgedBy(t *testing.T) {
	a := synth(t, variant{"sandbox", "arm64"})
	for name, c := range map[string]struct {
		alarm  string
		points map[string][]float64
		want   string
	}{
		"one slow of a hundred":       {"api-latency", map[string][]float64{"latency": append(make([]float64, 99), 9000)}, "OK"},
		"two slow of a hundred":       {"api-latency", map[string][]float64{"latency": append(make([]float64, 98), 9000, 9000)}, "ALARM"},
		"one error of two requests":   {"api-errors", map[string][]float64{"errors": {1, 0}, "requests": {1, 1}}, "ALARM"},
		"one error of forty requests": {"api-errors", map[string][]float64{"errors": {1}, "requests": {40}}, "OK"},
	} {
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			if alarmName(variant{"sandbox", "arm64"}, r) != c.alarm {
				continue
			}
			m := newMonitoring(r)
			for period := range 3 {
				for id, values := range c.points {
					for _, value := range values {
						m.feed(id, period, value)
					}
				}
			}
			if state, err := m.state(); err != nil || state != c.want {
				t.Errorf("%s: %s, want %s: %v", name, state, c.want, err)
			}
		}
	}
}

func alarmName(v variant, r resource) string {
	return strings.TrimSuffix(strings.TrimPrefix(flat(r.Properties["AlarmName"]), "byoc-"), "-"+v.environment)
}

// A tick that never came is as bad as one that failed; no other silence is.
func TestSilence(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			want := "OK"
			if alarmName(v, r) == "watch-behind" {
				want = "ALARM"
			}
			if state, err := newMonitoring(r).state(); err != nil || state != want {
				t.Errorf("%s is %s where nothing is heard, want %s: %v", r.ID, state, want, err)
			}
		}
	})
}

func TestEveryAlarmReachesSomebodyWithARunbook(t *testing.T) {
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	each(t, func(t *testing.T, v variant, a assembly) {
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			name := alarmName(v, r)
			for _, actions := range []string{"AlarmActions", "OKActions"} {
				topic, _ := at(r.Properties, actions, 0, "Ref").(string)
				if a.main.Resources[topic].Type != "AWS::SNS::Topic" {
					t.Errorf("%s: %s go to %v", name, actions, r.Properties[actions])
				}
			}
			heading := "### " + name + "\n"
			if function, ok := strings.CutSuffix(name, "-throttled"); ok && slices.Contains(FunctionNames(), function) {
				heading = "### *function*-throttled\n"
			}
			if !strings.Contains(string(text), heading) {
				t.Errorf("docs/operations.md has no %q", heading)
			}
		}
	})
}

// What has to have an alarm has one: it is a dimension of some alarm's metric.
func TestWhatBreaksHasAnAlarm(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		watched := map[string][]string{}
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			for _, m := range list(r.Properties["Metrics"]) {
				for _, d := range list(at(m, "MetricStat", "Metric", "Dimensions")) {
					value := at(d, "Value")
					id, _ := at(value, "Ref").(string)
					if id == "" {
						id, _ = at(value, "Fn::GetAtt", 0).(string)
					}
					watched[id] = append(watched[id], flat(at(m, "MetricStat", "Metric", "MetricName")))
				}
			}
		}
		for kind, metrics := range map[string][]string{
			"AWS::StepFunctions::StateMachine": {"ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut"},
			"AWS::SQS::Queue":                  {},
			"AWS::DynamoDB::Table":             {"ReadThrottleEvents", "WriteThrottleEvents"},
			"AWS::ApiGatewayV2::Api":           {"5xx", "Latency"},
			"AWS::Lambda::Function":            {},
		} {
			resources := a.main.all(kind)
			if len(resources) == 0 {
				t.Errorf("no %s", kind)
			}
			for _, r := range resources {
				if len(watched[r.ID]) == 0 {
					t.Errorf("%s has no alarm", r.ID)
				}
				for _, m := range metrics {
					if !slices.Contains(watched[r.ID], m) {
						t.Errorf("%s has no alarm for %s", r.ID, m)
					}
				}
			}
		}
	})
}
