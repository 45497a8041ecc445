package networkproof

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

	"byoc/infra/customer"
	"byoc/infra/local"
	"byoc/infra/local/ec2behaviour"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// latencies are assumed, of the order of AWS's: none was measured there.
var latencies = map[string]time.Duration{
	"ec2:CreateVpc": 600 * time.Millisecond, "ec2:CreateNatGateway": 800 * time.Millisecond,
	"ec2:CreateSubnet": 400 * time.Millisecond, "ec2:CreateRouteTable": 400 * time.Millisecond,
	"ec2:CreateSecurityGroup": 400 * time.Millisecond, "ec2:CreateRoute": 400 * time.Millisecond,
	"ec2:AttachInternetGateway": 400 * time.Millisecond, "ec2:*": 200 * time.Millisecond, "sts:*": 200 * time.Millisecond,
}

// natPending is how long AWS takes for a NAT gateway.
const natPending = time.Minute

// forced is the longest chain of calls that AWS's dependencies force, gateway
// pending included: VPC, attachment or subnet, NAT gateway, its minute, the
// look that shows it ready, the route to it.
func forced() time.Duration {
	of := func(operation string) time.Duration {
		if d, ok := latencies["ec2:"+operation]; ok {
			return d
		}
		return latencies["ec2:*"]
	}
	return of("CreateVpc") + max(of("CreateSubnet"), of("AttachInternetGateway")) + of("CreateNatGateway") +
		natPending + of("DescribeNatGateways") + of("CreateRoute")
}

// natDeleting is how long AWS takes to delete one.
const natDeleting = time.Minute

// forcedDeletion is the same of a deletion: the NAT gateway, its minute, the look
// that shows it gone, then what it held: the internet gateway or a subnet, the VPC.
func forcedDeletion() time.Duration {
	return 4*latencies["ec2:*"] + natDeleting
}

// BenchmarkProvision is a provision with such latencies and AWS's intervals, a second
// run over the finished network, and the deletion. It reports what bench holds
// against the limits. Under "stale" each new id is refused for a moment, which
// costs a round of calls and is not limited.
func BenchmarkProvision(b *testing.B) {
	s, stop, err := startAs(func(o *ec2behaviour.Options) {
		o.NATPending, o.NATDeleting, o.StaleReads, o.StaleCalls = natPending, natDeleting, 0, 0
	}, map[string]string{"watchParts": "1"}) // the second run is started by the one part that is fired
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	for name, stale := range map[string]bool{"limited": false, "stale": true} {
		b.Run(name, func(b *testing.B) {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
			defer cancel()
			for b.Loop() {
				f, err := measure(ctx, s, stale)
				if err != nil {
					b.Fatal(err)
				}
				fmt.Print(f)
				b.ReportMetric(f.ratio(), "wall/forced")
				b.ReportMetric(float64(f.madeAgain), "calls-again")
				b.ReportMetric(float64(f.transitions), "transitions")
				b.ReportMetric(float64(f.changedAgain), "changed-again")
				b.ReportMetric(f.waiting(), "longest/pending")
				taken(b, s, "", f.timeline, f.made)
				taken(b, s, "deletion-", f.deletion, f.deletionCalls)
				b.ReportMetric(f.deletion.took()/forcedDeletion().Seconds(), "deletion-wall/forced")
				b.ReportMetric(float64(f.deletion.transitions), "deletion-transitions")
			}
		})
	}
}

// taken reports what a run took of time, of calls in the customer's account, with
// and without those of STS that lead there, and of what costs money: the calls of
// the table while it was under way, by the functions that it consists of. What
// else reads the table then is who waits for the run's end here, and the mail
// function.
func taken(b *testing.B, s *sandbox.Sandbox, of string, t timeline, calls int) {
	table, sts := map[string]int{}, 0
	for _, c := range s.Calls() {
		switch {
		case callerOf(c.RoleARN) == none || c.Time.Before(t.began) || c.Time.After(t.ended):
		case c.Service == "dynamodb":
			table[c.Operation]++
		case c.Service == "sts" && !c.Time.Before(t.networkBegan):
			sts++
		}
	}
	b.ReportMetric(float64(calls), of+"calls")
	b.ReportMetric(float64(calls+sts), of+"calls-with-sts")
	b.ReportMetric(t.took(), of+"s")
	b.ReportMetric(float64(t.networks-1), of+"polls")
	b.ReportMetric(float64(t.tasks), of+"functions")
	b.ReportMetric(t.working.Seconds(), of+"function-s")
	b.ReportMetric(float64(table["UpdateItem"]), of+"updates")
	b.ReportMetric(float64(table["TransactWriteItems"]), of+"transactions")
	b.ReportMetric(float64(table["PutItem"]), of+"puts")
	b.ReportMetric(float64(table["GetItem"]+table["BatchGetItem"]+table["Query"]), of+"reads")
}

// figures of a provision.
type figures struct {
	timeline
	made, refused, madeAgain, changedAgain int
	deletion                               timeline
	deletionCalls                          int
}

// ratio is what passed from the end of validation, which AWS does not force,
// over the forced chain.
func (f figures) ratio() float64 { return f.took() / forced().Seconds() }

// longestOfBoth is the longest call of a function of provision and deletion.
func (f figures) longestOfBoth() time.Duration { return max(f.longest, f.deletion.longest) }

// waiting is that over the time that a NAT gateway is pending, and as long
// deleting: about 1, if one waited for it.
func (f figures) waiting() float64 { return f.longestOfBoth().Seconds() / natPending.Seconds() }

func (f figures) String() string {
	return fmt.Sprintf("provision of three zones: %.1f s for a forced chain of %.1f s, ratio %.3f; validation before it %.1f s\n"+
		"  %d calls in the customer's account, %d of them refused; a second run: %d, %d of them mutating\n"+
		"  %d state transitions, %d polls; the longest of the functions' calls took %.1f s, %.2f of a gateway's time to start\n"+
		"deletion: %.1f s for a forced chain of %.1f s; %d calls, %d state transitions, %d polls\n",
		f.took(), forced().Seconds(), f.ratio(), f.networkBegan.Sub(f.began).Seconds(),
		f.made, f.refused, f.madeAgain, f.changedAgain, f.transitions, f.networks-1, f.longestOfBoth().Seconds(), f.waiting(),
		f.deletion.took(), forcedDeletion().Seconds(), f.deletionCalls, f.deletion.transitions, f.deletion.networks-1)
}

func measure(ctx context.Context, s *sandbox.Sandbox, stale bool) (f figures, err error) {
	l, err := newLab(ctx, s, newAccount())
	if err != nil {
		return f, err
	}
	if stale {
		for _, op := range []string{"CreateVpc", "CreateSubnet", "CreateInternetGateway", "CreateRouteTable", "CreateSecurityGroup", "AllocateAddress", "CreateNatGateway"} {
			defer s.Faults.Inject(faults.Rule{
				Service: "ec2", Operation: op, Account: l.account.ID, Times: faults.Forever,
				Fault: faults.Stale(ec2behaviour.Defaults().StaleReads),
			})()
		}
	}
	s.Faults.SetLatency(latencies, 1)
	defer s.Faults.SetLatency(nil, 1)
	execution, err := l.nextExecution(ctx, cloud.OperationProvision)
	if err != nil {
		return f, err
	}
	if _, err = l.active(ctx); err != nil {
		return f, err
	}
	again, err := l.again(ctx)
	if err != nil {
		return f, err
	}
	deletion, err := l.nextExecution(ctx, cloud.OperationDelete)
	if err != nil {
		return f, err
	}
	if err := l.gone(ctx); err != nil {
		return f, err
	}
	s.Faults.SetLatency(nil, 1)
	if f.timeline, err = history(ctx, l, execution); err != nil {
		return f, err
	}
	if f.deletion, err = history(ctx, l, deletion); err != nil {
		return f, err
	}
	f.deletionCalls = len(f.deletion.calls(s, deletion))
	repeated, err := history(ctx, l, again)
	if err != nil {
		return f, err
	}
	first, second := f.calls(s, execution), repeated.calls(s, again)
	f.made, f.refused, f.madeAgain = len(first), refused(first), len(second)
	for _, c := range second {
		if mutates(c) {
			f.changedAgain++
		}
	}
	return f, nil
}

// calls that the step table made in the run: validation, whose describes look
// the same, is over when the network function is first entered.
func (t timeline) calls(s *sandbox.Sandbox, execution string) []local.Call {
	return slices.DeleteFunc(callsOf(s, execution), func(c local.Call) bool {
		return c.Service != "ec2" || c.DryRun || c.Time.Before(t.networkBegan)
	})
}

func refused(calls []local.Call) int {
	n := 0
	for _, c := range calls {
		if c.Status/100 != 2 {
			n++
		}
	}
	return n
}

// timeline of an execution.
type timeline struct {
	began, networkBegan, ended time.Time
	// transitions are states entered, networks calls of the network function.
	transitions, networks int
	// longest is how long the longest call of a function took.
	longest time.Duration
	// tasks are calls of functions, working how long they took together.
	tasks   int
	working time.Duration
}

// took is from the end of validation, which AWS does not force.
func (t timeline) took() float64 { return t.ended.Sub(t.networkBegan).Seconds() }

func history(ctx context.Context, l *lab, execution string) (t timeline, err error) {
	client := sfn.NewFromConfig(customer.New(l.s.Runfile()).Account(sandbox.Account).Config())
	machine := l.s.Outputs["ProvisionMachineArn"]
	if strings.Contains(execution, string(cloud.OperationDelete)) {
		machine = l.s.Outputs["DeprovisionMachineArn"]
	}
	arn := strings.Replace(machine, ":stateMachine:", ":execution:", 1) + ":" + execution
	var entered time.Time
	pages := sfn.NewGetExecutionHistoryPaginator(client, &sfn.GetExecutionHistoryInput{ExecutionArn: aws.String(arn)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return t, err
		}
		for _, e := range page.Events {
			at := aws.ToTime(e.Timestamp)
			if t.began.IsZero() {
				t.began = at
			}
			t.ended = at
			switch e.Type {
			case types.HistoryEventTypeTaskStateEntered:
				entered = at
				t.tasks++
			case types.HistoryEventTypeTaskStateExited:
				t.longest = max(t.longest, at.Sub(entered))
				t.working += at.Sub(entered)
			}
			if e.StateEnteredEventDetails == nil {
				continue
			}
			t.transitions++
			if e.Type == types.HistoryEventTypeTaskStateEntered && slices.Contains([]string{"EnsureNetwork", "DeleteNetwork"}, aws.ToString(e.StateEnteredEventDetails.Name)) {
				if t.networks++; t.networks == 1 {
					t.networkBegan = at
				}
			}
		}
	}
	return t, nil
}
