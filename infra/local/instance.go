package local

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// instance is one process of a function, and the runtime API that it talks
// to. It serves one invocation at a time.
type instance struct {
	fn  *function
	log *functionLog

	// busy and lastUsed belong to functions and its lock.
	busy     bool
	lastUsed time.Time

	// idle receives when the process asks for its next invocation, work
	// hands it over, answers carries what it says about it.
	idle    chan struct{}
	work    chan invocation
	answers chan runtimeAnswer

	expires  time.Time
	server   *http.Server
	listener net.Listener
	cmd      *exec.Cmd
	started  bool
	waiting  bool

	mu      sync.Mutex
	killed  bool
	current string
	payload []byte
	// exited is closed when the process has ended; exit says how.
	exited chan struct{}
	exit   error
}

type invocation struct {
	requestID string
	payload   []byte
	deadline  time.Time
	arn       string
}

func newInstance(fn *function, log *functionLog) *instance {
	return &instance{
		fn: fn, log: log, lastUsed: time.Now(),
		idle:    make(chan struct{}),
		work:    make(chan invocation),
		answers: make(chan runtimeAnswer),
		exited:  make(chan struct{}),
	}
}

// sessionDuration is how long the credentials of a process last; it is
// replaced well before they expire.
const (
	sessionDuration = 6 * time.Hour
	sessionMargin   = 20 * time.Minute
)

// worn reports that the credentials are about to expire.
func (i *instance) worn() bool {
	return i.started && time.Until(i.expires) < sessionMargin
}

func (i *instance) dead() bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.killed {
		return true
	}
	select {
	case <-i.exited:
		return true
	default:
		return false
	}
}

// start starts the process.
func (i *instance) start(ctx context.Context, f *functions) error {
	dir, err := f.codeDir(ctx, i.fn)
	if err != nil {
		return err
	}
	credentials, err := f.tokens.assumeForService(ctx, "lambda.amazonaws.com", i.fn.role, i.fn.ref.name, sessionDuration)
	if err != nil {
		return fmt.Errorf("%w: %w", errRoleNotAssumable, err)
	}
	i.expires = credentials.expires
	if i.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return err
	}
	i.server = &http.Server{Handler: i, ReadHeaderTimeout: 10 * time.Second}
	f.work.run(func() { _ = i.server.Serve(i.listener) })

	i.cmd = exec.Command(filepath.Join(dir, "bootstrap"))
	i.cmd.Dir = dir
	i.cmd.Env = i.fn.env(f.endpoint, i.listener.Addr().String(), dir, credentials)
	output := &lineWriter{instance: i}
	i.cmd.Stdout, i.cmd.Stderr = output, output
	// A grandchild that keeps the output open must not keep us waiting.
	i.cmd.WaitDelay = time.Second

	i.mu.Lock()
	defer i.mu.Unlock()
	if i.killed {
		_ = i.server.Close()
		return errClosed
	}
	if err := f.spawner.start(i.cmd); err != nil {
		_ = i.server.Close()
		return fmt.Errorf("%w: %w", errInvalidEntrypoint, err)
	}
	i.started = true
	f.work.run(func() {
		err := i.cmd.Wait()
		i.mu.Lock()
		i.exit = err
		i.mu.Unlock()
		_ = i.server.Close()
		close(i.exited)
	})
	return nil
}

// kill ends the process group. It does not wait.
func (i *instance) kill() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.killed = true
	if !i.started {
		return
	}
	select {
	case <-i.exited:
	default:
		killGroup(i.cmd.Process.Pid)
	}
}

func (i *instance) waitGone() {
	i.mu.Lock()
	started := i.started
	i.mu.Unlock()
	if started {
		<-i.exited
	}
}

// exitReason says in Lambda's words how the process ended.
func (i *instance) exitReason() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.exit == nil {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + i.exit.Error()
}

func (i *instance) setCurrent(requestID string, payload []byte) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.current, i.payload = requestID, payload
}

// worksOn reports that the invocation under way was given a payload with text
// in it.
func (i *instance) worksOn(text string) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	return bytes.Contains(i.payload, []byte(text))
}

func (i *instance) currentRequest() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.current
}
