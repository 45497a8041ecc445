package local

import (
	"os/exec"
	"runtime"
	"sync"
)

// spawner starts child processes from one thread that lives as long as it
// does: a child that is to die with its parent dies, on Linux, with the
// thread that started it.
type spawner struct {
	requests chan spawnRequest
	quit     chan struct{}
	once     sync.Once
}

type spawnRequest struct {
	cmd    *exec.Cmd
	result chan error
}

func newSpawner() *spawner {
	s := &spawner{requests: make(chan spawnRequest), quit: make(chan struct{})}
	go s.run()
	return s
}

func (s *spawner) run() {
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

// start starts cmd in a process group of its own that dies with us.
func (s *spawner) start(cmd *exec.Cmd) error {
	isolate(cmd)
	request := spawnRequest{cmd: cmd, result: make(chan error, 1)}
	select {
	case s.requests <- request:
		return <-request.result
	case <-s.quit:
		return errClosed
	}
}

func (s *spawner) close() { s.once.Do(func() { close(s.quit) }) }
