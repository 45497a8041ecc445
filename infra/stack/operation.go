package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/measure"
)

// operated is what alarms and the dashboard look at.
type operated struct {
	// namespace of our own metrics.
	namespace string
	table     table
	api       api
	mailer    mailer
	mails     notifications
	functions map[string]function
	machines  map[string]machine
}

const fiveMinutes = 300

// addAlarms adds every alarm there is.
func addAlarms(a *alarms, o operated) {
	a.add(alarm{
		name: "api-errors", meaning: "More than one in twenty API requests fails on our side.",
		metrics: []metric{o.api.metric("errors", "5xx", "Sum"), o.api.metric("requests", "Count", "Sum")},
		// Below twenty requests each error counts as one of twenty.
		expression: "IF(requests >= 20, 100 * errors / requests, 5 * errors)",
		atLeast:    5, points: 2, periods: 3,
	})
	a.add(alarm{
		name: "api-latency", meaning: "One in a hundred API requests takes three seconds or more.",
		metrics: []metric{o.api.metric("latency", "Latency", "p99")},
		atLeast: 3000, points: 3, periods: 3,
	})
	for _, name := range []string{"provision", "deprovision"} {
		m := o.machines[name]
		a.add(alarm{
			name: name + "-failed", meaning: "A run of the state machine " + name + " could not write its last state; the watch takes over.",
			metrics: []metric{m.metric("failed", "ExecutionsFailed")},
			atLeast: 1, points: 1, periods: 1,
		})
		a.add(alarm{
			name: name + "-aborted", meaning: "Somebody aborted a run of the state machine " + name + "; the watch takes over.",
			metrics: []metric{m.metric("aborted", "ExecutionsAborted")},
			atLeast: 1, points: 1, periods: 1,
		})
		a.add(alarm{
			name: name + "-timed-out", meaning: "A run of the state machine " + name + " took longer than it may; the watch takes over.",
			metrics: []metric{m.metric("late", "ExecutionsTimedOut")},
			atLeast: 1, points: 1, periods: 1,
		})
	}
	a.add(alarm{
		name: "dead-letters", meaning: "An event could not be mailed after five deliveries.",
		metrics: []metric{queueMetric("dead", "ApproximateNumberOfMessagesVisible", o.mails.dead.QueueName())},
		atLeast: 1, points: 1, periods: 1,
	})
	a.add(alarm{
		name: "mails-late", meaning: "An event has been waiting for its mail for a quarter of an hour.",
		metrics: []metric{queueMetric("age", "ApproximateAgeOfOldestMessage", o.mails.queue.QueueName())},
		atLeast: 900, points: 1, periods: 1,
	})
	a.add(alarm{
		name: "watch-behind", meaning: "For a quarter of an hour something has been due for ten minutes, or the watch does not say: lost runs stay lost.",
		metrics: []metric{o.own("oldest", measure.OldestDue, "Maximum", fiveMinutes)},
		atLeast: 600, points: 3, periods: 3, silenceIsBad: true,
	})
	a.add(alarm{
		name: "mass-trouble", meaning: "So many custom clouds look broken at once that the watch believes none of it: it is rather us.",
		metrics: []metric{o.own("broken", measure.MassTrouble, "Maximum", fiveMinutes)},
		atLeast: 1, points: 1, periods: 1,
	})
	a.add(alarm{
		name: "clouds-broken", meaning: "Five custom clouds or more broke within a quarter of an hour: rather ours or AWS's fault than theirs.",
		metrics: []metric{o.own("broken", measure.CloudsBroken, "Sum", 900)},
		atLeast: 5, points: 1, periods: 1,
	})
	// One alarm for each metric that AWS writes only when it happens: a sum with
	// one that has no point has none itself, and would never be raised.
	for _, throttled := range []metric{o.table.metric("reads", "ReadThrottleEvents"), o.table.metric("writes", "WriteThrottleEvents")} {
		a.add(alarm{
			name: "table-" + throttled.id + "-throttled", meaning: "DynamoDB refuses " + throttled.id + " for their rate.",
			metrics: []metric{throttled},
			atLeast: 1, points: 2, periods: 3,
		})
	}
	a.add(alarm{
		name: "mail-bounces", meaning: "Mails bounce: SES stops a sender who lets that go on.",
		metrics: []metric{o.mailer.metric("bounces", "Bounce")},
		atLeast: 5, points: 1, periods: 1,
	})
	a.add(alarm{
		name: "mail-complaints", meaning: "Somebody complained about a mail: SES stops a sender who lets that go on.",
		metrics: []metric{o.mailer.metric("complaints", "Complaint")},
		atLeast: 1, points: 1, periods: 1,
	})
	for _, name := range FunctionNames() {
		// A task's failures are the state machine's to retry.
		a.add(alarm{
			name: name + "-throttled", meaning: "Lambda refuses to run the function " + name + " for the account's concurrency.",
			metrics: []metric{o.functions[name].metric("throttles", "Throttles")},
			atLeast: 1, points: 2, periods: 3,
		})
	}
}

// own is a metric of package measure that has no dimensions.
func (o operated) own(id, name, stat string, seconds float64) metric {
	return metric{id, o.namespace, name, stat, seconds, nil}
}

func (f function) metric(id, name string) metric {
	return metric{id, "AWS/Lambda", name, "Sum", fiveMinutes, []*string{jsii.String("FunctionName"), f.FunctionName()}}
}

func (m machine) metric(id, name string) metric {
	return metric{id, "AWS/States", name, "Sum", fiveMinutes, []*string{jsii.String("StateMachineArn"), m.StateMachineArn()}}
}

func (t table) metric(id, name string) metric {
	return metric{id, "AWS/DynamoDB", name, "Sum", fiveMinutes, []*string{jsii.String("TableName"), t.TableName()}}
}

func (a api) metric(id, name, stat string) metric {
	return metric{id, "AWS/ApiGateway", name, stat, fiveMinutes, []*string{
		jsii.String("ApiId"), a.id, jsii.String("Stage"), jsii.String("$default"),
	}}
}

func (m mailer) metric(id, name string) metric {
	return metric{id, "AWS/SES", name, "Sum", 3600, []*string{jsii.String(mailDimension), jsii.String(m.configurationSet)}}
}

func queueMetric(id, name string, queue *string) metric {
	return metric{id, "AWS/SQS", name, "Maximum", fiveMinutes, []*string{jsii.String("QueueName"), queue}}
}

// region of the stack, as the dashboard names it.
func region() *string { return awscdk.Aws_REGION() }
