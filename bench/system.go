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
// count times, and answers its metrics by unit; nil where it was skipped.
func (w *world) benchmark(ctx context.Context, name string, count int) (map[string][]float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-timeout", "2h", "-run", "NONE", "-bench", "^"+strings.ReplaceAll(name, "/", "$/^")+"$",
		"-benchtime", "1x", "-count", strconv.Itoa(count), "./infra/networkproof")
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
