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
			for what, path := range map[string]string{"get": l.api.Clouds(l.id), "health": "/v1/health"} {
				// So that there are warm processes for all of them.
				if _, err := load(ctx, l.api, path, clients, time.Second); err != nil {
					b.Fatal(err)
				}
				const measured = 5 * time.Second
				took, err := load(ctx, l.api, path, clients, measured)
				if err != nil {
					b.Fatal(err)
				}
				slices.Sort(took)
				at := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1000 }
				unit := fmt.Sprintf("%s-%d-", what, clients)
				b.ReportMetric(float64(len(took))/measured.Seconds(), unit+"req/s")
				b.ReportMetric(at(0.5), unit+"p50-ms")
				b.ReportMetric(at(0.99), unit+"p99-ms")
			}
		}
	}
}

// load answers how long each request took that clients made, one after another
// each, for the time.
func load(ctx context.Context, api *customer.Customer, path string, clients int, during time.Duration) (took []time.Duration, failed error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	until := time.Now().Add(during)
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
	return took, failed
}
