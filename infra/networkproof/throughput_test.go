package networkproof

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"byoc/infra/customer"
)

// BenchmarkAPI asks the local stack's API from several clients at once: for a
// cloud, which is one call of the emulator's DynamoDB, and for its health, which
// is none.
func BenchmarkAPI(b *testing.B) {
	s, stop, err := startAs(nil, intervals())
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	l, err := newLab(ctx, s, newAccount())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, clients := range []int{1, 8, 64} {
			for _, asked := range []struct{ what, path string }{{"health", "/v1/health"}, {"get", l.api.Clouds(l.id)}} {
				// So that there are warm processes for all of them.
				if _, _, err := load(ctx, l.api, asked.path, clients, time.Second); err != nil {
					b.Fatal(err)
				}
				took, elapsed, err := load(ctx, l.api, asked.path, clients, 3*time.Second)
				if err != nil {
					b.Fatal(err)
				}
				slices.Sort(took)
				at := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1000 }
				unit := fmt.Sprintf("%s-%d-", asked.what, clients)
				b.ReportMetric(float64(len(took))/elapsed.Seconds(), unit+"req/s")
				b.ReportMetric(at(0.5), unit+"p50-ms")
				b.ReportMetric(at(0.99), unit+"p99-ms")
			}
		}
	}
}

// load answers how long each request took that clients made, one after another
// each, and the time until the last was answered: none begins after during.
func load(ctx context.Context, api *customer.Customer, path string, clients int, during time.Duration) (took []time.Duration, elapsed time.Duration, failed error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	first := time.Now()
	until := first.Add(during)
	for range clients {
		all.Go(func() {
			for time.Now().Before(until) {
				began := time.Now()
				a, err := api.Call(ctx, http.MethodGet, path, nil)
				if err == nil && a.Status != http.StatusOK {
					err = fmt.Errorf("%s answers %d: %s", path, a.Status, a.Body)
				}
				mu.Lock()
				took = append(took, time.Since(began))
				if err != nil {
					failed = err
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return took, time.Since(first), failed
}
