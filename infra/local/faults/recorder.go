package faults

import (
	"context"
	"sync"

	"byoc/infra/local/awscall"
)

// Entry is one call as the recorder saw it. Entries are comparable.
type Entry struct {
	Service   string
	Operation string
	Account   string
	// Role is the ARN of the role behind the call, empty where there is none.
	Role string
	// DryRun says that the call only asked whether it would be allowed.
	DryRun bool
}

// Recorder lists calls in the order in which they came in. It is safe for
// concurrent use. The zero value is ready.
type Recorder struct {
	mu    sync.Mutex
	calls []Entry
}

// Behaviour records every call that passes. In front of a Faults it sees the
// calls that were hit as well.
func (r *Recorder) Behaviour(next awscall.Handler) awscall.Handler {
	return func(ctx context.Context, call *awscall.Call) *awscall.Response {
		r.mu.Lock()
		r.calls = append(r.calls, Entry{
			Service:   call.Service,
			Operation: call.Operation,
			Account:   call.Caller.Account,
			Role:      call.Caller.RoleARN,
			DryRun:    call.IsDryRun(),
		})
		r.mu.Unlock()
		return next(ctx, call)
	}
}

// Calls are the entries so far.
func (r *Recorder) Calls() []Entry {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Entry(nil), r.calls...)
}

// Reset forgets them.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}
