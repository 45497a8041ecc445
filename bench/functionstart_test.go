package main

import (
	"os"
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
