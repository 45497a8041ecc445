package local

import (
	"sync"
	"time"
)

// workGroup counts the goroutines that Close waits for.
type workGroup struct {
	mu     sync.Mutex
	closed bool
	wg     sync.WaitGroup
}

// run runs f in a goroutine. One that starts after wait was called is not
// waited for; it finds everything shut down and ends by itself.
func (g *workGroup) run(f func()) {
	done := g.enter()
	go func() {
		defer done()
		f()
	}()
}

// enter counts the calling goroutine until done is called.
func (g *workGroup) enter() (done func()) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return func() {}
	}
	g.wg.Add(1)
	return g.wg.Done
}

// wait reports whether everything ended in time.
func (g *workGroup) wait(atMost time.Duration) bool {
	g.mu.Lock()
	g.closed = true
	g.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		g.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return true
	case <-time.After(atMost):
		return false
	}
}
