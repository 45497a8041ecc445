package networkproof

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"byoc/infra/customer"
	"byoc/infra/local/ec2behaviour"
)

// BenchmarkTerraform makes and removes the same topology with Terraform through
// the same local AWS, with the same latencies.
func BenchmarkTerraform(b *testing.B) {
	topology, err := os.ReadFile("testdata/topology.tf")
	if err != nil {
		b.Fatal(err)
	}
	s, stop, err := startAs(func(o *ec2behaviour.Options) {
		o.NATPending, o.NATDeleting, o.StaleReads, o.StaleCalls = natPending, natDeleting, 0, 0
	}, map[string]string{})
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	for b.Loop() {
		id := newAccount()
		tf, err := customer.New(s.Runfile()).Account(id).NewTerraform(ctx, b.TempDir(), string(topology), "")
		if errors.Is(err, customer.ErrNoTerraform) {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		s.Faults.SetLatency(latencies, 1)
		phase := func(name string, forced time.Duration, do func() error) {
			before, began := len(s.Calls()), time.Now()
			if err := do(); err != nil {
				b.Fatal(err)
			}
			took, calls := time.Since(began), 0
			for _, c := range s.Calls()[before:] {
				if c.Account == id && c.Service == "ec2" {
					calls++
				}
			}
			b.ReportMetric(took.Seconds(), name+"s")
			b.ReportMetric(took.Seconds()/forced.Seconds(), name+"wall/forced")
			b.ReportMetric(float64(calls), name+"calls")
			fmt.Printf("terraform %s%.1f s, %d calls\n", name, took.Seconds(), calls)
		}
		phase("", forced(), func() error { _, err := tf.Apply(ctx); return err })
		phase("deletion-", forcedDeletion(), func() error { return tf.Destroy(ctx) })
		s.Faults.SetLatency(nil, 1)
	}
}
