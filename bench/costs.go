package main

import (
	"context"
	"fmt"
	"os"

	"byoc/bench/cost"
)

// watchedInAll is how many clouds the watch is priced for.
const watchedInAll = cost.Watch(100_000)

// costs are worked out, not measured: from the section on provision and deletion
// as the results have it.
func costs(_ context.Context, w *world) (group, error) {
	g := group{method: fmt.Sprintf("Computed by `bench/cost` from the counts of the provision and the deletion above and the dated public prices in `bench/cost/prices.go`. **None of it was measured on AWS.** A provision and a deletion have the request that starts them with them. An idle cloud is the only one, so that a look has an invocation of the watch for itself. The watch of 100,000 clouds is a model: a look is %d calls of %.1f s in a row, an invocation looks at %.0f accounts at once, and is paid for its whole timeout. What is left out: [docs/cost.md](../docs/cost.md), [docs/watch-cost.md](../docs/watch-cost.md).",
		cost.CallsPerLook, cost.CallSeconds, cost.Width)}
	results, err := os.ReadFile(w.path("bench", "results.md"))
	if err != nil {
		return g, err
	}
	provision, deletion, err := cost.Measured(string(results))
	if err != nil {
		return g, err
	}
	for _, f := range []struct {
		name, unit string
		value      float64
	}{
		{"a provision", "$", provision.Work().Dollars()},
		{"a deletion", "$", deletion.Work().Dollars()},
		{"an idle active cloud, a month", "$", cost.Idle().Dollars()},
		{"1,000 GET of a cloud", "$", 1000 * cost.Get().Dollars()},
		{"1,000 list of 100", "$", 1000 * cost.List().Dollars()},
		{"1,000 create", "$", 1000 * cost.Create().Dollars()},
		{"1,000 update", "$", 1000 * cost.Update().Dollars()},
		{"watch of 100,000, AWS calls", "calls/s", watchedInAll.CallsPerSecond()},
		{"watch of 100,000, looking per tick and part", "s", watchedInAll.Seconds()},
		{"watch of 100,000, until all are looked at that are due at once", "min", watchedInAll.MinutesAllDue()},
		{"watch of 100,000, a month", "$", watchedInAll.Bill().Dollars()},
	} {
		g.add(figure{name: f.name, unit: f.unit, values: []float64{f.value}})
	}
	return g, nil
}
