package local

import (
	"net/http"
	"sync"
	"time"

	"byoc/infra/local/awscall"
)

// Call is the record of one AWS call and of the answer its caller got.
type Call struct {
	Seq        int64     `json:"seq"`
	Time       time.Time `json:"time"`
	Principal  string    `json:"principal"`
	RoleARN    string    `json:"roleArn,omitempty"`
	Account    string    `json:"account"`
	Region     string    `json:"region"`
	Service    string    `json:"service"`
	Operation  string    `json:"operation"`
	Method     string    `json:"method"`
	Path       string    `json:"path"`
	DryRun     bool      `json:"dryRun,omitempty"`
	RequestID  string    `json:"requestId"`
	DurationMS int64     `json:"durationMs"`
	// Status is zero where the answer was lost on purpose.
	Status    int    `json:"status"`
	ErrorCode string `json:"errorCode,omitempty"`
}

var deniedCodes = map[string]bool{
	"AccessDenied": true, "AccessDeniedException": true, "UnauthorizedOperation": true,
	"AuthorizationError": true, "UnauthorizedAccess": true, "Client.UnauthorizedOperation": true,
}

// Denied reports whether the call was refused for want of permission.
func (c Call) Denied() bool {
	return c.Status == http.StatusForbidden || deniedCodes[c.ErrorCode]
}

// callLog keeps the last calls in the order in which they ended.
type callLog struct {
	keep int

	mu    sync.Mutex
	seq   int64
	calls []Call
}

func newCallLog(keep int) *callLog { return &callLog{keep: keep} }

func (l *callLog) begin(call *awscall.Call) Call {
	return Call{
		Time:      time.Now(),
		Principal: call.Caller.ARN,
		RoleARN:   call.Caller.RoleARN,
		Account:   call.Caller.Account,
		Region:    call.Region,
		Service:   call.Service,
		Operation: call.Operation,
		Method:    call.Method,
		Path:      call.URL.Path,
		DryRun:    call.IsDryRun(),
		RequestID: call.RequestID,
	}
}

func (l *callLog) finish(record Call, response *awscall.Response) {
	record.DurationMS = time.Since(record.Time).Milliseconds()
	record.ErrorCode = awscall.ErrorCode(response)
	if response != nil {
		record.Status = response.Status
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seq++
	record.Seq = l.seq
	// Dropping in bulk keeps the cost of an append constant.
	if len(l.calls) >= l.keep+l.keep/4+1 {
		l.calls = append([]Call(nil), l.calls[len(l.calls)-l.keep+1:]...)
	}
	l.calls = append(l.calls, record)
}

func (l *callLog) since(seq int64) []Call {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) == 0 || seq >= l.seq {
		return []Call{}
	}
	first := l.calls[0].Seq
	start := max(0, int(seq+1-first))
	return append([]Call{}, l.calls[start:]...)
}

// Calls are the AWS calls made through the server that are still on record.
func (s *Server) Calls() []Call { return s.calls.since(0) }

// CallsSince are the calls on record after the one with that number.
func (s *Server) CallsSince(seq int64) []Call { return s.calls.since(seq) }

// Denied are the calls on record that were refused for want of permission.
func (s *Server) Denied() []Call { return denied(s.calls.since(0)) }

func denied(calls []Call) []Call {
	refused := []Call{}
	for _, call := range calls {
		if call.Denied() {
			refused = append(refused, call)
		}
	}
	return refused
}
