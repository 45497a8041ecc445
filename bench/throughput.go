package main

import (
	"context"
	"fmt"
)

// throughput measures the API through the local stack.
func throughput(ctx context.Context, w *world) (group, error) {
	g := group{method: "Requests over HTTP to the local gateway, which runs the deployed binary, from 1, 8 and 64 clients for 5 s each, clients and all on the same machine. Health touches no table and is the baseline; a GET of a cloud is one call of the emulator's DynamoDB, of which the local AWS lets one through at a time: its figures are the emulator's, and are no figures of ours."}
	m, err := w.benchmark(ctx, "BenchmarkAPI", 1)
	if err != nil {
		return g, err
	}
	for _, what := range []string{"health", "get"} {
		for _, clients := range []int{1, 8, 64} {
			for _, unit := range []string{"req/s", "p50-ms", "p99-ms"} {
				g.add(figure{name: fmt.Sprintf("%s, %d clients", what, clients), unit: unit, values: m[fmt.Sprintf("%s-%d-%s", what, clients, unit)]})
			}
		}
	}
	return g, nil
}
