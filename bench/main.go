// Command bench measures speed, scale and cost, each as a ratio to a baseline
// of the same run, and writes results.md. It exits with 1 where a limit does
// not hold.
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

// measurement is one group of figures.
type measurement struct {
	name string
	take func(context.Context, *world) (group, error)
}

var measurements = []measurement{
	{"start", functionStart},
	{"api", apiHandler},
	{"scale", scale},
	{"provision", provision},
	{"burst", burst},
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
	only := flag.String("only", "", "groups to measure, with commas between; all if empty")
	out := flag.String("out", "", "file that the figures are written to; none if empty")
	stub := flag.Bool("stub", false, "be the table that measurements are made against")
	flag.Parse()
	if *stub {
		return serveStub()
	}
	w := &world{root: "."}
	defer w.close()
	var groups []group
	for _, m := range measurements {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), m.name) {
			continue
		}
		fmt.Fprintln(os.Stderr, "measuring", m.name)
		g, err := m.take(ctx, w)
		if err != nil {
			return fmt.Errorf("measuring %s: %w", m.name, err)
		}
		fmt.Print(g)
		groups = append(groups, g)
	}
	if *out != "" {
		if err := os.WriteFile(*out, []byte(document(groups)), 0o644); err != nil {
			return err
		}
	}
	return missed(groups)
}
