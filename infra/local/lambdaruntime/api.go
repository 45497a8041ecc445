package lambdaruntime

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const prefix = "/2018-06-01/runtime/"

// MaxPayload is the most that a function may answer, and be given.
const MaxPayload = 6 << 20

// answer is what a process says about its invocation, or about its start.
type answer struct {
	kind    string // response, error or init
	payload []byte
}

// ServeHTTP is the Lambda runtime API of one process.
func (p *Process) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, prefix)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet && path == "invocation/next" {
		p.serveNext(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		return
	}
	switch parts := strings.Split(path, "/"); {
	case r.Method != http.MethodPost:
		http.NotFound(w, r)
	case path == "init/error":
		p.take(w, r, answer{"init", body})
	case len(parts) == 3 && parts[0] == "invocation" && parts[1] == p.Current():
		if len(body) > MaxPayload {
			p.take(w, r, answer{"error", errorBody("Function.ResponseSizeTooLarge",
				"Response payload size exceeded maximum allowed payload size (6291556 bytes).")})
			return
		}
		p.take(w, r, answer{parts[2], body})
	default:
		reply(w, http.StatusBadRequest, errorBody("InvalidRequestID", "Invalid request ID"))
	}
}

func (p *Process) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case p.idle <- struct{}{}:
	case <-p.exited:
		return
	case <-r.Context().Done():
		return
	}
	select {
	case next := <-p.work:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", next.RequestID)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(next.Timeout).UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", next.FunctionARN)
		header.Set("Lambda-Runtime-Trace-Id", "Root=1-"+randomHex(4)+"-"+randomHex(12)+";Sampled=0")
		_, _ = w.Write(next.Payload)
	case <-p.exited:
	case <-r.Context().Done():
	}
}

func (p *Process) take(w http.ResponseWriter, r *http.Request, a answer) {
	select {
	case p.answers <- a:
		reply(w, http.StatusAccepted, []byte(`{"status":"OK"}`))
	case <-p.exited:
	case <-r.Context().Done():
	}
}

func reply(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// errorBody is a function error as Lambda words it.
func errorBody(kind, message string) []byte {
	body, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return body
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
