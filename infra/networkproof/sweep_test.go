package networkproof

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/infra/sandbox"
)

const (
	// atOnce is how many clouds a system works on at the same time: most of a
	// run is waiting.
	atOnce = 8
	// batch is how many trials a system sees before it is replaced: the
	// emulator's transactions copy the whole table.
	batch = 48
	// systems side by side in a complete sweep: the emulator uses one processor.
	systems = 2
	// chosen is how many trials `make test` runs, all at once and one of each
	// kind of fault, and chosenSeed which.
	chosen     = 10
	chosenSeed = 1
)

// TestFaultSweep holds provisions and deletions against every fault at every
// call: with SWEEP=complete all of them, else a choice by SWEEP_SEED.
func TestFaultSweep(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the whole system up")
	}
	t.Parallel()
	seed := number(t, "SWEEP_SEED", chosenSeed)
	chance := rand.New(rand.NewPCG(uint64(seed), 1))
	w := &sweep{t: t, began: time.Now(), faulted: map[string]bool{}}
	s := shared(t)
	var err error
	if w.recording, err = record(t.Context(), s); err != nil {
		t.Fatal("a run without faults: ", err)
	}
	w.recording.provision, w.recording.deletion = part(t, w.recording.provision), part(t, w.recording.deletion)
	provisions, deletions := hits(w.recording.provision), hits(w.recording.deletion)
	chance.Shuffle(len(provisions), func(i, j int) { provisions[i], provisions[j] = provisions[j], provisions[i] })
	chance.Shuffle(len(deletions), func(i, j int) { deletions[i], deletions[j] = deletions[j], deletions[i] })
	fmt.Printf("fault sweep: %d calls of a provision and %d of a deletion, %d faults to inject; seed %d\n",
		len(w.recording.provision), len(w.recording.deletion), len(provisions)+len(deletions), seed)
	if complete() {
		w.all(provisions, deletions)
		w.wantEveryCallFaulted()
		// Of a part of the calls a kind may have only one that is seldom made.
		if os.Getenv("SWEEP_PART") == "" {
			w.wantEveryFaultMet("provision", provisions)
			w.wantEveryFaultMet("deletion", deletions)
		}
	} else {
		n := int(number(t, "SWEEP_RUNS", chosen))
		w.run(s, chosen, pair(burdens(varied(provisions, n)), burdens(varied(deletions, n))))
	}
	w.report()
}

// part is the share of the calls that SWEEP_PART names: 2/4 is every fourth,
// from the second on.
func part(t *testing.T, calls []call) []call {
	text := os.Getenv("SWEEP_PART")
	if text == "" {
		return calls
	}
	var k, n int
	if _, err := fmt.Sscanf(text, "%d/%d", &k, &n); err != nil || k < 1 || k > n {
		t.Fatalf("SWEEP_PART is %q; it looks like 2/4", text)
	}
	var some []call
	for i := k - 1; i < len(calls); i += n {
		some = append(some, calls[i])
	}
	return some
}

// hits is what the calls have to stand: every fault that means something for them.
func hits(calls []call) []hit {
	var all []hit
	for _, c := range calls {
		for _, f := range catalogue() {
			if f.only == nil || f.only(c) {
				all = append(all, hit{c, f})
			}
		}
	}
	return all
}

// varied takes n hits, every kind of fault as often as any other.
func varied(all []hit, n int) []hit {
	kinds := map[string][]hit{}
	for _, h := range all {
		kinds[h.fault.name] = append(kinds[h.fault.name], h)
	}
	var some []hit
	for len(some) < min(n, len(all)) {
		for _, f := range catalogue() {
			if left := kinds[f.name]; len(left) > 0 && len(some) < n {
				some, kinds[f.name] = append(some, left[0]), left[1:]
			}
		}
	}
	return some
}

// pair puts what a deletion meets into the life of a cloud that becomes active
// in spite of what its provision meets.
func pair(provisions, deletions []burden) []trial {
	var trials []trial
	for _, p := range provisions {
		t := trial{provision: p}
		if !p.fails() && len(deletions) > 0 {
			t.deletion, deletions = deletions[0], deletions[1:]
		}
		trials = append(trials, t)
	}
	for _, d := range deletions {
		trials = append(trials, trial{deletion: d})
	}
	return trials
}

// sweep collects what came of its trials.
type sweep struct {
	t         *testing.T
	began     time.Time
	recording recording

	mu      sync.Mutex
	results []result
	faulted map[string]bool
}

// run the trials in one system, width at a time.
func (w *sweep) run(s *sandbox.Sandbox, width int, trials []trial) {
	inParallel(width, trials, func(one trial) {
		r := one.run(context.WithoutCancel(w.t.Context()), s, w.recording.shape)
		w.add(r)
	})
}

// all trials, each batch in a system of its own. What did not come to its call
// is tried once more, with nothing else in its way.
func (w *sweep) all(provisions, deletions []hit) {
	trials := pair(burdens(provisions), burdens(deletions))
	for again := range 2 {
		inParallel(systems, slices.Collect(slices.Chunk(trials, batch)), func(some []trial) {
			s, stop, err := startSandbox(nil)
			if err != nil {
				w.t.Error(err)
				return
			}
			defer stop()
			w.run(s, atOnce, some)
			w.report()
		})
		if again == 0 {
			trials = pair(singly(w.missed(provisions, "provision")), singly(w.missed(deletions, "deletion")))
		}
	}
}

func (w *sweep) missed(all []hit, in string) []hit {
	return slices.DeleteFunc(slices.Clone(all), func(h hit) bool { return w.faulted[in+": "+h.String()] })
}

func (w *sweep) add(r result) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.results = append(w.results, r)
	for in, b := range r.burdens() {
		for i, fired := range r.fired[in] {
			if fired > 0 {
				w.faulted[in+": "+b[i].String()] = true
				w.faulted[in+": "+b[i].call.String()] = true
			}
		}
	}
	if r.err != nil {
		w.t.Errorf("%s: %v", r.trial, r.err)
	}
	if os.Getenv("SWEEP_VERBOSE") != "" {
		fmt.Printf("  %5.1fs %s %v %s %s %v\n", r.took.Seconds(), r.trial, r.fired, r.provisioned, r.deleted, r.err)
	}
}

func (w *sweep) wantEveryCallFaulted() {
	for in, calls := range map[string][]call{"provision": w.recording.provision, "deletion": w.recording.deletion} {
		for _, c := range calls {
			if !w.faulted[in+": "+c.String()] {
				w.t.Errorf("never faulted in a %s: %s", in, c)
			}
		}
	}
}

// wantEveryFaultMet holds every kind of call, whichever time it is made, against
// every fault; and names what did not come to its call even when tried again: a
// call that a run makes only where another was repeated, or was not seen yet.
func (w *sweep) wantEveryFaultMet(in string, all []hit) {
	kind := func(h hit) hit {
		h.call.nth = 0
		return h
	}
	met := map[string]bool{}
	for _, h := range all {
		if w.faulted[in+": "+h.String()] {
			met[kind(h).String()] = true
		}
	}
	for _, h := range all {
		if !met[kind(h).String()] {
			w.t.Errorf("in a %s no call met: %s", in, kind(h))
			met[kind(h).String()] = true
		}
	}
	for _, h := range w.missed(all, in) {
		fmt.Printf("  did not come to its call in a %s: %s\n", in, h)
	}
}

// report prints runs, faults, outcomes and leaks.
func (w *sweep) report() {
	w.mu.Lock()
	defer w.mu.Unlock()
	var injected, missed, leaks int
	outcomes, kinds := map[string]int{}, map[string]int{}
	for _, r := range w.results {
		if r.leaked() {
			leaks++
		}
		outcomes[string(r.provisioned)]++
		if r.deleted != "" {
			outcomes[string(r.deleted)]++
		}
		for in, b := range r.burdens() {
			for i, h := range b {
				if i < len(r.fired[in]) && r.fired[in][i] > 0 {
					injected++
					kinds[h.fault.name]++
				} else {
					missed++
				}
			}
		}
	}
	fmt.Printf("fault sweep: %d clouds, %d faults injected (%d tries came to no call), %d leaks, %.0f s\n",
		len(w.results), injected, missed, leaks, time.Since(w.began).Seconds())
	fmt.Printf("  outcomes: %s\n  faults: %s\n", counts(outcomes), counts(kinds))
}

func counts(m map[string]int) string {
	var parts []string
	for name, n := range m {
		parts = append(parts, fmt.Sprintf("%s %d", name, n))
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
