package networkproof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go"

	"byoc/infra/customer"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
	"byoc/shared/cloud"
)

// BenchmarkBurst starts many provisions at once, five in each customer's account,
// while every account is throttled as AWS publishes it. All have to become
// active, with nothing made twice.
func BenchmarkBurst(b *testing.B) {
	clouds := int(number(b, "BURST", 200))
	const perAccount = 5
	// Patience with a busy AWS is what is measured, so it is the deployment's own; and
	// what is active is not looked at again every two seconds.
	settings := map[string]string{}
	for _, name := range []string{"localAwsSpeed", "watchParts"} {
		settings[name] = intervals()[name]
	}
	s, stop, err := startAs(nil, settings)
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Minute)
	defer cancel()
	if err := reserve(ctx, s, 12, "network", "transition", "validaterole"); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		alone, err := aloneIn(ctx, s)
		if err != nil {
			b.Fatal(err)
		}
		labs := make([]*lab, clouds)
		ids := make([]string, (clouds+perAccount-1)/perAccount)
		for i := range ids {
			ids[i] = newAccount()
		}
		numbers := make([]int, clouds)
		for i := range numbers {
			numbers[i] = i
		}
		inParallel(4, numbers, func(i int) {
			// An emulator with so much to do loses an answer now and then; to set up is
			// not what is measured.
			var err error
			for range 2 {
				if labs[i], err = newLab(ctx, s, ids[i/perAccount]); err == nil {
					return
				}
			}
			b.Errorf("cloud %d: %v", i, err)
		})
		if b.Failed() {
			return
		}
		s.Faults.SetLimits(faults.PublishedLimits())
		before := len(s.Calls())
		began := time.Now()
		// A run that the API could not start in time is the watch's to start.
		stopWatching := watching(ctx, b, s)
		// What fails is not the benchmark's error: it is what it measures.
		var failed atomic.Int32
		inParallel(16, labs, func(l *lab) {
			if err := l.provision(ctx); err != nil {
				failed.Add(1)
				fmt.Fprintf(os.Stderr, "cloud %s: %v\n", l.id, err)
			}
		})
		asked := time.Since(began)
		// Few look at a time: whoever asks takes the processors from what is asked for.
		var active atomic.Int32
		inParallel(4, labs, func(l *lab) {
			if _, err := l.in(ctx, cloud.Active); err != nil {
				fmt.Fprintf(os.Stderr, "cloud %s: %v\n", l.id, err)
				return
			}
			active.Add(1)
		})
		took := time.Since(began)
		stopWatching()
		throttled := 0
		for _, n := range s.Faults.Throttled() {
			throttled += n
		}
		// How many a burst meets depends on how fast the machine is; it may be none.
		if err := limited(ctx, labs[0].account); err != nil {
			b.Error(err)
		}
		s.Faults.SetLimits(nil)
		misplaced := 0
		if err := nothingShared(ctx, labs); err != nil {
			misplaced = 1
			fmt.Fprintln(os.Stderr, err)
		}
		busy := 0
		for _, l := range labs {
			busy += l.busy
		}
		calls, turns := 0, 0
		for _, c := range s.Calls()[before:] {
			switch {
			case callerOf(c.RoleARN) == customerRole:
				calls++
			case c.Service == "lambda" && c.ErrorCode == "TooManyRequestsException":
				turns++
			}
		}
		b.ReportMetric(float64(active.Load()), "active")
		b.ReportMetric(float64(failed.Load()), "not-started")
		b.ReportMetric(float64(misplaced), "misplaced")
		b.ReportMetric(alone.Seconds(), "s-alone")
		b.ReportMetric(asked.Seconds(), "s-to-start-all")
		b.ReportMetric(took.Seconds(), "s-until-all-active")
		b.ReportMetric(took.Seconds()/alone.Seconds()/float64(clouds), "each/alone")
		b.ReportMetric(float64(throttled), "throttled-calls")
		b.ReportMetric(float64(turns), "turns-waited-for")
		b.ReportMetric(float64(busy), "api-busy")
		b.ReportMetric(float64(calls), "customer-calls")
		fmt.Printf("%d provisions at once: %d active after %.0f s, %d calls throttled\n", clouds, active.Load(), took.Seconds(), throttled)
	}
}

// limited proves that the account's limits are in force: it asks until it is refused.
func limited(ctx context.Context, account customer.Account) error {
	config := account.Config()
	config.Retryer = func() aws.Retryer { return aws.NopRetryer{} }
	client := ec2.NewFromConfig(config)
	for range 1000 {
		_, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16"), DryRun: aws.Bool(true)})
		var refusal smithy.APIError
		if errors.As(err, &refusal) && refusal.ErrorCode() == "RequestLimitExceeded" {
			return nil
		}
	}
	return errors.New("a thousand calls in a row were not throttled: the limits are not in force")
}

// aloneIn is how long one provision takes while nothing else runs.
func aloneIn(ctx context.Context, s *sandbox.Sandbox) (time.Duration, error) {
	l, err := newLab(ctx, s, newAccount())
	if err != nil {
		return 0, err
	}
	began := time.Now()
	_, err = l.active(ctx)
	return time.Since(began), err
}

// reserve gives each of the functions so much concurrency: the others wait for
// their turn. What all at once would ask of two processors is answered by none in
// time.
func reserve(ctx context.Context, s *sandbox.Sandbox, concurrency int32, functions ...string) error {
	client := lambda.NewFromConfig(s.Emulator().Config(sandbox.Account, sandbox.Region))
	pages := lambda.NewListFunctionsPaginator(client, &lambda.ListFunctionsInput{})
	var reserved []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, f := range page.Functions {
			for _, name := range functions {
				if !strings.Contains(*f.FunctionName, name) {
					continue
				}
				reserved = append(reserved, name)
				if _, err := client.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{
					FunctionName: f.FunctionName, ReservedConcurrentExecutions: &concurrency,
				}); err != nil {
					return err
				}
			}
		}
	}
	if slices.Sort(reserved); !slices.Equal(reserved, functions) {
		return fmt.Errorf("functions found are %v, wanted %v", reserved, functions)
	}
	return nil
}
