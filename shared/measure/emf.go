// Package measure is our own metrics, as CloudWatch's embedded metric format
// has them: attributes of a log line, which CloudWatch Logs makes metrics of. A
// function makes no call for them, and each number lies beside the ids of what
// it was measured on. Dimensions have few values, all known beforehand: an id is
// never one.
//
// The format is written here: of the libraries for it, one has seen no change
// since 2021, and all write lines of their own beside the log's.
package measure

import (
	"log/slog"
	"time"
)

// Unit of a metric, as CloudWatch names it.
type Unit string

const (
	Count        Unit = "Count"
	Milliseconds Unit = "Milliseconds"
	Seconds      Unit = "Seconds"
)

// Metrics makes attributes for log lines.
type Metrics struct {
	// Namespace that CloudWatch keeps the metrics in, one per environment.
	Namespace string
	// Function that measures.
	Function string
	Now      func() time.Time
}

// value is one number that was measured.
type value struct {
	name   string
	unit   Unit
	number float64
}

// directive has some values counted under some dimensions; under none where
// there are none.
type directive struct {
	dimensions []slog.Attr
	values     []value
}

// The metadata object of the format.
type (
	metadata struct {
		Timestamp         int64             `json:"Timestamp"`
		CloudWatchMetrics []metricDirective `json:"CloudWatchMetrics"`
	}
	metricDirective struct {
		Namespace  string             `json:"Namespace"`
		Dimensions [][]string         `json:"Dimensions"`
		Metrics    []metricDefinition `json:"Metrics"`
	}
	metricDefinition struct {
		Name string `json:"Name"`
		Unit Unit   `json:"Unit"`
	}
)

// attrs of one line, at its top level: what the directives refer to has to be there.
func (m Metrics) attrs(directives ...directive) []slog.Attr {
	meta := metadata{Timestamp: m.Now().UnixMilli()}
	var list []slog.Attr
	for _, d := range directives {
		set := make([]string, 0, len(d.dimensions))
		for _, dimension := range d.dimensions {
			set = append(set, dimension.Key)
			list = append(list, dimension)
		}
		metrics := make([]metricDefinition, 0, len(d.values))
		for _, v := range d.values {
			metrics = append(metrics, metricDefinition{v.name, v.unit})
			list = append(list, slog.Float64(v.name, v.number))
		}
		meta.CloudWatchMetrics = append(meta.CloudWatchMetrics, metricDirective{m.Namespace, [][]string{set}, metrics})
	}
	return append(list, slog.Any("_aws", meta))
}
