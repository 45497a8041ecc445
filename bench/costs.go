package main

import (
	"context"
	"fmt"

	"byoc/bench/cost"
)

// watchedInAll is how many clouds the watch is priced for.
const watchedInAll = cost.Watch(100_000)

// costs are worked out, not measured: from the sections on the API and on
// provision and deletion of this run or, where it has none, of the results.
func costs(_ context.Context, w *world) (group, error) {
	g := group{method: fmt.Sprintf("Computed by `bench/cost` from the counts of the provision, the deletion and the API's requests above and the dated public prices in `bench/cost/prices.go`. **None of it was measured on AWS.** A provision and a deletion have the request that starts them with them. An idle cloud is the only one, so that a look has an invocation of the watch for itself; what the schedules' invocations cost without it is a row of its own. The watch of 100,000 clouds is a model: a look is %d calls of %.1f s in a row, an invocation looks at %.0f accounts at once, and is paid for its whole timeout. What is left out: [docs/cost.md](../docs/cost.md), [docs/watch-cost.md](../docs/watch-cost.md).",
		cost.CallsPerLook, cost.CallSeconds, cost.Width)}
	results, err := w.results()
	if err != nil {
		return g, err
	}
	provision, deletion, err := cost.Measured(results)
	if err != nil {
		return g, err
	}
	var requests [4]float64
	for i, r := range []cost.Request{cost.Get, cost.List, cost.Create, cost.Update} {
		measured, err := r.Measured(results)
		if err != nil {
			return g, err
		}
		requests[i] = 1000 * measured.Work().Dollars()
	}
	for _, f := range []struct {
		name, unit string
		value      float64
	}{
		{"a provision", "$", provision.Work().Dollars()},
		{"a deletion", "$", deletion.Work().Dollars()},
		{"an idle active cloud, a month", "$", cost.Idle().Dollars()},
		{"the watch's schedules, without any cloud, a month at most", "$", cost.Schedules()},
		{"1,000 GET of a cloud", "$", requests[0]},
		{"1,000 list of 100", "$", requests[1]},
		{"1,000 create", "$", requests[2]},
		{"1,000 update", "$", requests[3]},
		{"watch of 100,000, AWS calls", "calls/s", watchedInAll.CallsPerSecond()},
		{"watch of 100,000, looking per tick and part", "s", watchedInAll.Seconds()},
		{"watch of 100,000, until all are looked at that are due at once", "min", watchedInAll.MinutesAllDue()},
		{"watch of 100,000, a month", "$", watchedInAll.Bill().Dollars()},
	} {
		g.add(figure{name: f.name, unit: f.unit, values: []float64{f.value}})
	}
	return g, nil
}
