package stack

import (
	"os"
	"slices"
	"strings"
	"testing"
)

// crossing feeds each alarm, by its name without the environment, a point that
// crosses its threshold and one that does not. All of these metrics are AWS's;
// CloudsBroken is counted by AWS from our events.
var crossing = map[string][2]map[string]float64{
	"api-errors":             {{"errors": 5, "requests": 100}, {"errors": 4, "requests": 100}},
	"api-latency":            {{"latency": 3000}, {"latency": 2999}},
	"provision-failed":       {{"failed": 1}, {"failed": 0, "aborted": 0}},
	"provision-timed-out":    {{"late": 1}, {"late": 0}},
	"deprovision-failed":     {{"aborted": 1}, {"failed": 0, "aborted": 0}},
	"deprovision-timed-out":  {{"late": 1}, {"late": 0}},
	"dead-letters":           {{"dead": 1}, {"dead": 0}},
	"mails-late":             {{"age": 900}, {"age": 899}},
	"watch-behind":           {{"ticks": 2, "failed": 2}, {"ticks": 2, "failed": 1}},
	"clouds-broken":          {{"broken": 5}, {"broken": 4}},
	"table-throttled":        {{"writes": 1}, {"reads": 0, "writes": 0}},
	"mail-bounces":           {{"complaints": 1}, {"bounces": 4}},
	"api-throttled":          {{"throttles": 1}, {"throttles": 0}},
	"network-throttled":      {{"throttles": 1}, {"throttles": 0}},
	"notify-throttled":       {{"throttles": 1}, {"throttles": 0}},
	"transition-throttled":   {{"throttles": 1}, {"throttles": 0}},
	"validaterole-throttled": {{"throttles": 1}, {"throttles": 0}},
}

func TestEveryAlarmIsRaised(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		seen := map[string]bool{}
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			name := strings.TrimSuffix(strings.TrimPrefix(flat(r.Properties["AlarmName"]), "byoc-"), "-"+v.environment)
			seen[name] = true
			points, ok := crossing[name]
			if !ok {
				t.Errorf("%s: nothing crosses it here", name)
				continue
			}
			threshold, _ := r.Properties["Threshold"].(float64)
			if r.Properties["ComparisonOperator"] != "GreaterThanOrEqualToThreshold" {
				t.Errorf("%s compares by %v", name, r.Properties["ComparisonOperator"])
			}
			for i, over := range []bool{true, false} {
				value, err := evaluate(r, points[i])
				if err != nil || (value >= threshold) != over {
					t.Errorf("%s: %v makes %v of %v: %v", name, points[i], value, threshold, err)
				}
			}
		}
		for name := range crossing {
			if !seen[name] {
				t.Errorf("there is no alarm %s", name)
			}
		}
	})
}

// A tick that never came is as bad as one that failed; no other silence is.
func TestSilence(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		for _, r := range a.main.all("AWS::CloudWatch::Alarm") {
			want := "notBreaching"
			if strings.HasPrefix(flat(r.Properties["AlarmName"]), "byoc-watch-behind-") {
				want = "breaching"
			}
			if r.Properties["TreatMissingData"] != want {
				t.Errorf("%s treats missing data as %v", r.ID, r.Properties["TreatMissingData"])
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
			name := strings.TrimSuffix(strings.TrimPrefix(flat(r.Properties["AlarmName"]), "byoc-"), "-"+v.environment)
			for _, actions := range []string{"AlarmActions", "OKActions"} {
				topic, _ := at(r.Properties, actions, 0, "Ref").(string)
				if a.main.Resources[topic].Type != "AWS::SNS::Topic" {
					t.Errorf("%s: %s go to %v", name, actions, r.Properties[actions])
				}
			}
			heading := "### " + name + "\n"
			if strings.HasSuffix(name, "-throttled") && name != "table-throttled" {
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
