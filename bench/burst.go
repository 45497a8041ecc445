package main

import "context"

// burst measures many provisions that are started at once.
func burst(ctx context.Context, w *world) (group, error) {
	g := group{method: "200 provisions, five in each of 40 customers' accounts, requested one after the other by sixteen clients (again, where the API is too busy), on the local AWS with each account throttled at AWS's published limits (`infra/local/faults/limits.go`). AWS has them for each operation by itself; here all operations of EC2 that change something share one such allowance of an account, and all that read another: that is less than AWS allows. Each of the run's three functions has twelve concurrent executions, since two processors answer no more in time: a task whose turn it is not is refused and tried again, as AWS refuses it where an account has few. Intervals of tries are the deployment's own, the engine's waits for AWS a fifth of theirs, and NAT gateways are pending for 2 s. The watch runs beside it. All have to become active, and every resource in the accounts has to be on exactly one cloud's record. Before it, one provision runs alone on the same system; each of n bursts is on a system started for it. The times are this machine's: two processors run AWS, the functions and the state machines of all 200."}
	m, err := w.benchmark(ctx, "BenchmarkBurst", w.rounds)
	if err != nil {
		return g, err
	}
	for _, f := range []figure{
		{name: "active", unit: "active", exactly: new(200.0)},
		{name: "not accepted by the API", unit: "not-started", exactly: new(0.0)},
		{name: "a resource on no record or on two", unit: "misplaced", exactly: new(0.0)},
		{name: "one provision alone", unit: "s-alone"},
		{name: "until every provision is accepted", unit: "s-to-start-all"},
		{name: "until all are active", unit: "s-until-all-active"},
		{name: "a cloud's share of that ÷ one provision alone", unit: "each/alone"},
		{name: "calls refused by AWS's limits", unit: "throttled-calls"},
		{name: "tasks refused for a turn", unit: "turns-waited-for"},
		{name: "requests for which the API was too busy", unit: "api-busy"},
		{name: "calls in customers' accounts, dry runs too", unit: "customer-calls"},
	} {
		g.measured(f, m)
	}
	return g, nil
}
