package local

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/child"
)

// functions runs the deployed functions, each in processes of its own.
type functions struct {
	lifetime  context.Context
	work      *workGroup
	endpoint  string
	dir       string
	log       *slog.Logger
	emulator  awscall.Emulator
	tokens    *tokenService
	spawner   *child.Spawner
	limit     int
	idle      time.Duration
	retries   []time.Duration
	unpacking keyedMutex

	mu    sync.Mutex
	known map[functionRef]knownFunction
	// instances are all processes, busy or not.
	instances map[functionRef][]*instance
	logs      map[string]*functionLog
	running   int
	closed    bool
}

func newFunctions(lifetime context.Context, work *workGroup, endpoint string, c Config, emulator awscall.Emulator, tokens *tokenService, spawner *child.Spawner) *functions {
	f := &functions{
		lifetime: lifetime, work: work, endpoint: endpoint, dir: c.Dir, log: c.Log,
		emulator: emulator, tokens: tokens, spawner: spawner,
		limit: c.MaxConcurrency, idle: c.IdleTimeout, retries: c.AsyncRetries,
		known:     map[functionRef]knownFunction{},
		instances: map[functionRef][]*instance{},
		logs:      map[string]*functionLog{},
	}
	f.work.run(f.endIdle)
	return f
}

var (
	errThrottledFunction = errors.New("ReservedFunctionConcurrentInvocationLimitExceeded")
	errThrottledAccount  = errors.New("ConcurrentInvocationLimitExceeded")
)

// acquire gives the caller a process of its own until release. The process
// may still have to start.
func (f *functions) acquire(fn *function) (*instance, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, errClosed
	}
	var free *instance
	busy := 0
	for _, candidate := range f.instances[fn.ref] {
		switch {
		case candidate.busy:
			busy++
		case candidate.fn.version != fn.version || candidate.worn():
			candidate.Kill()
		case !candidate.Dead():
			free = candidate
		}
	}
	switch {
	case fn.reserved >= 0 && busy >= fn.reserved:
		return nil, errThrottledFunction
	case f.running >= f.limit:
		return nil, errThrottledAccount
	}
	if free == nil {
		free = newInstance(fn, f.logFor(fn.ref.name), f.spawner, f.work)
		f.instances[fn.ref] = append(f.instances[fn.ref], free)
	}
	free.busy = true
	f.running++
	return free, nil
}

func (f *functions) release(used *instance) {
	f.mu.Lock()
	defer f.mu.Unlock()
	used.busy = false
	used.lastUsed = time.Now()
	f.running--
	if used.Dead() || f.closed {
		f.remove(used)
	}
}

// remove forgets an instance; the caller holds the lock.
func (f *functions) remove(gone *instance) {
	gone.Kill()
	kept := f.instances[gone.fn.ref][:0]
	for _, other := range f.instances[gone.fn.ref] {
		if other != gone {
			kept = append(kept, other)
		}
	}
	f.instances[gone.fn.ref] = kept
}

func (f *functions) endIdle() {
	ticker := time.NewTicker(max(f.idle/10, 10*time.Millisecond))
	defer ticker.Stop()
	for {
		select {
		case <-f.lifetime.Done():
			return
		case <-ticker.C:
		}
		f.mu.Lock()
		for _, instances := range f.instances {
			for _, candidate := range append([]*instance(nil), instances...) {
				if !candidate.busy && (candidate.Dead() || time.Since(candidate.lastUsed) > f.idle) {
					f.remove(candidate)
				}
			}
		}
		f.mu.Unlock()
	}
}

// KillFunctions kills the running processes of a function, as if they had
// crashed, and returns how many there were. The name is the function's
// physical name; empty means every function.
func (s *Server) KillFunctions(name string) int {
	return s.functions.killWhere(func(i *instance) bool { return name == "" || i.fn.ref.name == name })
}

// KillInvocations kills the processes that are at work on a payload with text
// in it, a run's name for instance, and returns how many there were.
func (s *Server) KillInvocations(text string) int {
	return s.functions.killWhere(func(i *instance) bool { return i.busy && i.WorksOn(text) })
}

func (f *functions) killWhere(chosen func(*instance) bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	killed := 0
	for _, instances := range f.instances {
		for _, candidate := range instances {
			if chosen(candidate) && !candidate.Dead() {
				candidate.Kill()
				killed++
			}
		}
	}
	return killed
}

// killAll ends every process, and waits until all are gone.
func (f *functions) killAll() {
	f.mu.Lock()
	f.closed = true
	var all []*instance
	for _, instances := range f.instances {
		all = append(all, instances...)
	}
	f.mu.Unlock()
	for _, i := range all {
		i.Kill()
	}
	for _, i := range all {
		i.WaitGone()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, log := range f.logs {
		log.close()
	}
}
