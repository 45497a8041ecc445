package lambdaruntime

import (
	"fmt"
	"time"
)

// Invocation is one call of a function.
type Invocation struct {
	RequestID   string
	Payload     []byte
	FunctionARN string
	Timeout     time.Duration
}

// Ending is how an invocation ended.
type Ending string

const (
	// Answered: the handler returned an answer.
	Answered Ending = "answer"
	// HandlerError: the handler returned an error; the process lives on.
	HandlerError Ending = "handler error"
	// Panicked: the handler panicked; the process reported it and ended.
	Panicked Ending = "panic"
	// InitFailed: the process ended, or reported an error, before it asked for
	// its first invocation, or never asked.
	InitFailed Ending = "exit during init"
	// Exited: the process ended in the middle of the invocation.
	Exited Ending = "exit"
	// TimedOut: the function's time was over; the process was killed.
	TimedOut Ending = "timeout"
)

// Outcome of an invocation. Unless it was Answered, Payload is the error as
// Lambda hands it to the caller.
type Outcome struct {
	Ending  Ending
	Payload []byte
}

const (
	initTimeout = 10 * time.Second
	// settleTime is how long a process that has answered may take to ask
	// for the next invocation before its caller gets the answer.
	settleTime = 300 * time.Millisecond
)

// Invoke runs one invocation to its end, on a process that was started.
func (p *Process) Invoke(in Invocation) Outcome {
	p.SetCurrent(in.RequestID, in.Payload)
	if failed, ok := p.awaitReady(in.RequestID); !ok {
		p.Kill()
		return failed
	}
	timeout := time.NewTimer(in.Timeout)
	defer timeout.Stop()
	select {
	case p.work <- in:
		p.waiting = false
		p.handed = time.Now()
	case <-p.exited:
		return p.exitError(Exited, in.RequestID)
	}
	select {
	case a := <-p.answers:
		p.ended = time.Now()
		ended := p.settle()
		switch {
		case a.kind == "response":
			return Outcome{Answered, a.payload}
		case ended:
			return Outcome{Panicked, a.payload}
		}
		return Outcome{HandlerError, a.payload}
	case <-p.exited:
		p.ended = time.Now()
		return p.exitError(Exited, in.RequestID)
	case <-timeout.C:
		p.ended = time.Now()
		p.Kill()
		return Outcome{TimedOut, errorBody("Sandbox.Timedout", fmt.Sprintf("%s %s Task timed out after %.2f seconds",
			time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), in.RequestID, in.Timeout.Seconds()))}
	}
}

// awaitReady waits until the process asks for work; if it never does, the
// outcome says why.
func (p *Process) awaitReady(requestID string) (Outcome, bool) {
	if p.waiting {
		return Outcome{}, true
	}
	timeout := time.NewTimer(initTimeout)
	defer timeout.Stop()
	select {
	case <-p.idle:
		p.waiting = true
		return Outcome{}, true
	case a := <-p.answers:
		return Outcome{InitFailed, a.payload}, false
	case <-p.exited:
		return p.exitError(InitFailed, requestID), false
	case <-timeout.C:
		return Outcome{InitFailed, errorBody("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Init timed out after %.2f seconds",
			requestID, initTimeout.Seconds()))}, false
	}
}

// settle lets the process get ready again before its caller calls again, so
// that calls in a row find it warm. It reports that the process ended instead,
// as one does after a panic.
func (p *Process) settle() (ended bool) {
	timeout := time.NewTimer(settleTime)
	defer timeout.Stop()
	select {
	case <-p.idle:
		p.waiting = true
	case <-p.exited:
		return true
	case <-timeout.C:
	}
	return false
}

func (p *Process) exitError(e Ending, requestID string) Outcome {
	return Outcome{e, errorBody("Runtime.ExitError", "RequestId: "+requestID+" Error: "+p.exitReason())}
}
