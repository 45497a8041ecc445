package customeraccount

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"byoc/shared/cloud"
)

// Call is one AWS API request made in a customer's account.
type Call = cloud.Call

const (
	// OK is the Result of a call that AWS carried out.
	OK = "ok"
	// NoAnswer is the Result of a call that may or may not have been carried out.
	NoAnswer = "NoAnswer"
)

// Records keeps calls.
type Records interface {
	// AppendCalls adds calls, at most BatchSize, to the history of the attempt.
	// Adding the same call (by At and Seq) twice is harmless.
	AppendCalls(ctx context.Context, ref cloud.Ref, calls []Call) error
}

// BatchSize is the most calls that Flush hands over at once: the size of a
// DynamoDB batch write.
const BatchSize = 25

// Recorder collects the calls of one invocation in memory. It is safe for
// concurrent use, and a nil one records nothing.
type Recorder struct {
	ref     cloud.Ref
	records Records

	mu    sync.Mutex
	seq   int
	calls []Call
}

// NewRecorder collects the calls made for an attempt of a cloud, until Flush
// hands them to records.
func NewRecorder(ref cloud.Ref, records Records) *Recorder {
	return &Recorder{ref: ref, records: records}
}

// Calls that were not flushed yet, in the order of their answers.
func (r *Recorder) Calls() []Call {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Call(nil), r.calls...)
}

// Flush hands over what was collected. What records did not take is kept for
// the next Flush.
func (r *Recorder) Flush(ctx context.Context) error {
	if r == nil || r.records == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.calls) > 0 {
		n := min(len(r.calls), BatchSize)
		if err := r.records.AppendCalls(ctx, r.ref, r.calls[:n:n]); err != nil {
			return err
		}
		r.calls = r.calls[n:]
	}
	return nil
}

func (r *Recorder) add(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.seq++
	c.Seq = r.seq
	r.calls = append(r.calls, c)
}

// identity is who calls, and in whose account.
type identity struct{ account, caller string }

type inputKey struct{}

// middleware watches a client's stack in two places: the parameters where a
// call begins, the answer below the retries, where each attempt passes.
func (r *Recorder) middleware(who identity) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		if r == nil {
			return nil
		}
		begin := middleware.InitializeMiddlewareFunc("RecorderInput", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
		})
		if err := stack.Initialize.Add(begin, middleware.After); err != nil {
			return err
		}
		attempt := middleware.FinalizeMiddlewareFunc("Recorder", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
			started := time.Now()
			out, metadata, err := next.HandleFinalize(ctx, in)
			r.add(call(ctx, who, started, out.Result, metadata, err))
			return out, metadata, err
		})
		return stack.Finalize.Insert(attempt, (*retry.Attempt)(nil).ID(), middleware.After)
	}
}

func call(ctx context.Context, who identity, started time.Time, output any, metadata middleware.Metadata, err error) Call {
	input := middleware.GetStackValue(ctx, inputKey{})
	action := awsmiddleware.GetOperationName(ctx)
	c := Call{
		At:       started.UTC(),
		Duration: time.Since(started),
		Service:  strings.ToLower(awsmiddleware.GetServiceID(ctx)),
		Action:   action,
		Result:   OK,
		Account:  who.account,
		Region:   awsmiddleware.GetRegion(ctx),
		Caller:   who.caller,
		DryRun:   dryRun(input),
	}
	c.RequestID, _ = awsmiddleware.GetRequestIDMetadata(metadata)
	if reads(action) {
		// What a read answers is not what it named.
		output = nil
	}
	c.Resources = resourceIDs(input, output)
	if err != nil {
		c.Result = NoAnswer
		var api smithy.APIError
		if errors.As(err, &api) {
			c.Result = api.ErrorCode()
		}
	}
	return c
}
