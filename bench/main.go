// Command bench measures speed, scale and cost, each as a ratio to a baseline
// of the same run, and writes results.md. With -check it fails where a limit
// does not hold.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

// measurement is one section of the results.
type measurement struct {
	name, title string
	take        func(context.Context, *world) (group, error)
}

var measurements []measurement

// It is a variable of its own that the results' order is read from.
func init() {
	measurements = []measurement{
		{"start", "Function start", functionStart},
		{"api", "API handler", apiHandler},
		{"throughput", "API through the local stack", throughput},
		{"scale", "Scale", scale},
		{"watch", "Watch", watchMany},
		{"provision", "Provision and deletion", provision},
		{"burst", "Burst", burst},
		{"cost", "Cost", costs},
	}
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	only := flag.String("only", "", "sections to measure, with commas between; all if empty")
	out := flag.String("out", "", "file that the figures are written to; none if empty")
	check := flag.Bool("check", false, "fail where a limit does not hold")
	stub := flag.Bool("stub", false, "be the table that measurements are made against")
	rounds := flag.Int("rounds", 3, "how often what takes minutes is measured")
	flag.Parse()
	if *stub {
		return serveStub()
	}
	wanted, err := chosen(*only)
	if err != nil {
		return err
	}
	w := &world{root: ".", rounds: *rounds, commit: commit(ctx), partly: *only != ""}
	var failed []error
	for _, m := range wanted {
		when := w.circumstances()
		fmt.Fprintln(os.Stderr, "measuring", m.name)
		g, err := m.take(ctx, w)
		if err != nil {
			failed = append(failed, fmt.Errorf("measuring %s: %w", m.name, err))
			fmt.Fprintln(os.Stderr, failed[len(failed)-1])
			g.notes = append(g.notes, "**The measurement failed.**")
		}
		g.title, g.when = m.title, when
		fmt.Print(g)
		w.measured = append(w.measured, g)
		if *out != "" {
			if err := write(*out, w.measured, w.partly); err != nil {
				return err
			}
		}
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	if *check {
		return missed(w.measured)
	}
	return nil
}

// chosen are the measurements of those names; all where there is none.
func chosen(names string) ([]measurement, error) {
	if names == "" {
		return measurements, nil
	}
	list := strings.Split(names, ",")
	var wanted []measurement
	for _, m := range measurements {
		if slices.Contains(list, m.name) {
			wanted = append(wanted, m)
		}
	}
	if len(wanted) != len(list) {
		return nil, fmt.Errorf("-only %s: not all of these are measured here", names)
	}
	return wanted, nil
}
