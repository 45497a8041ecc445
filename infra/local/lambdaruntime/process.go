package lambdaruntime

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"

	"byoc/infra/local/child"
)

// Process is one process of a function, and the runtime API that it talks to.
type Process struct {
	spawner *child.Spawner
	// background runs what outlives the call.
	background func(func())

	// idle receives when the process asks for its next invocation, work
	// hands it over, answers carries what it says about it.
	idle    chan struct{}
	work    chan Invocation
	answers chan answer

	server  *http.Server
	cmd     *exec.Cmd
	started bool
	waiting bool

	// handed and ended are when the last invocation was, and ended.
	handed, ended time.Time

	mu      sync.Mutex
	killed  bool
	current string
	payload []byte
	// exited is closed when the process has ended; exit says how.
	exited chan struct{}
	exit   error
}

// ErrInvalidEntrypoint means that the function's bootstrap cannot be executed.
var ErrInvalidEntrypoint = errors.New("the function's bootstrap cannot be executed")

// New makes a process that is not started yet. Goroutines that outlive a call
// are handed to background, and end with the process.
func New(spawner *child.Spawner, background func(func())) *Process {
	return &Process{
		spawner: spawner, background: background,
		idle:    make(chan struct{}),
		work:    make(chan Invocation),
		answers: make(chan answer),
		exited:  make(chan struct{}),
	}
}

// Start starts cmd with the environment that env makes of the runtime API's
// address: all of it, nothing of our own is added. ErrInvalidEntrypoint where
// the program cannot be executed.
func (p *Process) Start(cmd *exec.Cmd, env func(runtimeAPI string) []string) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second}
	p.background(func() { _ = p.server.Serve(listener) })
	p.cmd = cmd
	cmd.Env = env(listener.Addr().String())
	// A grandchild that keeps the output open must not keep us waiting.
	cmd.WaitDelay = time.Second

	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		_ = p.server.Close()
		return child.ErrClosed
	}
	if err := p.spawner.Start(cmd); err != nil {
		_ = p.server.Close()
		return fmt.Errorf("%w: %w", ErrInvalidEntrypoint, err)
	}
	p.started = true
	p.background(func() {
		err := cmd.Wait()
		p.mu.Lock()
		p.exit = err
		p.mu.Unlock()
		_ = p.server.Close()
		close(p.exited)
	})
	return nil
}

// Started reports that Start succeeded, whatever became of the process since.
func (p *Process) Started() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.started
}

// Dead reports that the process was killed or has ended.
func (p *Process) Dead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return true
	}
	select {
	case <-p.exited:
		return true
	default:
		return false
	}
}

// Kill ends the process group. It does not wait.
func (p *Process) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.killed = true
	if !p.started {
		return
	}
	select {
	case <-p.exited:
	default:
		child.KillGroup(p.cmd.Process.Pid)
	}
}

// WaitGone waits until a process that was started has ended.
func (p *Process) WaitGone() {
	if p.Started() {
		<-p.exited
	}
}

// exitReason says in Lambda's words how the process ended.
func (p *Process) exitReason() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exit == nil {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + p.exit.Error()
}

// SetCurrent names the invocation that is about to run, and its payload.
func (p *Process) SetCurrent(requestID string, payload []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current, p.payload = requestID, payload
}

// WorksOn reports that the invocation under way was given a payload with text
// in it.
func (p *Process) WorksOn(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Contains(p.payload, []byte(text))
}

// Current is the request id of the last invocation.
func (p *Process) Current() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

// HandedOver is when the process took its last invocation; zero where it took
// none. It is for who calls Invoke, after that.
func (p *Process) HandedOver() time.Time { return p.handed }

// Ended is when the process answered its last invocation, or was given up.
func (p *Process) Ended() time.Time { return p.ended }
