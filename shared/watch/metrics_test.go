package watch

import (
	"testing"
	"time"

	"byoc/shared/measure"
	"byoc/shared/measure/measuretest"
)

// The watch says how long the oldest work has been due, also where there is none:
// silence raises an alarm.
func TestTheWatchSaysHowLateItIs(t *testing.T) {
	s := newStanding(2)
	s.due["c000"], s.due["c001"] = s.now.Add(-7*time.Minute), s.now.Add(-time.Minute)
	if got := measured(t, s.after(t, 0))[measure.OldestDue]; got != 420 {
		t.Errorf("the oldest is %v seconds late, want 420", got)
	}
	if got, said := measured(t, s.after(t, 0))[measure.OldestDue]; !said || got != 0 {
		t.Errorf("nothing is due, and the watch says %v (%t)", got, said)
	}
}

// measured is the highest value of each metric in a log.
func measured(t *testing.T, log string) map[string]float64 {
	t.Helper()
	points, err := measuretest.Points(log)
	if err != nil {
		t.Fatal(err)
	}
	highest := map[string]float64{}
	for _, p := range points {
		highest[p.Name] = max(highest[p.Name], p.Value)
	}
	return highest
}
