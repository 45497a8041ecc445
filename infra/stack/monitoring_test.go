package stack

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"byoc/shared/idlog"
	"byoc/shared/measure"
	"byoc/shared/measure/measuretest"
)

// monitoring is CloudWatch for one alarm: points go in, a state comes out. The
// local AWS has no alarms.
type monitoring struct {
	alarm resource
	// values by metric id and period, 0 being the last.
	values map[string]map[int][]float64
}

func newMonitoring(alarm resource) monitoring {
	return monitoring{alarm, map[string]map[int][]float64{}}
}

func (m monitoring) feed(id string, period int, value float64) {
	if m.values[id] == nil {
		m.values[id] = map[int][]float64{}
	}
	m.values[id][period] = append(m.values[id][period], value)
}

// lastEnded is when the period 0 ends.
var lastEnded = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// add has a period cross the threshold or not.
func (m monitoring) add(t *testing.T, v variant, c crossing, period int, over bool) {
	t.Helper()
	if c.written == nil {
		points := c.under
		if over {
			points = c.over
		}
		for id, value := range points {
			if _, ok := m.series()[id]; !ok {
				t.Fatalf("%s has no metric %s", m.alarm.ID, id)
			}
			m.feed(id, period, value)
		}
		return
	}
	var log bytes.Buffer
	now := lastEnded.Add(-m.period()*time.Duration(period) - m.period()/2)
	c.written(measure.Metrics{Namespace: "byoc/" + v.environment, Function: "f", Now: func() time.Time { return now }}, idlog.New(&log), over)
	points, err := measuretest.Points(log.String())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range points {
		for id, series := range m.series() {
			if p.Series() == series {
				m.feed(id, int(lastEnded.Sub(p.At)/m.period()), p.Value)
			}
		}
	}
}

// series of the alarm's metrics by their ids.
func (m monitoring) series() map[string]string {
	all := map[string]string{}
	for _, query := range list(m.alarm.Properties["Metrics"]) {
		stat := at(query, "MetricStat", "Metric")
		if stat == nil {
			continue
		}
		dimensions := map[string]string{}
		for _, d := range list(at(stat, "Dimensions")) {
			dimensions[flat(at(d, "Name"))] = flat(at(d, "Value"))
		}
		all[flat(at(query, "Id"))] = measuretest.Series(flat(at(stat, "Namespace")), flat(at(stat, "MetricName")), dimensions)
	}
	return all
}

func (m monitoring) period() time.Duration {
	for _, query := range list(m.alarm.Properties["Metrics"]) {
		if seconds, ok := at(query, "MetricStat", "Period").(float64); ok {
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}

// state of the alarm: as many of its periods as it asks for have to breach. A
// period without a value counts as the alarm says.
func (m monitoring) state() (string, error) {
	p := m.alarm.Properties
	if p["ComparisonOperator"] != "GreaterThanOrEqualToThreshold" {
		return "", fmt.Errorf("compares by %v", p["ComparisonOperator"])
	}
	threshold, _ := p["Threshold"].(float64)
	periods, _ := p["EvaluationPeriods"].(float64)
	needed, _ := p["DatapointsToAlarm"].(float64)
	breaching := 0.0
	for period := range int(periods) {
		point := map[string]float64{}
		for _, query := range list(p["Metrics"]) {
			stat, ok := at(query, "MetricStat", "Stat").(string)
			id := flat(at(query, "Id"))
			if values := m.values[id][period]; ok && len(values) > 0 {
				value, err := statistic(stat, values)
				if err != nil {
					return "", err
				}
				point[id] = value
			}
		}
		value, there, err := evaluate(m.alarm, point)
		if err != nil {
			return "", err
		}
		switch {
		case there && value >= threshold, !there && p["TreatMissingData"] == "breaching":
			breaching++
		case !there && p["TreatMissingData"] != "notBreaching":
			return "", fmt.Errorf("treats missing data as %v", p["TreatMissingData"])
		}
	}
	if breaching >= needed {
		return "ALARM", nil
	}
	return "OK", nil
}

func statistic(stat string, values []float64) (float64, error) {
	switch stat {
	case "Sum":
		sum := 0.0
		for _, v := range values {
			sum += v
		}
		return sum, nil
	case "Maximum":
		return slices.Max(values), nil
	}
	percent, err := strconv.ParseFloat(strings.TrimPrefix(stat, "p"), 64)
	if err != nil || !strings.HasPrefix(stat, "p") {
		return 0, fmt.Errorf("no statistic %s is known here", stat)
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(int(math.Ceil(percent/100*float64(len(sorted)))), 1)-1], nil
}
