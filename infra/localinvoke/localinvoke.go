// Package localinvoke runs one built function binary with one event over the
// Lambda runtime API, and tells how that ended.
package localinvoke

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/uuid"

	"byoc/infra/local/child"
	"byoc/infra/local/lambdaruntime"
)

// Environment is what the function's process is started with.
type Environment struct {
	ARN     string        `json:"arn"`
	Timeout time.Duration `json:"timeout"`
	// Variables are name=value.
	Variables []string `json:"variables"`
}

// Result of one invocation.
type Result struct {
	lambdaruntime.Outcome
	// Log is what the process wrote to stdout and stderr.
	Log []byte
	// Init is from the start of the process to its first request for work, if
	// it made one, and Duration from there to the end.
	Init, Duration time.Duration
}

// Run runs the binary of a fresh process once and ends it. The error is one of
// ours: a binary that is missing, an event that is no JSON.
func Run(ctx context.Context, bootstrap string, event []byte, e Environment) (Result, error) {
	if !json.Valid(event) {
		return Result{}, errors.New("the event is not JSON")
	}
	bootstrap, err := filepath.Abs(bootstrap)
	if err != nil {
		return Result{}, err
	}
	spawner := child.New()
	defer spawner.Close()
	process := lambdaruntime.New(spawner, func(f func()) { go f() })
	defer process.WaitGone()
	defer process.Kill()
	stop := context.AfterFunc(ctx, process.Kill)
	defer stop()

	var log bytes.Buffer
	cmd := exec.Command(bootstrap)
	cmd.Dir = filepath.Dir(bootstrap)
	cmd.Stdout, cmd.Stderr = &log, &log
	began := time.Now()
	err = process.Start(cmd, func(runtimeAPI string) []string {
		return append(append([]string{}, e.Variables...), "LAMBDA_TASK_ROOT="+cmd.Dir, "AWS_LAMBDA_RUNTIME_API="+runtimeAPI)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return Result{}, fmt.Errorf("%s is missing: build it first, make functions", bootstrap)
	}
	if err != nil {
		return Result{}, err
	}
	outcome := process.Invoke(lambdaruntime.Invocation{
		RequestID: uuid.NewString(), Payload: event, FunctionARN: e.ARN, Timeout: e.Timeout,
	})
	ended := time.Now()
	// What the process still writes belongs to the log: it is read when it is over.
	process.Kill()
	process.WaitGone()
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	result := Result{Outcome: outcome, Log: log.Bytes(), Init: ended.Sub(began)}
	if handed := process.HandedOver(); !handed.IsZero() {
		result.Init, result.Duration = handed.Sub(began), process.Ended().Sub(handed)
	}
	return result, nil
}
