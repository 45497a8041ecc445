package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// benchmark runs one of infra/networkproof's, which bring the whole system up,
// count times, and answers its metrics by unit; nil where it was skipped. Each time
// is a process of its own: of several in one, testing lets all but the first fail
// without a word in its exit status.
func (w *world) benchmark(ctx context.Context, name string, count int) (map[string][]float64, error) {
	var all map[string][]float64
	for round := range count {
		one, err := w.benchmarkOnce(ctx, name)
		if err != nil {
			return nil, err
		}
		if one == nil {
			return nil, nil
		}
		if round == 0 {
			all = one
			continue
		}
		for unit := range all {
			if len(one[unit]) != len(all[unit])/round {
				return nil, fmt.Errorf("%s has %d values of %s in round %d, and had %d in those before", name, len(one[unit]), unit, round+1, len(all[unit]))
			}
			all[unit] = append(all[unit], one[unit]...)
		}
	}
	return all, nil
}

func (w *world) benchmarkOnce(ctx context.Context, name string) (map[string][]float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-timeout", "2h", "-run", "NONE", "-bench", "^"+strings.ReplaceAll(name, "/", "$/^")+"$",
		"-benchtime", "1x", "./infra/networkproof")
	cmd.Dir = w.root
	cmd.Env = append(os.Environ(), "PROOF=1")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return metrics(string(out), name), nil
}

// metrics are read from the lines that `go test -bench` prints.
func metrics(out, name string) map[string][]float64 {
	var found map[string][]float64
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		// What a benchmark prints itself may stand between its name and its figures.
		if len(fields) < 4 || fields[1] == "" || !strings.HasPrefix(fields[0], name) && fields[0] != "1" {
			continue
		}
		if strings.HasPrefix(fields[0], name) {
			fields = fields[1:]
		}
		if fields[0] != "1" {
			continue
		}
		for i := 1; i+1 < len(fields); i += 2 {
			v, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				break
			}
			if found == nil {
				found = map[string][]float64{}
			}
			found[fields[i+1]] = append(found[fields[i+1]], v)
		}
	}
	return found
}
