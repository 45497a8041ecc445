package local

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

const runtimePrefix = "/2018-06-01/runtime/"

// runtimeAnswer is what a process says about its invocation, or about its
// start.
type runtimeAnswer struct {
	kind    string // response, error or init
	payload []byte
}

const maxPayload = 6 << 20

// ServeHTTP is the Lambda runtime API of one process.
func (i *instance) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := strings.CutPrefix(r.URL.Path, runtimePrefix)
	if !ok {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodGet && path == "invocation/next" {
		i.serveNext(w, r)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if err != nil {
		return
	}
	switch parts := strings.Split(path, "/"); {
	case r.Method != http.MethodPost:
		http.NotFound(w, r)
	case path == "init/error":
		i.take(w, r, runtimeAnswer{"init", body})
	case len(parts) == 3 && parts[0] == "invocation" && parts[1] == i.currentRequest():
		if len(body) > maxPayload {
			i.take(w, r, runtimeAnswer{"error", mustJSON(map[string]string{
				"errorType":    "Function.ResponseSizeTooLarge",
				"errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
			})})
			return
		}
		i.take(w, r, runtimeAnswer{parts[2], body})
	default:
		writeJSON(w, http.StatusBadRequest, map[string]string{
			"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID",
		})
	}
}

func (i *instance) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case i.idle <- struct{}{}:
	case <-i.exited:
		return
	case <-r.Context().Done():
		return
	}
	select {
	case next := <-i.work:
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("Lambda-Runtime-Aws-Request-Id", next.requestID)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(next.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", next.arn)
		header.Set("Lambda-Runtime-Trace-Id", "Root=1-"+strings.ReplaceAll(uuid.NewString(), "-", "")[:8]+"-"+randomHex(12)+";Sampled=0")
		_, _ = w.Write(next.payload)
	case <-i.exited:
	case <-r.Context().Done():
	}
}

func (i *instance) take(w http.ResponseWriter, r *http.Request, answer runtimeAnswer) {
	select {
	case i.answers <- answer:
		writeJSON(w, http.StatusAccepted, map[string]string{"status": "OK"})
	case <-i.exited:
	case <-r.Context().Done():
	}
}

func mustJSON(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		return []byte("null")
	}
	return encoded
}
