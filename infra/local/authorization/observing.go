package authorization

import "context"

// logsOperations act on log groups and streams ("Actions, resources, and
// condition keys for Amazon CloudWatch Logs"). CloudWatch Logs authorizes
// groups with an empty stream in the ARN, which is why policies on groups end
// in :*.
var logsOperations = map[string]mapping{
	"CreateLogGroup":     logsOnStream("logs:CreateLogGroup"),
	"CreateLogStream":    logsOnStream("logs:CreateLogStream"),
	"PutLogEvents":       logsOnStream("logs:PutLogEvents"),
	"DescribeLogStreams": logsOnStream("logs:DescribeLogStreams"),
}

func logsOnStream(action string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		return one(action, c.arn("logs", "log-group:"+c.text("logGroupName")+":log-stream:"+c.text("logStreamName"))), nil
	}
}

// monitoringOperations have no resources ("… for Amazon CloudWatch"). Where
// the namespace cannot be read off the wire (CBOR), the key stays unknown.
var monitoringOperations = map[string]mapping{
	"PutMetricData": func(_ context.Context, c *request) ([]Authorization, error) {
		list := one("cloudwatch:PutMetricData", "*")
		list[0].set("cloudwatch:namespace", c.text("Namespace"))
		if c.Query != nil {
			list[0].set("cloudwatch:namespace", c.Query.Get("Namespace"))
		}
		return list, nil
	},
}

// xrayOperations have no resources ("… for AWS X-Ray"). They are named by
// their paths.
var xrayOperations = map[string]mapping{
	"TraceSegments":    everywhere("xray:PutTraceSegments"),
	"TelemetryRecords": everywhere("xray:PutTelemetryRecords"),
	"GetSamplingRules": everywhere("xray:GetSamplingRules"),
	"SamplingTargets":  everywhere("xray:GetSamplingTargets"),
	"PutTraceSegments": everywhere("xray:PutTraceSegments"),
}
