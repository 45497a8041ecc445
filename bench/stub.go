package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
)

// stub is DynamoDB's protocol over a table in memory that answers at once, and
// EventBridge's PutEvents. It learns what is put until it is told to grow; from
// then on it acknowledges writes and forgets them, so that every repetition of a
// measurement meets the same table. It is a process of its own: none of its
// memory or garbage is in a figure of ours.
type stub struct {
	mu      sync.Mutex
	table   stubTable
	grown   bool
	counted counts
}

// counts of what a stub was asked.
type counts struct {
	// Calls by operation.
	Calls map[string]int
	// Read and write units of the table, of the sizes of what was read and written;
	// what an index takes of a write is not in them.
	Read, Write float64
}

// serveStub serves until its input ends, which is when its parent does.
func serveStub() error {
	debug.SetGCPercent(400)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	s := &stub{table: stubTable{}, counted: counts{Calls: map[string]int{}}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /grow", s.grow)
	mux.HandleFunc("POST /counts", s.counts)
	mux.HandleFunc("POST /", s.call)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	return (&http.Server{Handler: mux}).Serve(listener) //nolint:gosec // loopback, one caller
}

func (s *stub) grow(_ http.ResponseWriter, r *http.Request) {
	var g growth
	if err := json.NewDecoder(r.Body).Decode(&g); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.table.grow(g)
	s.grown = true
	debug.FreeOSMemory()
}

// counts answers what was asked since it was last asked.
func (s *stub) counts(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s.counted)
	s.counted = counts{Calls: map[string]int{}}
}

func (s *stub) call(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.mu.Lock()
	answer, known := s.answer(operation, body)
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if !known {
		w.WriteHeader(http.StatusBadRequest)
	}
	_, _ = w.Write(answer)
}

// answer counts a call that it knows; any other is refused, so that nothing is
// measured of what a stub cannot count, as a Scan.
func (s *stub) answer(operation string, body []byte) (out []byte, known bool) {
	out, read, write := []byte(`{}`), 0.0, 0.0
	switch operation {
	case "GetItem":
		out, read = s.table.getItem(body)
	case "BatchGetItem":
		out, read = s.table.batchGetItem(body)
	case "Query":
		if out, read = s.table.query(body); out == nil {
			return unknown("Query of that index"), false
		}
	case "PutItem", "UpdateItem", "TransactWriteItems":
		write = s.table.writeUnits(body)
		if !s.grown {
			s.table.learn(body)
		}
	case "PutEvents":
		out = []byte(`{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}`)
	default:
		return unknown(operation), false
	}
	s.counted.Calls[operation]++
	s.counted.Read += read
	s.counted.Write += write
	return out, true
}

func unknown(what string) []byte {
	return fmt.Appendf(nil, `{"__type":"UnknownOperationException","message":"a stub has no %s"}`, what)
}

// stubProcess is a stub that runs.
type stubProcess struct {
	url  string
	stop func()
}

// startStub runs this program as a stub.
func startStub(ctx context.Context) (*stubProcess, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-stub")
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("starting the stub: %w", err)
	}
	return &stubProcess{url: "http://" + strings.TrimSpace(address), stop: func() {
		_ = in.Close()
		_ = cmd.Wait()
	}}, nil
}

func (p *stubProcess) post(path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	answer, err := http.Post(p.url+path, "application/json", strings.NewReader(string(body)))
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	}
	return json.NewDecoder(answer.Body).Decode(out)
}

// counts since it was last asked.
func (p *stubProcess) counts() (c counts, err error) {
	err = p.post("/counts", nil, &c)
	return c, err
}
