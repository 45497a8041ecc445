package stack

import (
	"encoding/json"
	"strings"
	"testing"
)

// What an operator keeps open has every alarm on it and every function.
func TestTheDashboard(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		boards := a.main.all("AWS::CloudWatch::Dashboard")
		if len(boards) != 1 {
			t.Fatalf("%d dashboards", len(boards))
		}
		text := flat(boards[0].Properties["DashboardBody"])
		var board struct {
			Widgets []struct {
				X, Y, Width, Height int
				Properties          struct {
					Alarms  []string
					Metrics []any
				}
			}
		}
		if err := json.Unmarshal([]byte(text), &board); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		onBoard := map[string]bool{}
		for i, w := range board.Widgets {
			if len(w.Properties.Alarms)+len(w.Properties.Metrics) == 0 {
				t.Errorf("widget %d shows nothing", i)
			}
			for _, arn := range w.Properties.Alarms {
				_, name, _ := strings.Cut(arn, ":alarm:")
				onBoard[name] = true
			}
			for j, other := range board.Widgets[:i] {
				if w.X < other.X+other.Width && other.X < w.X+w.Width && w.Y < other.Y+other.Height && other.Y < w.Y+w.Height {
					t.Errorf("widget %d lies on widget %d", i, j)
				}
			}
		}
		for _, alarm := range a.main.all("AWS::CloudWatch::Alarm") {
			if !onBoard[flat(alarm.Properties["AlarmName"])] {
				t.Errorf("%s is not on the dashboard", alarm.ID)
			}
		}
		for _, f := range a.main.all("AWS::Lambda::Function") {
			if !strings.Contains(text, "${"+f.ID+"}") && !strings.Contains(text, flat(f.Properties["FunctionName"])) {
				t.Errorf("%s is not on the dashboard", f.ID)
			}
		}
	})
}
