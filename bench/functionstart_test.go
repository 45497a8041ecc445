package main

import (
	"os"
	"slices"
	"testing"
)

// A function that wants something set that is not in functionEnvironment would
// otherwise be found out by the next `make bench` only.
func TestEveryFunctionStartsInTheBenchmarksEnvironment(t *testing.T) {
	w := &world{root: ".."}
	names, err := w.functions()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		binary := w.path("build", architecture(), "functions", name, "bootstrap")
		if _, err := os.Stat(binary); err != nil {
			t.Skipf("the functions are not built for this machine (make functions ARCH=%s): %v", architecture(), err)
		}
		if _, peak, err := startOnce(binary); err != nil || peak == 0 {
			t.Errorf("%s: %v, peak memory %v", name, err, peak)
		}
	}
}

func TestEachBinaryStartsAfterEachOtherEquallyOften(t *testing.T) {
	for n := 1; n < 10; n++ {
		after := map[[2]int]int{}
		for round := range 2 * n {
			order := turns(n, round)
			if sorted := slices.Sorted(slices.Values(order)); sorted[0] != 0 || sorted[n-1] != n-1 || len(slices.Compact(sorted)) != n {
				t.Fatalf("of %d: %v", n, order)
			}
			for i := 1; i < n; i++ {
				after[[2]int{order[i-1], order[i]}]++
			}
		}
		for a := range n {
			for b := range n {
				if a != b && after[[2]int{a, b}] != 2 {
					t.Errorf("of %d, %d comes %d times after %d", n, b, after[[2]int{a, b}], a)
				}
			}
		}
	}
}

func TestNoFunctionsAreAnError(t *testing.T) {
	w := &world{root: t.TempDir()}
	if err := os.Mkdir(w.path("functions"), 0o750); err != nil {
		t.Fatal(err)
	}
	if names, err := w.functions(); err == nil {
		t.Errorf("%v", names)
	}
}
