package local

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// functionLog is the log file that the processes of a function share.
type functionLog struct {
	path string

	mu    sync.Mutex
	file  *os.File
	tails map[string][]byte
}

// maxTail is how much of its log an invocation can have answered.
const maxTail = 4 << 10

// logFor opens the log of a function; the caller holds the lock.
func (f *functions) logFor(name string) *functionLog {
	if f.logs[name] == nil {
		f.logs[name] = &functionLog{path: filepath.Join(f.dir, "logs", name+".log"), tails: map[string][]byte{}}
	}
	return f.logs[name]
}

func (l *functionLog) begin(requestID string) {
	l.mu.Lock()
	l.tails[requestID] = []byte{}
	l.mu.Unlock()
	l.line(requestID, "START RequestId: "+requestID+" Version: $LATEST")
}

// end answers the end of the invocation's log.
func (l *functionLog) end(requestID string, took time.Duration) []byte {
	l.line(requestID, "END RequestId: "+requestID)
	l.line(requestID, fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms", requestID, float64(took.Microseconds())/1000))
	l.mu.Lock()
	defer l.mu.Unlock()
	tail := l.tails[requestID]
	delete(l.tails, requestID)
	return tail
}

func (l *functionLog) line(requestID, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if tail, ok := l.tails[requestID]; ok {
		tail = append(append(tail, text...), '\n')
		l.tails[requestID] = tail[max(0, len(tail)-maxTail):]
	}
	if l.file == nil {
		file, err := os.OpenFile(l.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
		if err != nil {
			return
		}
		l.file = file
	}
	fmt.Fprintf(l.file, "%s %s %s\n", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), requestID, text)
}

func (l *functionLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil {
		_ = l.file.Close()
		l.file = nil
	}
}

// lineWriter puts what a process prints into its function's log, line by
// line.
type lineWriter struct {
	instance *instance
	partial  []byte
}

func (w *lineWriter) Write(p []byte) (int, error) {
	w.partial = append(w.partial, p...)
	for {
		at := bytes.IndexByte(w.partial, '\n')
		if at < 0 {
			return len(p), nil
		}
		w.instance.log.line(w.instance.Current(), string(w.partial[:at]))
		w.partial = w.partial[at+1:]
	}
}
