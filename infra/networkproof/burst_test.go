package networkproof

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"byoc/infra/local/faults"
	"byoc/shared/cloud"
)

// BenchmarkBurst starts many provisions at once, five in each customer's account,
// while every account is throttled as AWS publishes it. All have to become
// active, with nothing made twice.
func BenchmarkBurst(b *testing.B) {
	clouds := int(number(b, "BURST", 200))
	const perAccount = 5
	settings := intervals()
	// Patience with a busy AWS is what is measured, so it is the deployment's own; and
	// what is active is not looked at again every two seconds.
	for _, name := range []string{"retryIntervalSeconds", "retryMaxDelaySeconds", "networkSeconds", "waitSeconds", "watchSeconds"} {
		delete(settings, name)
	}
	// AWS has processors for all of them. Here those that run at the same time take
	// turns, until none is answered in time.
	s, stop, err := startFew(nil, settings, 16)
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Minute)
	defer cancel()
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
			if labs[i], err = newLab(ctx, s, ids[i/perAccount]); err != nil {
				failures.Store(i, err)
			}
		})
		s.Faults.SetLimits(faults.PublishedLimits())
		before := len(s.Calls())
		began := time.Now()
		// A run that the API could not start in time is the watch's to start.
		stopWatching := watching(ctx, b, s)
		inParallel(clouds, numbers, func(i int) {
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
