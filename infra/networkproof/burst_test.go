package networkproof

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/lambda"

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
		labs := make([]*lab, clouds)
		ids := make([]string, (clouds+perAccount-1)/perAccount)
		for i := range ids {
			ids[i] = newAccount()
		}
		var failures sync.Map
		numbers := make([]int, clouds)
		for i := range numbers {
			numbers[i] = i
		}
		inParallel(4, numbers, func(i int) {
			var err error
			// An emulator with so much to do loses an answer now and then; to set up is
			// not what is measured.
			for range 2 {
				if labs[i], err = newLab(ctx, s, ids[i/perAccount]); err == nil {
					return
				}
			}
			failures.Store(i, err)
		})
		s.Faults.SetLimits(faults.PublishedLimits())
		before := len(s.Calls())
		began := time.Now()
		// A run that the API could not start in time is the watch's to start.
		stopWatching := watching(ctx, b, s)
		inParallel(16, numbers, func(i int) {
			if _, failed := failures.Load(i); failed {
				return
			}
			if err := labs[i].provision(ctx); err != nil {
				failures.Store(i, err)
			}
		})
		asked := time.Since(began)
		// Few look at a time: whoever asks takes the processors from what is asked for.
		inParallel(4, numbers, func(i int) {
			if _, failed := failures.Load(i); failed {
				return
			}
			if _, err := labs[i].in(ctx, cloud.Active); err != nil {
				failures.Store(i, err)
			}
		})
		took := time.Since(began)
		stopWatching()
		throttled := 0
		for _, n := range s.Faults.Throttled() {
			throttled += n
		}
		s.Faults.SetLimits(nil)
		failed := 0
		failures.Range(func(i, err any) bool {
			failed++
			b.Errorf("cloud %v: %v", i, err)
			return true
		})
		if failed == 0 {
			if err := nothingShared(ctx, labs); err != nil {
				b.Error(err)
			}
		}
		b.ReportMetric(float64(clouds-failed), "active")
		b.ReportMetric(asked.Seconds(), "s-to-start-all")
		b.ReportMetric(took.Seconds(), "s-until-all-active")
		b.ReportMetric(float64(throttled), "throttled-calls")
		b.ReportMetric(float64(len(s.Calls())-before), "calls-in-all")
		fmt.Printf("%d provisions at once: %d active after %.0f s, %d calls throttled\n", clouds, clouds-failed, took.Seconds(), throttled)
	}
}

// reserve gives each of the functions so much concurrency, as accounts have it
// that are new to AWS: the others wait for their turn. What all at once would ask
// of two processors is answered by none in time.
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
