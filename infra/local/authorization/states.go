package authorization

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"byoc/infra/local/awscall"
)

// statesOperations are the actions of "Actions, resources, and condition keys
// for AWS Step Functions".
var statesOperations = map[string]mapping{
	"StartExecution":       onARN("states:StartExecution", "stateMachineArn"),
	"StartSyncExecution":   onARN("states:StartSyncExecution", "stateMachineArn"),
	"ListExecutions":       onARN("states:ListExecutions", "stateMachineArn"),
	"DescribeStateMachine": onARN("states:DescribeStateMachine", "stateMachineArn"),
	"DescribeExecution":    onARN("states:DescribeExecution", "executionArn"),
	"StopExecution":        onARN("states:StopExecution", "executionArn"),
	"GetExecutionHistory":  onARN("states:GetExecutionHistory", "executionArn"),
	"RedriveExecution":     onARN("states:RedriveExecution", "executionArn"),
	"SendTaskSuccess":      everywhere("states:SendTaskSuccess"),
	"SendTaskFailure":      everywhere("states:SendTaskFailure"),
	"SendTaskHeartbeat":    everywhere("states:SendTaskHeartbeat"),
}

// eventsOperations act on the bus of every entry ("Actions, resources, and
// condition keys for Amazon EventBridge").
var eventsOperations = map[string]mapping{
	"PutEvents": func(_ context.Context, c *request) ([]Authorization, error) {
		var list []Authorization
		for _, entry := range objects(c.JSON["Entries"]) {
			bus, _ := entry["EventBusName"].(string)
			if bus == "" {
				bus = "default"
			}
			authorization := one("events:PutEvents", c.arnOr("events", "event-bus/", bus))[0]
			source, _ := entry["Source"].(string)
			detail, _ := entry["DetailType"].(string)
			authorization.set("events:source", source)
			authorization.set("events:detail-type", detail)
			same := func(a Authorization) bool { return reflect.DeepEqual(a, authorization) }
			if !slices.ContainsFunc(list, same) {
				list = append(list, authorization)
			}
		}
		return list, nil
	},
}

// schedulerOperations act on schedules ("Actions, resources, and condition
// keys for Amazon EventBridge Scheduler"). Whoever gives a schedule a role has
// to be allowed to pass that role.
var schedulerOperations = map[string]mapping{
	"CreateSchedule": schedulerOnSchedule,
	"UpdateSchedule": schedulerOnSchedule,
	"GetSchedule":    schedulerOnSchedule,
	"DeleteSchedule": schedulerOnSchedule,
	"ListSchedules":  everywhere("scheduler:ListSchedules"),
}

func schedulerOperation(call *awscall.Call) string {
	name, found := strings.CutPrefix(call.URL.Path, "/schedules")
	if !found {
		return ""
	}
	if name == "" || name == "/" {
		return map[string]string{"GET": "ListSchedules"}[call.Method]
	}
	return map[string]string{
		"GET": "GetSchedule", "POST": "CreateSchedule", "PUT": "UpdateSchedule", "DELETE": "DeleteSchedule",
	}[call.Method]
}

func schedulerOnSchedule(_ context.Context, c *request) ([]Authorization, error) {
	group := c.text("GroupName")
	if group == "" {
		group = c.URL.Query().Get("groupName")
	}
	if group == "" {
		group = "default"
	}
	name := strings.TrimPrefix(c.URL.Path, "/schedules/")
	list := one("scheduler:"+schedulerOperation(c.Call), c.arn("scheduler", "schedule/"+group+"/"+name))
	target, _ := c.JSON["Target"].(map[string]any)
	if role, ok := target["RoleArn"].(string); ok {
		pass := one("iam:PassRole", role)[0]
		pass.set("iam:PassedToService", "scheduler.amazonaws.com")
		list = append(list, pass)
	}
	return list, nil
}
