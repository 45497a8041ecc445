// Command bench measures speed, scale and cost, each as a ratio to a baseline
// of the same run, and writes results.md. With -check it fails where a limit
// does not hold.
package main

import (
	"context"
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
	w := &world{root: ".", rounds: *rounds}
	var groups []group
	for _, m := range measurements {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		when := circumstances()
		fmt.Fprintln(os.Stderr, "measuring", m.name)
		g, err := m.take(ctx, w)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", m.name, err)
		}
		g.title, g.when = m.title, when
		fmt.Print(g)
		groups = append(groups, g)
		if *out != "" {
			if err := write(*out, groups); err != nil {
				return err
			}
		}
	}
	if *check {
		return missed(groups)
	}
	return nil
}
