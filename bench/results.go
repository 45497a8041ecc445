package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

const preamble = `# Results

Written by ` + "`make bench`" + `, which measures all of it in one run; ` + "`make bench BENCH_FLAGS=\"-only api\"`" + ` measures one section anew and leaves the others. ` + "`make bench-check`" + ` measures and fails where a limit does not hold. A limit is held against the median. A ratio is to a baseline that was measured side by side in the same run; take the ratios, not the times: those are of one machine. How each figure comes about stands above its table.

`

// write puts the sections into the file; those of others are left there only if
// they are to be kept.
func write(file string, groups []group, keep bool) error {
	sections := map[string]string{}
	if before, err := os.ReadFile(file); err == nil && keep {
		for _, s := range strings.Split(string(before), "\n## ")[1:] {
			title, _, _ := strings.Cut(s, "\n")
			sections[title] = "## " + strings.TrimRight(s, "\n") + "\n\n"
		}
	}
	for _, g := range groups {
		sections[g.title] = g.String()
	}
	var b strings.Builder
	b.WriteString(preamble)
	for _, m := range measurements {
		if s, ok := sections[m.title]; ok {
			b.WriteString(s)
			continue
		}
		fmt.Fprintf(&b, "## %s\n\n**Not measured yet.**\n\n", m.title)
	}
	return os.WriteFile(file, []byte(strings.TrimRight(b.String(), "\n")+"\n"), 0o644)
}

// circumstances of a measurement.
func circumstances() string {
	load, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%s, %d processors, %s, load %s before it.", time.Now().UTC().Format("2006-01-02 15:04 UTC"), runtime.NumCPU(), runtime.Version(), first)
}
