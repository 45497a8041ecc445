package main

import "context"

// burst measures many provisions that are started at once.
func burst(ctx context.Context, w *world) (group, error) {
	g := group{method: "200 provisions asked for at once, five in each of 40 customers' accounts, on the local AWS with each account throttled at AWS's published limits (`infra/local/faults/limits.go`); waits five times as fast as AWS's, NAT gateways pending for 2 s. All have to become active, and every resource in the accounts has to be on exactly one cloud's record. The time is this machine's: two processors run AWS, the functions and the state machines of all 200."}
	m, err := w.benchmark(ctx, "BenchmarkBurst", 1)
	if err != nil {
		return g, err
	}
	for _, f := range []figure{
		{name: "active, nothing made twice", unit: "active", exactly: new(200.0)},
		{name: "until every provision is accepted", unit: "s-to-start-all"},
		{name: "until all are active", unit: "s-until-all-active"},
		{name: "calls that were throttled, and repeated", unit: "throttled-calls"},
		{name: "AWS calls in all, dry runs too", unit: "calls-in-all"},
	} {
		g.measured(f, m)
	}
	return g, nil
}
