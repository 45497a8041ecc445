package stack

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"byoc/shared/dynamo"
)

func TestCustomerAccess(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		roles := a.access.all("AWS::IAM::Role")
		if len(a.access.Resources) != 1 || len(roles) != 1 {
			t.Fatalf("the stack has to be one role and nothing else, it has %d resources", len(a.access.Resources))
		}
		role := roles[0]
		if role.Properties["RoleName"] != "byoc-customer-access" {
			t.Errorf("the role is named %v", role.Properties["RoleName"])
		}
		if role.DeletionPolicy != "Retain" || role.UpdateReplacePolicy != "Retain" {
			t.Errorf("the role is not retained: %s, %s", role.DeletionPolicy, role.UpdateReplacePolicy)
		}
		if role.Properties["MaxSessionDuration"] != float64(3600) {
			t.Errorf("a session lasts %v s", role.Properties["MaxSessionDuration"])
		}
		trust := list(at(role.Properties["AssumeRolePolicyDocument"], "Statement"))
		if len(trust) != 1 || at(trust[0], "Action") != "sts:AssumeRole" || at(trust[0], "Effect") != "Allow" {
			t.Fatalf("trust is %v", trust)
		}
		if who := flat(at(trust[0], "Principal", "AWS")); who != "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" {
			t.Errorf("trusts %s", who)
		}
		condition, _ := at(trust[0], "Condition").(map[string]any)
		var callers []string
		for _, c := range list(at(condition, "ArnEquals", "aws:PrincipalArn")) {
			callers = append(callers, flat(c))
		}
		var want []string
		for _, name := range []string{"validaterole", "network", "watch"} {
			want = append(want, "arn:aws:iam::${AWS::AccountId}:role/byoc-"+name+"-"+v.environment)
		}
		if len(condition) != 1 || !slices.Equal(callers, want) {
			t.Errorf("trusts %v under %v, want exactly %v", callers, condition, want)
		}
		named := map[any]bool{}
		for _, r := range a.main.all("AWS::IAM::Role") {
			named[r.Properties["RoleName"]] = true
		}
		for _, arn := range want {
			if !named[arn[strings.LastIndex(arn, "/")+1:]] {
				t.Errorf("%s is trusted and does not exist", arn)
			}
		}
		var policies []statement
		for _, s := range a.access.statements() {
			if !slices.Equal(s.actions, []string{"sts:AssumeRole"}) {
				t.Errorf("may %v", s.actions)
			}
			if len(s.resources) > 0 {
				policies = append(policies, s)
			}
		}
		if len(policies) != 1 || !slices.Equal(policies[0].resources, []string{"arn:aws:iam::*:role/cce-*-iam-role"}) {
			t.Errorf("may assume %v", policies)
		}
	})
}

func TestWhoAssumesTheCustomerAccessRole(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		var may []string
		for _, s := range a.main.statements() {
			if len(s.resources) == 1 && strings.HasSuffix(s.resources[0], ":role/byoc-customer-access") {
				may = append(may, strings.SplitN(s.where, "Role", 2)[0])
			}
		}
		slices.Sort(may)
		if want := []string{"network", "validaterole", "watch"}; !slices.Equal(may, want) {
			t.Errorf("%v may assume the customer access role, want %v", may, want)
		}
	})
}

// Who may write every item could make itself an operator's token.
func TestOnlyTheAPIWritesTokens(t *testing.T) {
	reads := []string{"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
	each(t, func(t *testing.T, _ variant, a assembly) {
		writers := map[string]bool{}
		for _, s := range a.main.statements() {
			function := strings.SplitN(s.where, "Role", 2)[0]
			for _, action := range s.actions {
				if !strings.HasPrefix(action, "dynamodb:") || slices.Contains(reads, action) {
					continue
				}
				writers[function] = true
				want := []string{"ORG#*"}
				switch function {
				case "api":
					want = nil
				case "notify":
					want = append(want, "MAIL#*")
				}
				if !slices.Equal(s.partitions, want) {
					t.Errorf("%s may %s in %v, want %v", function, action, s.partitions, want)
				}
			}
		}
		if len(writers) != len(FunctionNames()) {
			t.Errorf("only %v write", writers)
		}
	})
}

// The API lets another function make the checks, and may invoke no other.
func TestTheAPIInvokesTheChecksOnly(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		var may []string
		for _, s := range a.main.statements() {
			if slices.Contains(s.actions, "lambda:InvokeFunction") && strings.HasPrefix(s.where, "api") {
				may = append(may, s.resources...)
			}
		}
		if len(may) != 1 || !strings.Contains(may[0], "validaterole") {
			t.Errorf("the API may invoke %v", may)
		}
	})
}

func TestEveryStatementIsExact(t *testing.T) {
	// AWS takes no narrower resource for these.
	anywhere := append([]string{
		"xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets",
	}, logDelivery...)
	each(t, func(t *testing.T, _ variant, a assembly) {
		for _, tpl := range []template{a.main, a.access} {
			for _, s := range tpl.statements() {
				if s.inverted || len(s.actions) == 0 {
					t.Errorf("%s allows or denies all but what it names", s.where)
				}
				// Deny with a wildcard takes away; it is how queues refuse plain HTTP.
				if s.effect == "Deny" {
					continue
				}
				for _, action := range s.actions {
					if strings.Contains(action, "*") {
						t.Errorf("%s allows %s", s.where, action)
					}
					if slices.Contains(s.resources, "*") && !slices.Contains(anywhere, action) {
						t.Errorf("%s allows %s on everything", s.where, action)
					}
				}
			}
			for _, r := range tpl.all("AWS::IAM::Role") {
				if r.Properties["ManagedPolicyArns"] != nil {
					t.Errorf("%s has managed policies", r.ID)
				}
			}
		}
	})
}

func TestEveryFunction(t *testing.T) {
	each(t, func(t *testing.T, v variant, a assembly) {
		functions := a.main.all("AWS::Lambda::Function")
		if len(functions) != len(FunctionNames()) {
			t.Errorf("%d functions, want %d: CDK added one of its own?", len(functions), len(FunctionNames()))
		}
		roles := map[string]bool{}
		for _, f := range functions {
			p := f.Properties
			if p["Runtime"] != "provided.al2023" || p["Handler"] != "bootstrap" {
				t.Errorf("%s runs %v on %v", f.ID, p["Handler"], p["Runtime"])
			}
			if !slices.Equal(list(p["Architectures"]), []any{v.architecture}) {
				t.Errorf("%s is built for %v", f.ID, p["Architectures"])
			}
			if at(p, "TracingConfig", "Mode") != "Active" || p["Timeout"] == nil || p["MemorySize"] == nil {
				t.Errorf("%s lacks tracing, a timeout or a memory size", f.ID)
			}
			group, _ := at(p, "LoggingConfig", "LogGroup", "Ref").(string)
			if a.main.Resources[group].Type != "AWS::Logs::LogGroup" {
				t.Errorf("%s has no log group of its own", f.ID)
			}
			role := flat(p["Role"])
			if roles[role] {
				t.Errorf("%s shares its role", f.ID)
			}
			roles[role] = true
		}
		for _, l := range a.main.all("AWS::Logs::LogGroup") {
			if l.Properties["RetentionInDays"] == nil {
				t.Errorf("%s is kept for ever", l.ID)
			}
		}
	})
}

func TestEveryTaskOutlastsItsFunction(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		machines := a.main.all("AWS::StepFunctions::StateMachine")
		if len(machines) != 2 {
			t.Fatalf("%d state machines, want 2", len(machines))
		}
		for _, m := range machines {
			definition := m.Properties["DefinitionString"]
			text, _ := at(definition, "Fn::Sub", 0).(string)
			arns, _ := at(definition, "Fn::Sub", 1).(map[string]any)
			var asl struct {
				States map[string]struct {
					Type           string
					TimeoutSeconds float64
					Retry, Catch   []any
					Parameters     struct{ FunctionName string }
				}
			}
			if err := json.Unmarshal([]byte(text), &asl); err != nil {
				t.Fatal(err)
			}
			tasks := 0
			for name, s := range asl.States {
				if s.Type == "Map" || s.Type == "Parallel" {
					t.Errorf("%s: nobody looks at the tasks in %s", m.ID, name)
				}
				if s.Type != "Task" {
					continue
				}
				tasks++
				key := strings.Trim(s.Parameters.FunctionName, "${}")
				id, _ := at(arns[key], "Fn::GetAtt", 0).(string)
				timeout, _ := a.main.Resources[id].Properties["Timeout"].(float64)
				if timeout == 0 || s.TimeoutSeconds <= timeout {
					t.Errorf("%s: %s ends after %v s, its function %q after %v s", m.ID, name, s.TimeoutSeconds, id, timeout)
				}
				if len(s.Retry) == 0 || len(s.Catch) == 0 {
					t.Errorf("%s: %s has no Retry or no Catch", m.ID, name)
				}
			}
			if tasks == 0 {
				t.Errorf("%s has no task", m.ID)
			}
			if at(m.Properties, "TracingConfiguration", "Enabled") != true || at(m.Properties, "LoggingConfiguration", "Level") != "ALL" {
				t.Errorf("%s lacks tracing or logs", m.ID)
			}
		}
	})
}

func TestEveryQueueHasDeadLetters(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		dead := map[string]bool{}
		queues := a.main.all("AWS::SQS::Queue")
		for _, q := range queues {
			if target, _ := at(q.Properties, "RedrivePolicy", "deadLetterTargetArn", "Fn::GetAtt", 0).(string); target != "" {
				dead[target] = true
			}
		}
		for _, q := range queues {
			if count := at(q.Properties, "RedrivePolicy", "maxReceiveCount"); !dead[q.ID] && count != float64(5) {
				t.Errorf("%s gives up after %v deliveries, want 5", q.ID, count)
			}
			if q.Properties["SqsManagedSseEnabled"] != true {
				t.Errorf("%s is not encrypted", q.ID)
			}
		}
		for _, m := range a.main.all("AWS::Lambda::EventSourceMapping") {
			if m.Properties["BatchSize"] != float64(10) || !slices.Equal(list(m.Properties["FunctionResponseTypes"]), []any{"ReportBatchItemFailures"}) {
				t.Errorf("%s: one bad message fails its whole batch", m.ID)
			}
		}
	})
}

func TestOneRoute(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		routes := a.main.all("AWS::ApiGatewayV2::Route")
		if len(routes) != 1 || routes[0].Properties["RouteKey"] != "$default" {
			t.Errorf("routes are %v", routes)
		}
		for _, i := range a.main.all("AWS::ApiGatewayV2::Integration") {
			if i.Properties["PayloadFormatVersion"] != "2.0" {
				t.Errorf("%s has payload format %v", i.ID, i.Properties["PayloadFormatVersion"])
			}
		}
		for _, s := range a.main.all("AWS::ApiGatewayV2::Stage") {
			if at(s.Properties, "DefaultRouteSettings", "ThrottlingRateLimit") == nil || s.Properties["AccessLogSettings"] == nil {
				t.Errorf("%s has no throttling or no access log", s.ID)
			}
			// The alarms and the dashboard look at those of the stage.
			if at(s.Properties, "DefaultRouteSettings", "DetailedMetricsEnabled") != nil {
				t.Errorf("%s writes metrics that are paid for and that nobody looks at", s.ID)
			}
		}
	})
}

func TestSchedule(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		// Each shard by an invocation of its own, which nobody repeats.
		parts := map[string]bool{}
		for _, s := range a.main.all("AWS::Scheduler::Schedule") {
			parts[flat(at(s.Properties, "Target", "Input"))] = true
			if s.Properties["ScheduleExpression"] != "rate(2 minutes)" || flat(at(s.Properties, "Target", "RoleArn")) == "null" {
				t.Errorf("%s: %v", s.ID, s.Properties)
			}
			if retries := at(s.Properties, "Target", "RetryPolicy", "MaximumRetryAttempts"); retries != 0.0 {
				t.Errorf("%s is repeated %v times", s.ID, retries)
			}
		}
		for part := range dynamo.Shards {
			if !parts[fmt.Sprintf(`{"part":%d,"of":%d}`, part, dynamo.Shards)] {
				t.Errorf("nothing fires part %d: %v", part, parts)
			}
		}
		once := a.main.all("AWS::Lambda::EventInvokeConfig")
		if len(once) != 1 || once[0].Properties["MaximumRetryAttempts"] != 0.0 {
			t.Errorf("Lambda repeats the watch: %v", once)
		}
	})
}

func TestArchitecturesDifferInNothingElse(t *testing.T) {
	arm, x86 := synth(t, variant{"sandbox", "arm64"}).main, synth(t, variant{"sandbox", "x86_64"}).main
	if !slices.Equal(slices.Sorted(maps.Keys(arm.Resources)), slices.Sorted(maps.Keys(x86.Resources))) {
		t.Error("the architectures have different resources")
	}
}
