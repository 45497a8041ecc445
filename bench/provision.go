package main

import (
	"context"
	"strings"
)

// provision measures a provision, a deletion and, where they are at hand,
// Terraform's of the same topology.
func provision(ctx context.Context, w *world) (group, error) {
	g := group{method: "On the local AWS with the deployed state machines and binaries, at AWS's own intervals, in three zones. The times of AWS's calls are assumed: CreateVpc takes 0.6 s, CreateNatGateway 0.8 s; CreateSubnet, CreateRouteTable, CreateSecurityGroup, CreateRoute and AttachInternetGateway 0.4 s; every other call of EC2 and each of STS 0.2 s; a NAT gateway is pending for 60 s and deleting for 60 s. Wall time, from the end of validation, is divided by the longest chain of calls of EC2 that AWS's dependencies force: the VPC, a subnet, its NAT gateway, its minute, the look that finds it ready, the route to it (62.4 s); the NAT gateway, its minute, the look that finds it gone, a subnet, the VPC (60.8 s). Calls are those of EC2 in the customer's account after validation, without dry runs; those of STS, by which a run comes there, are counted beside them. Function time is that of all tasks of the run, validation's too. Terraform makes and destroys `infra/networkproof/testdata/topology.tf` through the same local AWS, once; its time includes its own start."}
	ours, err := w.benchmark(ctx, "BenchmarkProvision/limited", w.rounds)
	if err != nil {
		return g, err
	}
	for _, f := range []figure{
		{name: "provision, wall ÷ forced chain", unit: "wall/forced", limit: 1.15},
		{name: "provision, calls", unit: "calls", limit: 60},
		{name: "provision, calls with those of STS", unit: "calls-with-sts", limit: 60},
		{name: "provision, state transitions", unit: "transitions", limit: 25},
		{name: "a second run over what is there, calls", unit: "calls-again", limit: 12},
		{name: "a second run over what is there, calls that change anything", unit: "changed-again", exactly: new(0.0)},
		{name: "longest task of provision or deletion ÷ what a NAT gateway takes", unit: "longest/pending", limit: 0.5},
		{name: "deletion, wall ÷ forced chain", unit: "deletion-wall/forced", limit: 1.2},
		{name: "deletion, calls", unit: "deletion-calls", limit: 60},
		{name: "deletion, calls with those of STS", unit: "deletion-calls-with-sts", limit: 60},
		{name: "deletion, state transitions", unit: "deletion-transitions", limit: 25},
	} {
		g.measured(f, ours)
	}
	for _, of := range []string{"", "deletion-"} {
		what := "provision, "
		if of != "" {
			what = "deletion, "
		}
		for _, f := range []figure{
			{name: what + "wall time", unit: "s"}, {name: what + "looks at the NAT gateways", unit: "polls"},
			{name: what + "function calls", unit: "functions"}, {name: what + "function time", unit: "function-s"},
			{name: what + "table updates", unit: "updates"}, {name: what + "table transactions", unit: "transactions"},
			{name: what + "table puts", unit: "puts"}, {name: what + "table reads", unit: "reads"},
		} {
			f.unit = of + f.unit
			g.measured(f, ours)
		}
	}
	theirs, err := w.benchmark(ctx, "BenchmarkTerraform", 1)
	if err != nil {
		return g, err
	}
	if theirs == nil {
		g.notes = append(g.notes, "Terraform and its AWS provider were not at hand; nothing is said of them.")
		return g, nil
	}
	for _, f := range []figure{
		{name: "terraform apply, wall ÷ forced chain", unit: "wall/forced"},
		{name: "terraform apply, wall time", unit: "s"},
		{name: "terraform apply, calls", unit: "calls"},
		{name: "terraform destroy, wall ÷ forced chain", unit: "deletion-wall/forced"},
		{name: "terraform destroy, wall time", unit: "deletion-s"},
		{name: "terraform destroy, calls", unit: "deletion-calls"},
	} {
		g.measured(f, theirs)
	}
	return g, nil
}

// measured adds a figure whose unit is the metric's.
func (g *group) measured(f figure, metrics map[string][]float64) {
	f.values = metrics[f.unit]
	switch strings.TrimPrefix(f.unit, "deletion-") {
	case "wall/forced", "each/alone", "longest/pending":
		f.unit = "ratio"
	case "active", "not-started":
		f.unit = "clouds"
	case "s", "function-s", "s-alone", "s-to-start-all", "s-until-all-active":
		f.unit = "s"
	case "transitions":
		f.unit = "states"
	case "misplaced":
		f.unit = "0 or 1"
	default:
		f.unit = "calls"
	}
	g.add(f)
}
