package main

import (
	"slices"
	"testing"
)

func TestMetricsOfABenchmarkAreRead(t *testing.T) {
	got := metrics(`goos: linux
BenchmarkProvision/limited         	provision of three zones: 68.8 s
  51 calls in the customer's account
       1	91000000000 ns/op	        51.00 calls	         1.100 wall/forced
BenchmarkProvision/limited-2       	       1	91000000000 ns/op	        52.00 calls	         1.200 wall/forced
PASS
`, "BenchmarkProvision/limited")
	if !slices.Equal(got["calls"], []float64{51, 52}) || !slices.Equal(got["wall/forced"], []float64{1.1, 1.2}) {
		t.Errorf("%v", got)
	}
	if got := metrics("BenchmarkTerraform\n--- SKIP: BenchmarkTerraform\n", "BenchmarkTerraform"); got != nil {
		t.Errorf("of what was skipped: %v", got)
	}
}
