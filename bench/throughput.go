package main

import (
	"context"
	"fmt"
)

// throughput measures the API through the local stack.
func throughput(ctx context.Context, w *world) (group, error) {
	g := group{method: "Requests over HTTP to the local gateway, which runs the deployed binary, from 1, 8 and 64 clients, clients and all on the same machine. In each of n rounds, on a system started for it, health and a GET of a cloud take turns for 3 s each, after a second that warms up; requests per second are divided by the time until the last one was answered. Health touches no table and is the baseline of the ratios, each of two turns next to each other; a GET is one call of the emulator's DynamoDB, of which the local AWS lets one through at a time: its figures are the emulator's, and are no figures of ours."}
	m, err := w.benchmark(ctx, "BenchmarkAPI", w.rounds)
	if err != nil {
		return g, err
	}
	of := func(what string, clients int, unit string) []float64 {
		return m[fmt.Sprintf("%s-%d-%s", what, clients, unit)]
	}
	counts := []int{1, 8, 64}
	for _, what := range []string{"health", "get"} {
		for _, clients := range counts {
			for _, unit := range []string{"req/s", "p50-ms", "p99-ms"} {
				g.add(figure{name: fmt.Sprintf("%s, %d clients", what, clients), unit: unit, values: of(what, clients, unit)})
			}
		}
	}
	for _, clients := range counts {
		health, get := of("health", clients, "req/s"), of("get", clients, "req/s")
		if len(health) != len(get) {
			return g, fmt.Errorf("%d rounds of health and %d of get from %d clients", len(health), len(get), clients)
		}
		g.add(figure{name: fmt.Sprintf("get ÷ health, %d clients", clients), unit: "ratio", values: ratios(get, health)})
	}
	return g, nil
}
