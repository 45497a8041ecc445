package statemachine

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/lambdaerror"
)

type machine struct {
	TimeoutSeconds int
	StartAt        string
	States         map[string]state
}

type state struct {
	Type           string
	Next           string
	Default        string
	End            bool
	TimeoutSeconds int
	Seconds        int
	SecondsPath    string
	Parameters     struct {
		FunctionName string
		Payload      map[string]any
	}
	Choices []struct{ Next string }
	Retry   []retrier
	Catch   []catcher
}

type retrier struct {
	ErrorEquals     []string
	IntervalSeconds int
	MaxDelaySeconds int
	MaxAttempts     int
	BackoffRate     float64
	JitterStrategy  string
}

type catcher struct {
	ErrorEquals []string
	ResultPath  string
	Next        string
}

var testFunctions = Functions{
	ValidateRole: "arn:aws:lambda:eu-west-1:111111111111:function:validaterole",
	Network:      "arn:aws:lambda:eu-west-1:111111111111:function:network",
	Transition:   "arn:aws:lambda:eu-west-1:111111111111:function:transition",
}

func parse(t *testing.T, name string) machine {
	t.Helper()
	text, err := Definition(name, DefaultIntervals(), testFunctions)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "${") {
		t.Fatalf("%s has a substitution left open", name)
	}
	var m machine
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func eachTask(t *testing.T, check func(t *testing.T, m machine, s state)) {
	for _, name := range Names() {
		m := parse(t, name)
		for key, s := range m.States {
			if s.Type == "Task" {
				t.Run(name+"/"+key, func(t *testing.T) { check(t, m, s) })
			}
		}
	}
}

// awsErrors are the names that Lambda and Step Functions give to errors.
var awsErrors = []string{
	"Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException",
	"Lambda.TooManyRequestsException", "Lambda.ClientExecutionTimeoutException", "Lambda.Unknown",
	"Runtime.ExitError", "Runtime.Unknown", "Sandbox.Timedout", "States.Timeout", "States.ALL",
}

func TestEveryErrorNameExists(t *testing.T) {
	known := slices.Clone(awsErrors)
	for _, code := range cloud.Codes() {
		known = append(known, lambdaerror.Name(code))
	}
	eachTask(t, func(t *testing.T, _ machine, s state) {
		var names []string
		for _, r := range s.Retry {
			names = append(names, r.ErrorEquals...)
		}
		for _, c := range s.Catch {
			names = append(names, c.ErrorEquals...)
		}
		for _, name := range names {
			if !slices.Contains(known, name) {
				t.Errorf("%q is neither a code of ours nor a name that AWS gives", name)
			}
		}
	})
}

func TestEveryCodeHasAHandler(t *testing.T) {
	eachTask(t, func(t *testing.T, _ machine, s state) {
		for _, code := range cloud.Codes() {
			name, next := lambdaerror.Name(code), ""
			for _, c := range s.Catch {
				if next == "" && slices.Contains(c.ErrorEquals, name) {
					next = c.Next
				}
			}
			if next == "" {
				t.Errorf("no Catch names %s", name)
			}
			if (code == cloud.Moved) != (next == "Superseded") {
				t.Errorf("%s leads to %s: Moved, and nothing else, ends a run quietly", name, next)
			}
		}
		last := s.Catch[len(s.Catch)-1]
		if !slices.Equal(last.ErrorEquals, []string{"States.ALL"}) {
			t.Errorf("the last Catch is for %v, want States.ALL alone", last.ErrorEquals)
		}
	})
}

func TestOnlyWhatMayPassIsRetried(t *testing.T) {
	allowed := append([]string{"Unavailable", "Stale", "Internal", "RoleNotAssumable"}, awsErrors...)
	allowed = slices.DeleteFunc(allowed, func(name string) bool { return name == "States.ALL" })
	eachTask(t, func(t *testing.T, _ machine, s state) {
		var retried []string
		for _, r := range s.Retry {
			retried = append(retried, r.ErrorEquals...)
			if r.JitterStrategy != "FULL" || r.BackoffRate <= 1 || r.MaxAttempts < 1 || r.MaxDelaySeconds <= r.IntervalSeconds {
				t.Errorf("the retry of %v has to back off with jitter, bounded: %+v", r.ErrorEquals, r)
			}
		}
		for _, name := range retried {
			if !slices.Contains(allowed, name) {
				t.Errorf("%s is retried", name)
			}
		}
		for _, name := range []string{"Unavailable", "Lambda.ServiceException", "Lambda.TooManyRequestsException", "Runtime.ExitError"} {
			if !slices.Contains(retried, name) {
				t.Errorf("%s is not retried", name)
			}
		}
	})
}

func TestEveryTaskIsBounded(t *testing.T) {
	eachTask(t, func(t *testing.T, m machine, s state) {
		if s.TimeoutSeconds == 0 || m.TimeoutSeconds <= s.TimeoutSeconds {
			t.Errorf("the task's timeout is %d s in a machine of %d s", s.TimeoutSeconds, m.TimeoutSeconds)
		}
		for _, c := range s.Catch {
			if c.ResultPath == "" || c.ResultPath == "$" {
				t.Errorf("the Catch of %v drops the ids", c.ErrorEquals)
			}
		}
	})
}

// A machine that runs into its own timeout concludes nothing. What it waits at
// most, in both loops of looks, for a role and for one turn of a function, is half
// of that: the other half is the functions'.
func TestARunConcludesBeforeItsTimeout(t *testing.T) {
	i := DefaultIntervals()
	if longest := 2*i.MaxPolls*i.WaitSeconds + i.RoleMaxAttempts*i.RoleMaxDelaySeconds + i.CapacityMaxAttempts*i.RetryMaxDelaySeconds; longest > i.RunSeconds/2 {
		t.Errorf("a run may wait for %d s and is ended after %d s", longest, i.RunSeconds)
	}
}

func TestTasksGetIDsOnly(t *testing.T) {
	allowed := map[string]any{
		"organization_id.$": "$.organization_id",
		"cloud_id.$":        "$.cloud_id",
		"attempt.$":         "$.attempt",
		"execution.$":       "$$.Execution.Name",
	}
	eachTask(t, func(t *testing.T, _ machine, s state) {
		for key, path := range allowed {
			if s.Parameters.Payload[key] != path {
				t.Errorf("%s is %v, want %v", key, s.Parameters.Payload[key], path)
			}
		}
		for key := range s.Parameters.Payload {
			if _, ok := allowed[key]; !ok && !slices.Contains([]string{"operation", "outcome", "failure.$"}, key) {
				t.Errorf("the payload carries %s", key)
			}
		}
		if s.Parameters.Payload["outcome"] == "failed" && s.Parameters.Payload["failure.$"] != "$.failure" {
			t.Error("a failed outcome comes without its failure")
		}
	})
}

func TestEveryStateIsReachedAndLeadsOn(t *testing.T) {
	for _, name := range Names() {
		m := parse(t, name)
		reached := map[string]bool{}
		var walk func(string)
		walk = func(key string) {
			if reached[key] {
				return
			}
			reached[key] = true
			s, ok := m.States[key]
			if !ok {
				t.Errorf("%s: %s does not exist", name, key)
				return
			}
			next := []string{s.Next, s.Default}
			for _, c := range s.Choices {
				next = append(next, c.Next)
			}
			for _, c := range s.Catch {
				next = append(next, c.Next)
			}
			next = slices.DeleteFunc(next, func(n string) bool { return n == "" })
			if len(next) == 0 && s.Type != "Succeed" && s.Type != "Fail" {
				t.Errorf("%s: nothing comes after %s", name, key)
			}
			for _, n := range next {
				walk(n)
			}
		}
		walk(m.StartAt)
		for key := range m.States {
			if !reached[key] {
				t.Errorf("%s: %s is never reached", name, key)
			}
		}
	}
}

// A role made a moment ago may take two minutes to be known everywhere; who
// mistyped theirs should not wait longer than five to learn of it.
// By FULL jitter each wait is any time from none to its delay, so that how long
// a role is waited for is chance.
func TestRolesHaveTwoMinutesToPropagate(t *testing.T) {
	for _, state := range []string{"Validate", "EnsureNetwork"} {
		retried := false
		for _, r := range parse(t, Provision).States[state].Retry {
			if !slices.Contains(r.ErrorEquals, "RoleNotAssumable") {
				continue
			}
			retried = true
			var delays []float64
			longest, delay := 0.0, float64(r.IntervalSeconds)
			for range r.MaxAttempts {
				delays = append(delays, min(delay, float64(r.MaxDelaySeconds)))
				longest += delays[len(delays)-1]
				delay *= r.BackoffRate
			}
			const runs = 10000
			chance, short := rand.New(rand.NewPCG(1, 2)), 0
			for range runs {
				waited := 0.0
				for _, d := range delays {
					waited += d * chance.Float64()
				}
				if waited < 120 {
					short++
				}
			}
			if r.JitterStrategy != "FULL" || short > runs/100 || longest > 300 {
				t.Errorf("%s: a refused role is tried for less than two minutes in %d of %d runs, and for %.0f s at most (jitter %s)",
					state, short, runs, longest, r.JitterStrategy)
			}
		}
		if !retried {
			t.Errorf("%s: a refused role is not retried", state)
		}
	}
}

func TestIntervals(t *testing.T) {
	for _, name := range IntervalNames() {
		i := DefaultIntervals()
		if err := i.Set(name, "0"); err != nil {
			t.Fatal(err)
		}
		if i.Validate() == nil {
			t.Errorf("%s may be zero", name)
		}
		used := false
		for _, machine := range Names() {
			raw, err := texts.ReadFile(machine + ".asl.json")
			if err != nil {
				t.Fatal(err)
			}
			used = used || strings.Contains(string(raw), `"${`+name+`}"`)
		}
		if !used {
			t.Errorf("no state machine uses %s", name)
		}
	}
	i := DefaultIntervals()
	if i.Set("WaitSeconds", "soon") == nil || i.Set("Unheard", "1") == nil {
		t.Error("Set takes what it cannot use")
	}
	if _, err := Template("unheard", DefaultIntervals()); err == nil {
		t.Error("Template takes a name that does not exist")
	}
}
