// Package faults makes AWS calls fail, hang, get lost or come too early, call
// by call and on purpose, and keeps a record of what it did.
//
// A rule waits for its call, counts deterministically, and then is bound to
// the operation and account of the call that it hit: "the 7th call in the
// account, throttled five times" throttles the operation that came seventh five
// times, and not whatever runs beside it.
package faults

import (
	"context"
	"net/http"
	"sync"
	"time"

	"byoc/infra/local/awscall"
)

// Forever is the Times of a rule that never stops.
const Forever = -1

// Rule says which call is hit, and with what.
type Rule struct {
	// Service, Operation and Account of the call; empty matches all of them.
	Service   string
	Operation string
	Account   string
	// Match narrows it further; may be nil. It must not block.
	Match func(*awscall.Call) bool

	// Nth is the first matching call that is hit, counted from 1 on and from
	// the injection on; zero is the first. With only an Account the k-th call
	// in it is meant, with an Operation the k-th of that operation. Calls that
	// the Fault means nothing for (Stale on a describe) are not counted.
	Nth int
	// Times is how many calls are hit; zero is one, Forever all from the Nth on.
	Times int

	Fault Fault
	// Fired is told of each call that is hit; may be nil. It must not block.
	Fired func(Firing)
}

// Firing is one fault that was done to one call.
type Firing struct {
	Fault     string
	Service   string
	Operation string
	Account   string
	// Count is the call's number among those that the rule matched.
	Count int
	At    time.Time
}

// Faults injects. Rules are looked at in the order of their injection, and a
// rule sees the calls that the rules before it let through: of two that would
// answer the same call only the first fires and counts. It is safe for
// concurrent use.
type Faults struct {
	mu      sync.Mutex
	rules   []*armed
	fired   []Firing
	latency map[string]time.Duration
	scale   float64

	limits    map[string]Limit
	buckets   map[place]*bucket
	throttles map[string]int
}

type armed struct {
	Rule
	matched int
	hits    int
	// bound is the operation and account hit first.
	bound *awscall.Call
}

// New injects nothing yet.
func New() *Faults { return &Faults{scale: 1} }

// Inject adds a rule. remove takes it away again; the record of what it did
// stays.
func (f *Faults) Inject(rule Rule) (remove func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := &armed{Rule: rule}
	f.rules = append(f.rules, r)
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		// A new slice: calls on their way go on with the rules they met.
		var kept []*armed
		for _, other := range f.rules {
			if other != r {
				kept = append(kept, other)
			}
		}
		f.rules = kept
	}
}

// Fired is what was done so far, in order.
func (f *Faults) Fired() []Firing {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Firing(nil), f.fired...)
}

// Reset removes all rules, latencies, limits and records.
func (f *Faults) Reset() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.fired, f.latency, f.scale, f.limits = nil, nil, nil, 1, nil
}

// Behaviour puts the faults in front of a handler. It belongs in front of all
// that makes up AWS, authorization included: it is the network and AWS's
// front door.
func (f *Faults) Behaviour(next awscall.Handler) awscall.Handler {
	return func(ctx context.Context, call *awscall.Call) *awscall.Response {
		if !sleep(ctx, f.delay(call)) {
			return nil
		}
		if f.exceeds(call, time.Now()) {
			return Throttle().act(ctx, call, next)
		}
		f.mu.Lock()
		rules := append([]*armed(nil), f.rules...)
		f.mu.Unlock()
		return f.run(ctx, call, rules, next)
	}
}

func (f *Faults) run(ctx context.Context, call *awscall.Call, rules []*armed, next awscall.Handler) *awscall.Response {
	for i, r := range rules {
		if !f.hit(r, call) {
			continue
		}
		rest := func(ctx context.Context, call *awscall.Call) *awscall.Response {
			return f.run(ctx, call, rules[i+1:], next)
		}
		if !r.Fault.makes {
			f.note(r, call)
			return r.Fault.act(ctx, call, rest)
		}
		response := r.Fault.act(ctx, call, rest)
		f.made(r, call, response)
		return response
	}
	return next(ctx, call)
}

// made notes a call that made what the fault is about; after one that AWS
// refused, the rule waits for the next.
func (f *Faults) made(r *armed, call *awscall.Call, response *awscall.Response) {
	if response != nil && response.Status < http.StatusMultipleChoices {
		f.note(r, call)
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r.hits--
}

// note puts a call that was hit on record.
func (f *Faults) note(r *armed, call *awscall.Call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	firing := Firing{
		Fault:     r.Fault.name,
		Service:   call.Service,
		Operation: call.Operation,
		Account:   call.Caller.Account,
		Count:     r.matched,
		At:        time.Now(),
	}
	f.fired = append(f.fired, firing)
	if r.Fired != nil {
		r.Fired(firing)
	}
}

// hit counts the call and tells whether the rule fires.
func (f *Faults) hit(r *armed, call *awscall.Call) bool {
	if !r.matches(call) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if r.bound != nil && (r.bound.Service != call.Service || r.bound.Operation != call.Operation ||
		r.bound.Caller.Account != call.Caller.Account) {
		return false
	}
	r.matched++
	times := r.Times
	if times == 0 {
		times = 1
	}
	if r.matched < r.Nth || times != Forever && r.hits >= times {
		return false
	}
	r.hits++
	r.bound = call
	return true
}

func (r *armed) matches(call *awscall.Call) bool {
	return (r.Service == "" || r.Service == call.Service) &&
		(r.Operation == "" || r.Operation == call.Operation) &&
		(r.Account == "" || r.Account == call.Caller.Account) &&
		r.Fault.applies(call) &&
		(r.Match == nil || r.Match(call))
}

// sleep waits unless the caller gives up first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
