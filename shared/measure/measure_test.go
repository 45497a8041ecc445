package measure_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"reflect"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/idlog"
	"byoc/shared/measure"
	"byoc/shared/measure/measuretest"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)

var metrics = measure.Metrics{Namespace: "byoc-test", Function: "byoc-api-test", Now: func() time.Time { return at }}

func written(write func(log *slog.Logger)) string {
	var out bytes.Buffer
	write(idlog.New(&out))
	return out.String()
}

func line(attrs []slog.Attr) string {
	return written(func(log *slog.Logger) { log.LogAttrs(context.Background(), slog.LevelInfo, "measured", attrs...) })
}

// The exact shape, member by member, as AWS specifies it.
func TestALineIsInTheEmbeddedMetricFormat(t *testing.T) {
	const meta = `{"Timestamp":1767323045006,"CloudWatchMetrics":[`
	const request = `{"Namespace":"byoc-test","Dimensions":[[]],"Metrics":[{"Name":"Requests","Unit":"Count"},{"Name":"Latency","Unit":"Milliseconds"}]}`
	const failure = `{"Namespace":"byoc-test","Dimensions":[["Function","Code"]],"Metrics":[{"Name":"Failures","Unit":"Count"}]}`
	for name, c := range map[string]struct {
		attrs   []slog.Attr
		meta    string
		members map[string]any
	}{
		"an answer": {metrics.Request(1500*time.Microsecond, ""), meta + request + `]}`, map[string]any{"Requests": 1.0, "Latency": 1.5}},
		"an error of the API": {metrics.Request(time.Second, cloud.Forbidden), meta + request + "," + failure + `]}`, map[string]any{
			"Requests": 1.0, "Latency": 1000.0, "Failures": 1.0, "Function": "byoc-api-test", "Code": "forbidden",
		}},
		"a failure": {metrics.Failure(cloud.Denied), meta + failure + `]}`, map[string]any{
			"Failures": 1.0, "Function": "byoc-api-test", "Code": "denied",
		}},
		"what is due": {
			metrics.Due(90 * time.Second), meta + `{"Namespace":"byoc-test","Dimensions":[[]],"Metrics":[{"Name":"OldestDue","Unit":"Seconds"}]}]}`,
			map[string]any{"OldestDue": 90.0},
		},
		"mass trouble": {
			metrics.Trouble(21), meta + `{"Namespace":"byoc-test","Dimensions":[[]],"Metrics":[{"Name":"MassTrouble","Unit":"Count"}]}]}`,
			map[string]any{"MassTrouble": 21.0},
		},
	} {
		t.Run(name, func(t *testing.T) {
			text := line(c.attrs)
			var got struct {
				AWS json.RawMessage `json:"_aws"`
			}
			var members map[string]any
			if json.Unmarshal([]byte(text), &got) != nil || json.Unmarshal([]byte(text), &members) != nil || string(got.AWS) != c.meta {
				t.Errorf("got %s\nwant %s", got.AWS, c.meta)
			}
			for _, own := range []string{"time", "level", "msg", "_aws"} {
				delete(members, own)
			}
			if !maps.Equal(members, c.members) {
				t.Errorf("beside it is %v, want %v", members, c.members)
			}
			if points, err := measuretest.Points(text); err != nil || len(points) == 0 || !points[0].At.Equal(at) {
				t.Errorf("CloudWatch makes %v of it: %v", points, err)
			}
		})
	}
}

// The check of the shape can fail.
func TestWhatIsNotInTheFormatIsFound(t *testing.T) {
	for name, text := range map[string]string{
		"no namespace":           `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Dimensions":[[]],"Metrics":[{"Name":"A"}]}]},"A":1}`,
		"an unknown unit":        `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"A","Unit":"Minutes"}]}]},"A":1}`,
		"a metric that is away":  `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"A"}]}]}}`,
		"a metric that is text":  `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"A"}]}]},"A":"1"}`,
		"a dimension of nothing": `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["D"]],"Metrics":[{"Name":"A"}]}]},"A":1,"D":""}`,
		"a time that is text":    `{"_aws":{"Timestamp":"now","CloudWatchMetrics":[{"Namespace":"n","Dimensions":[[]],"Metrics":[{"Name":"A"}]}]},"A":1}`,
		"no dimension set":       `{"_aws":{"Timestamp":1,"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[],"Metrics":[{"Name":"A"}]}]},"A":1}`,
	} {
		if points, err := measuretest.Points(text); err == nil {
			t.Errorf("%s: %v", name, points)
		}
	}
}

type bus struct{ published []cloud.Event }

func (b *bus) Publish(_ context.Context, e cloud.Event) error {
	b.published = append(b.published, e)
	return errors.New("the bus is away")
}

// A change is counted when it is written, whatever becomes of its event.
func TestChangesAreCountedAndPublished(t *testing.T) {
	const minute = time.Minute
	for name, c := range map[string]struct {
		event cloud.Event
		want  map[string]float64
	}{
		"active":      {cloud.Event{Type: cloud.StateChanged, From: cloud.Creating, To: cloud.Active, Took: 3 * minute}, map[string]float64{`StateChanges {"State":"active"}`: 1, "TimeToActive {}": 180}},
		"reconnected": {cloud.Event{Type: cloud.StateChanged, From: cloud.Reconnecting, To: cloud.Active, Took: minute}, map[string]float64{`StateChanges {"State":"active"}`: 1}},
		"failed":      {cloud.Event{Type: cloud.StateChanged, From: cloud.Creating, To: cloud.CreationFailed, Took: minute}, map[string]float64{`StateChanges {"State":"creation_failed"}`: 1, "CloudsBroken {}": 1}},
		"a request":   {cloud.Event{Type: cloud.Requested}, map[string]float64{}},
	} {
		t.Run(name, func(t *testing.T) {
			next := &bus{}
			text := written(func(log *slog.Logger) {
				if err := metrics.Changes(next, log).Publish(t.Context(), c.event); err == nil {
					t.Error("the bus's error is lost")
				}
			})
			points, err := measuretest.Points(text)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]float64{}
			for _, p := range points {
				got[p.Series()[len("byoc-test "):]] = p.Value
			}
			if !maps.Equal(got, c.want) || len(next.published) != 1 || !reflect.DeepEqual(next.published[0], c.event) {
				t.Errorf("counted %v, want %v; published %v", got, c.want, next.published)
			}
		})
	}
}
