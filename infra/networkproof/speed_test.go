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
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// latencies are AWS's, as measured from a region's own functions.
var latencies = map[string]time.Duration{
	"ec2:CreateVpc": 600 * time.Millisecond, "ec2:CreateNatGateway": 800 * time.Millisecond,
	"ec2:CreateSubnet": 400 * time.Millisecond, "ec2:CreateRouteTable": 400 * time.Millisecond,
	"ec2:CreateSecurityGroup": 400 * time.Millisecond, "ec2:CreateRoute": 400 * time.Millisecond,
	"ec2:AttachInternetGateway": 400 * time.Millisecond, "ec2:*": 200 * time.Millisecond,
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

// BenchmarkProvision is one provision with AWS's latencies and intervals, and
// a second run over the finished network. It prints what design.md limits, and
// fails where a limit does not hold.
func BenchmarkProvision(b *testing.B) {
	s, stop, err := startAs(func(o *ec2behaviour.Options) { o.NATPending = natPending }, map[string]string{})
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	for b.Loop() {
		l, err := newLab(ctx, s, newAccount())
		if err != nil {
			b.Fatal(err)
		}
		s.Faults.SetLatency(latencies, 1)
		execution, err := l.nextExecution(ctx, cloud.OperationProvision)
		if err != nil {
			b.Fatal(err)
		}
		if _, err = l.active(ctx); err != nil {
			b.Fatal(err)
		}
		again, err := l.again(ctx)
		if err != nil {
			b.Fatal(err)
		}
		s.Faults.SetLatency(nil, 1)
		first, second := network(callsOf(s, execution)), network(callsOf(s, again))
		run, err := history(ctx, l, execution)
		if err != nil {
			b.Fatal(err)
		}
		// What validation takes is before the chain: AWS does not force it.
		took := run.ended.Sub(run.networkBegan)
		ratio := took.Seconds() / forced().Seconds()
		changed := len(slices.DeleteFunc(slices.Clone(second), func(c local.Call) bool { return !mutates(c) }))
		polls := max(0, run.networks-1)
		fmt.Printf("provision of three zones: %.1f s for a forced chain of %.1f s, ratio %.3f (with validation %.1f s, %.3f)\n",
			took.Seconds(), forced().Seconds(), ratio, run.ended.Sub(run.began).Seconds(), run.ended.Sub(run.began).Seconds()/forced().Seconds())
		fmt.Printf("calls in the customer's account: %d, of them %d refused or repeated; second run: %d, of them %d mutating\n",
			len(first), failures(first), len(second), changed)
		fmt.Printf("state transitions: %d with %d polls\n", run.transitions, polls)
		b.ReportMetric(ratio, "wall/forced")
		b.ReportMetric(float64(len(first)), "calls")
		b.ReportMetric(float64(len(second)), "calls-again")
		b.ReportMetric(float64(run.transitions), "transitions")
		if ratio > 1.15 || len(first) > 60 || len(second) > 12 || changed > 0 || polls <= 3 && run.transitions > 25 {
			b.Error("a limit of design.md does not hold: ratio 1.15, 60 calls, 12 describes and no change by a second run, 25 transitions with three polls")
		}
		if err := l.gone(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func network(calls []local.Call) []local.Call {
	return slices.DeleteFunc(calls, func(c local.Call) bool { return !ofNetwork(c) })
}

func failures(calls []local.Call) int {
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
}

func history(ctx context.Context, l *lab, execution string) (t timeline, err error) {
	client := sfn.NewFromConfig(customer.New(l.s.Runfile()).Account(sandbox.Account).Config())
	arn := strings.Replace(l.s.Outputs["ProvisionMachineArn"], ":stateMachine:", ":execution:", 1) + ":" + execution
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
			if e.StateEnteredEventDetails == nil {
				continue
			}
			t.transitions++
			if e.Type == types.HistoryEventTypeTaskStateEntered && aws.ToString(e.StateEnteredEventDetails.Name) == "EnsureNetwork" {
				if t.networks++; t.networks == 1 {
					t.networkBegan = at
				}
			}
		}
	}
	return t, nil
}
