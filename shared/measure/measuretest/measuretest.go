// Package measuretest reads log lines as CloudWatch Logs does, and holds what
// they say in the embedded metric format against AWS's specification of it.
package measuretest

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

//go:embed emf.schema.json
var schemaText []byte

var schema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaText))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("emf.schema.json", document); err != nil {
		return nil, err
	}
	return compiler.Compile("emf.schema.json")
})

// Point is what CloudWatch makes of one metric in one line.
type Point struct {
	Namespace, Name, Unit string
	Dimensions            map[string]string
	Value                 float64
	At                    time.Time
}

// Series names the metric that a point belongs to: its dimensions too.
func (p Point) Series() string { return Series(p.Namespace, p.Name, p.Dimensions) }

// Series of a metric.
func Series(namespace, name string, dimensions map[string]string) string {
	// A map is written in the order of its keys.
	text, _ := json.Marshal(dimensions)
	if len(dimensions) == 0 {
		text = []byte("{}")
	}
	return namespace + " " + name + " " + string(text)
}

// longest event of CloudWatch Logs.
const longest = 1 << 20

type document struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
}

// Points of every line of a log that is in the format. A line that means to be
// and is not is an error: CloudWatch would drop its metrics without a word.
func Points(log string) ([]Point, error) {
	var points []Point
	for line := range strings.Lines(log) {
		if !strings.Contains(line, `"_aws"`) {
			continue
		}
		found, err := pointsOf(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
		points = append(points, found...)
	}
	return points, nil
}

func pointsOf(line string) ([]Point, error) {
	if len(line) > longest {
		return nil, fmt.Errorf("%d bytes are too many for an event", len(line))
	}
	var members map[string]any
	if err := json.Unmarshal([]byte(line), &members); err != nil {
		return nil, err
	}
	rules, err := schema()
	if err != nil {
		return nil, err
	}
	if err := rules.Validate(members); err != nil {
		return nil, err
	}
	var d document
	if err := json.Unmarshal([]byte(line), &d); err != nil {
		return nil, err
	}
	var points []Point
	for _, directive := range d.AWS.CloudWatchMetrics {
		for _, set := range directive.Dimensions {
			dimensions := map[string]string{}
			for _, name := range set {
				value, ok := members[name].(string)
				if !ok || value == "" || len(value) > 1024 {
					return nil, fmt.Errorf("the dimension %s is %v", name, members[name])
				}
				dimensions[name] = value
			}
			for _, m := range directive.Metrics {
				number, ok := members[m.Name].(float64)
				if !ok {
					return nil, fmt.Errorf("the metric %s is %v", m.Name, members[m.Name])
				}
				points = append(points, Point{directive.Namespace, m.Name, m.Unit, dimensions, number, time.UnixMilli(d.AWS.Timestamp)})
			}
		}
	}
	return points, nil
}
