package main

import "context"

// provision measures a provision, a deletion and, where they are at hand,
// Terraform's of the same topology.
func provision(ctx context.Context, w *world) (group, error) {
	g := group{method: "On the local AWS with the deployed state machines and binaries, at AWS's own intervals, in three zones: a call takes 0.2 to 0.8 s as in `infra/networkproof/speed_test.go`, a NAT gateway is pending for 60 s and deleting for 60 s. Wall time, from the end of validation, is divided by the longest chain of calls that AWS's dependencies force (62.4 s to create, 60.8 s to delete). Calls are those of EC2 in the customer's account after validation, without dry runs. Terraform makes and destroys `infra/networkproof/testdata/topology.tf` through the same local AWS; its time includes its own start."}
	ours, err := w.benchmark(ctx, "BenchmarkProvision/limited", w.rounds)
	if err != nil {
		return g, err
	}
	for _, f := range []figure{
		{name: "provision, wall ÷ forced chain", unit: "wall/forced", limit: 1.15},
		{name: "provision, calls", unit: "calls", limit: 60},
		{name: "provision, state transitions", unit: "transitions", limit: 25},
		{name: "a second run over what is there, calls", unit: "calls-again", limit: 12},
		{name: "deletion, wall ÷ forced chain", unit: "deletion-wall/forced", limit: 1.2},
		{name: "deletion, calls", unit: "deletion-calls", limit: 60},
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
			{name: what + "function calls", unit: "functions"}, {name: what + "function time", unit: "function-s"},
			{name: what + "table updates", unit: "updates"}, {name: what + "table transactions", unit: "transactions"},
			{name: what + "table puts", unit: "puts"}, {name: what + "table reads", unit: "reads"},
		} {
			f.values, f.unit = ours[of+f.unit], map[bool]string{true: "s", false: "calls"}[f.unit == "function-s"]
			g.add(f)
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
		{name: "terraform apply, calls", unit: "calls"},
		{name: "terraform destroy, wall ÷ forced chain", unit: "deletion-wall/forced"},
		{name: "terraform destroy, calls", unit: "deletion-calls"},
	} {
		g.measured(f, theirs)
	}
	return g, nil
}

// measured adds a figure whose unit is the metric's.
func (g *group) measured(f figure, metrics map[string][]float64) {
	f.values = metrics[f.unit]
	switch f.unit {
	case "wall/forced", "deletion-wall/forced", "each/alone":
		f.unit = "ratio"
	case "active", "not-started":
		f.unit = "clouds"
	case "s-alone", "s-to-start-all", "s-until-all-active":
		f.unit = "s"
	case "transitions", "deletion-transitions":
		f.unit = "states"
	case "misplaced":
		f.unit = "0 or 1"
	default:
		f.unit = "calls"
	}
	g.add(f)
}
