package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/cloud"
	"byoc/shared/measure"
)

// widget is a graph of the dashboard.
type widget struct {
	title   string
	metrics []metric
	// search finds further series.
	search string
}

// newDashboard is the one that an operator keeps open: alarms on top, then the
// way of a request from the API to the mail.
func newDashboard(scope constructs.Construct, s Settings, a *alarms, o operated) {
	var changes []metric
	for _, state := range cloud.States() {
		changes = append(changes, metric{string(state), o.namespace, measure.StateChanges, "Sum", fiveMinutes,
			[]*string{jsii.String(measure.StateDimension), jsii.String(string(state))}})
	}
	var failures, durations []metric
	for _, name := range FunctionNames() {
		f := o.functions[name]
		failures = append(failures, f.metric(name, "Errors"))
		slow := f.metric(name, "Duration")
		slow.stat = "p99"
		durations = append(durations, slow)
	}
	started := o.machines["provision"].metric("provisions started", "ExecutionsStarted")
	ended := o.machines["provision"].metric("provisions ended", "ExecutionsSucceeded")
	body := []any{map[string]any{
		"type": "alarm", "x": 0, "y": 0, "width": 24, "height": 3,
		"properties": map[string]any{"title": "Alarms", "alarms": a.arns},
	}}
	active := func(stat string) metric { return o.own(stat, measure.TimeToActive, stat, 3600) }
	spent := func(stat string) metric { return o.own("function "+stat, measure.Latency, stat, fiveMinutes) }
	for i, w := range []widget{
		{title: "API requests", metrics: []metric{o.own("handled", measure.Requests, "Sum", fiveMinutes), o.api.metric("requests", "Count", "Sum"), o.api.metric("4xx", "4xx", "Sum"), o.api.metric("5xx", "5xx", "Sum")}},
		{title: "API latency, ms", metrics: []metric{o.api.metric("p50", "Latency", "p50"), o.api.metric("p99", "Latency", "p99"), spent("p50"), spent("p99")}},
		{title: "Custom clouds by the state they entered", metrics: changes},
		{title: "Time to active, s", metrics: []metric{active("p50"), active("p95")}},
		{title: "Failures by function and code", search: "SEARCH('{" + o.namespace + "," + measure.FunctionDimension + "," + measure.CodeDimension + "} MetricName=\"" + measure.Failures + "\"', 'Sum', 300)"},
		{title: "Oldest work due, s; clouds that look broken", metrics: []metric{
			o.own("oldest", measure.OldestDue, "Maximum", fiveMinutes), o.own("look broken", measure.MassTrouble, "Maximum", fiveMinutes),
		}},
		{title: "Runs", metrics: []metric{started, ended, o.machines["provision"].metric("provisions failed", "ExecutionsFailed"),
			o.machines["deprovision"].metric("deletions started", "ExecutionsStarted"), o.machines["deprovision"].metric("deletions failed", "ExecutionsFailed")}},
		{title: "Function errors", metrics: failures},
		{title: "Function duration, p99, ms", metrics: durations},
		{title: "Mail queue", metrics: []metric{queueMetric("waiting", "ApproximateNumberOfMessagesVisible", o.mails.queue.QueueName()),
			queueMetric("dead letters", "ApproximateNumberOfMessagesVisible", o.mails.dead.QueueName())}},
		{title: "Mails", metrics: []metric{o.mailer.metric("sent", "Send"), o.mailer.metric("bounces", "Bounce"), o.mailer.metric("complaints", "Complaint")}},
		{title: "Table, capacity units", metrics: []metric{o.table.metric("reads", "ConsumedReadCapacityUnits"), o.table.metric("writes", "ConsumedWriteCapacityUnits")}},
	} {
		body = append(body, map[string]any{
			"type": "metric", "x": i % 3 * 8, "y": 3 + i/3*6, "width": 8, "height": 6,
			"properties": map[string]any{"title": w.title, "view": "timeSeries", "region": region(), "metrics": lines(w)},
		})
	}
	awscloudwatch.NewCfnDashboard(scope, jsii.String("Dashboard"), &awscloudwatch.CfnDashboardProps{
		DashboardName: s.named("operations"),
		DashboardBody: awscdk.Stack_Of(scope).ToJsonString(map[string]any{"widgets": body}, nil),
	})
}

// lines of a graph, in the dashboard's own notation.
func lines(w widget) []any {
	var list []any
	if w.search != "" {
		list = append(list, []any{map[string]any{"expression": w.search, "id": "found"}})
	}
	for _, m := range w.metrics {
		line := []any{m.namespace, m.name}
		for _, d := range m.dimensions {
			line = append(line, d)
		}
		list = append(list, append(line, map[string]any{"label": m.id, "stat": m.stat, "period": m.seconds}))
	}
	return list
}
