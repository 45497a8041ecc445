package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

const preamble = `# Results

Written by ` + "`make bench`" + `, which measures all of it in one run; ` + "`make bench BENCH_FLAGS=\"-only api\"`" + ` measures one section anew and leaves the others. ` + "`make bench-check`" + ` measures and fails where a limit does not hold. A limit is held against the median. A ratio is to a baseline that was measured side by side in the same run or, where its section says so, computed; take the ratios, not the times: those are of one machine. How each figure comes about stands above its table; n is how many values it has.

What is measured is the vendor's side of bring your own cloud: an API and two state machines, of Lambda functions, make and remove a network (VPC, subnets, gateways) for a *custom cloud* in a customer's AWS account. A *provision* makes it, after a *validation* of the customer's role; a *deletion* removes it. Once an hour the *watch* looks at every cloud that is active: a *look*. *Health* is the API's request that needs no table. There is no AWS here: the *local AWS* (` + "`infra/local`" + `) is an emulator with authorization, delays and limits like AWS's in front of it.

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
func (w *world) circumstances() string {
	load, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%s, at %s, %d processors, %s, load %s before it.",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), w.commit, runtime.NumCPU(), runtime.Version(), first)
}

// commit is what git says of the work tree; the results are no change of it.
func commit(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "rev-parse", "--short", "HEAD").Output()
	if err != nil {
		return "no commit that git knows"
	}
	at := strings.TrimSpace(string(out))
	if exec.CommandContext(ctx, "git", "diff", "--quiet", "HEAD", "--", ".", ":!bench/results.md").Run() != nil {
		at += " with changes"
	}
	return at
}
