// Package function is what every function's main has in common: its log, its
// settings, its AWS configuration, its start.
package function

import (
	"context"
	"errors"
	"fmt"
	stdlog "log"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"

	"byoc/shared/awsconfig"
	"byoc/shared/environment"
	"byoc/shared/idlog"
	"byoc/shared/measure"
)

// Function is what a handler is wired from.
type Function struct {
	// Reader of the environment. What it finds wrong ends the start, whatever
	// the wiring answers.
	environment.Reader
	AWS     aws.Config
	Log     *slog.Logger
	Metrics measure.Metrics
	// Table is the table's name: every function has it.
	Table string
}

// Handler of one kind of event.
type Handler[In, Out any] = func(context.Context, In) (Out, error)

// identified is an input that knows what it is about.
type identified interface{ IDs() []slog.Attr }

// GCPercent is how much the heap grows until garbage is collected, in percent of
// what lives (https://go.dev/doc/gc-guide). A function has a hundred megabytes
// or more to itself and a few in use: at Go's own 100 it would spend a quarter of
// its processor time on memory that nobody needs back.
const GCPercent = 400

// collectLess does so, and collects all the same before the memory that the
// function has is full. The environment's own GOGC and GOMEMLIMIT go before.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(GCPercent)
	}
	size, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	if err == nil && size > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(size) << 20 * 3 / 4)
	}
}

// Start serves what wire makes until Lambda ends the process. A start that
// fails says everything that is missing in one line.
func Start[In, Out any](wire func(*Function) (Handler[In, Out], error)) {
	collectLess()
	log := idlog.New(os.Stdout)
	handler, err := wired(log, wire)
	if err != nil {
		log.Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

// runtimeLines makes lines as ours of what Lambda's runtime client writes with
// Go's own logger: an error's answer, a runtime API that is gone. One invocation
// runs at a time, so what it writes belongs to the last.
func runtimeLines(log *slog.Logger) *invocation {
	i := &invocation{log: log}
	stdlog.SetFlags(0)
	stdlog.SetOutput(i)
	return i
}

type invocation struct {
	log *slog.Logger
	ctx atomic.Pointer[context.Context]
}

func (i *invocation) begin(ctx context.Context) { i.ctx.Store(&ctx) }

func (i *invocation) Write(text []byte) (int, error) {
	ctx := context.Background()
	if p := i.ctx.Load(); p != nil {
		ctx = context.WithoutCancel(*p)
	}
	i.log.WarnContext(ctx, "runtime", "text", strings.TrimSpace(string(text)))
	return len(text), nil
}

func wired[In, Out any](log *slog.Logger, wire func(*Function) (Handler[In, Out], error)) (Handler[In, Out], error) {
	config, configErr := awsconfig.FromEnvironment()
	f := &Function{AWS: config, Log: log}
	f.Table = f.String("TABLE_NAME")
	f.Metrics = measure.Metrics{
		Namespace: f.String("METRICS_NAMESPACE"), Function: f.String("AWS_LAMBDA_FUNCTION_NAME"), Now: time.Now,
	}
	handler, err := wire(f)
	if missing := errors.Join(f.Err(), configErr); missing != nil {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	return withIDs(runtimeLines(log), handler), nil
}

// withIDs puts the ids of the invocation and of its input into the context. What
// Lambda writes of a panic has none: it is said before with them.
func withIDs[In, Out any](i *invocation, h Handler[In, Out]) Handler[In, Out] {
	return func(ctx context.Context, in In) (Out, error) {
		var ids []slog.Attr
		if invocation, ok := lambdacontext.FromContext(ctx); ok {
			ids = append(ids, slog.String(idlog.RequestID, invocation.AwsRequestID))
		}
		if input, ok := any(in).(identified); ok {
			ids = append(ids, input.IDs()...)
		}
		ctx = idlog.With(ctx, ids...)
		i.begin(ctx)
		defer func() {
			if p := recover(); p != nil {
				i.log.ErrorContext(ctx, "panic", "error", fmt.Sprint(p), "stack", string(debug.Stack()))
				panic(p)
			}
		}()
		return h(ctx, in)
	}
}
