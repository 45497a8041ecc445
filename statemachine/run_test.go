package statemachine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"
)

type run struct {
	name string
	// machine is the one that runs.
	machine string
	// script answers; nil means good.
	script func(t task, nth int) answer
	// calls in order, repetitions of the same call counted.
	calls []string
	// states that the run has to go through, in order, among others.
	states []string
	status types.ExecutionStatus
}

func TestRuns(t *testing.T) {
	for i, r := range runs() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			r.check(t, fmt.Sprintf("%012d", i+1))
		})
	}
}

// maxTransitions of a provision that polls three times, as design.md bounds it.
const maxTransitions = 25

func (r run) check(t *testing.T, account string) {
	e, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cloudID := strings.ReplaceAll(r.name, " ", "-")
	execution := cloudID + "-" + r.machine + "-1"
	e.lambda.script(cloudID, r.script)
	text, err := Definition(r.machine, quick(), testFunctions)
	if err != nil {
		t.Fatal(err)
	}
	client := e.account(account)
	machine, err := client.CreateStateMachine(ctx, &sfn.CreateStateMachineInput{
		Name:       aws.String(r.machine),
		Definition: aws.String(text),
		RoleArn:    aws.String("arn:aws:iam::" + account + ":role/states"),
	})
	if err != nil {
		t.Fatal(err)
	}
	started, err := client.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: machine.StateMachineArn,
		Name:            aws.String(execution),
		Input:           aws.String(fmt.Sprintf(`{"organization_id":"org","cloud_id":%q,"attempt":1}`, cloudID)),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := r.status
	if want == "" {
		want = types.ExecutionStatusSucceeded
	}
	status := types.ExecutionStatusRunning
	for status == types.ExecutionStatusRunning {
		described, err := client.DescribeExecution(ctx, &sfn.DescribeExecutionInput{ExecutionArn: started.ExecutionArn})
		if err != nil {
			t.Fatal(err)
		}
		status = described.Status
		time.Sleep(100 * time.Millisecond)
	}
	if status != want {
		t.Errorf("the execution is %s, want %s", status, want)
	}

	var calls []string
	for _, c := range e.lambda.called(cloudID) {
		calls = append(calls, c.String())
		if c.OrganizationID != "org" || c.Attempt != 1 || c.Execution != execution {
			t.Errorf("%s was called with %+v", c, c)
		}
		if c.Outcome == "failed" && (c.Failure == nil || !strings.Contains(c.Failure.Cause, `"errorMessage":`)) {
			t.Errorf("%s carries no message: %+v", c, c.Failure)
		}
	}
	if got := counted(calls); !slices.Equal(got, r.calls) {
		t.Errorf("calls\n got %q\nwant %q", got, r.calls)
	}

	visited := entered(ctx, t, client, started.ExecutionArn)
	rest := visited
	for _, s := range r.states {
		i := slices.Index(rest, s)
		if i < 0 {
			t.Fatalf("the run does not go through %s in the order of %q: %q", s, r.states, visited)
		}
		rest = rest[i+1:]
	}
	if r.name == "three polls" && len(visited) > maxTransitions {
		t.Errorf("%d transitions, want at most %d: %q", len(visited), maxTransitions, visited)
	}
}

// entered lists the states in the order in which the execution entered them.
func entered(ctx context.Context, t *testing.T, client *sfn.Client, arn *string) []string {
	t.Helper()
	var names []string
	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{ExecutionArn: arn})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.Events {
			if d := event.StateEnteredEventDetails; d != nil {
				names = append(names, *d.Name)
			}
		}
	}
	return names
}

// counted joins repetitions: [a a b] is ["2 a" "b"].
func counted(calls []string) []string {
	var joined []string
	for i := 0; i < len(calls); {
		n := 1
		for i+n < len(calls) && calls[i+n] == calls[i] {
			n++
		}
		if n == 1 {
			joined = append(joined, calls[i])
		} else {
			joined = append(joined, fmt.Sprintf("%d %s", n, calls[i]))
		}
		i += n
	}
	return joined
}
