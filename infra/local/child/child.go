// Package child starts processes that end with this one.
package child

import (
	"errors"
	"os/exec"
	"runtime"
	"sync"
)

// Spawner starts child processes from one thread that lives as long as it
// does: a child that is to die with its parent dies, on Linux, with the
// thread that started it.
type Spawner struct {
	requests chan spawnRequest
	quit     chan struct{}
	once     sync.Once
}

// ErrClosed answers who starts a process after Close.
var ErrClosed = errors.New("nothing is started any more")

type spawnRequest struct {
	cmd    *exec.Cmd
	result chan error
}

// New makes a Spawner, to be closed after its last child.
func New() *Spawner {
	s := &Spawner{requests: make(chan spawnRequest), quit: make(chan struct{})}
	go s.run()
	return s
}

func (s *Spawner) run() {
	runtime.LockOSThread()
	for {
		select {
		case request := <-s.requests:
			request.result <- request.cmd.Start()
		case <-s.quit:
			return
		}
	}
}

// Start starts cmd in a process group of its own that dies with us.
func (s *Spawner) Start(cmd *exec.Cmd) error {
	isolate(cmd)
	request := spawnRequest{cmd: cmd, result: make(chan error, 1)}
	select {
	case s.requests <- request:
		return <-request.result
	case <-s.quit:
		return ErrClosed
	}
}

// Close ends the thread, and so every child that still runs.
func (s *Spawner) Close() { s.once.Do(func() { close(s.quit) }) }
