// Command invoke is `make invoke`: it runs one built function with one event,
// and prints its answer, its log and how long it took.
//
//	invoke [flags] function event
//
// With a running `make run` the function has the environment of the deployed
// one and credentials of its role; else that of -env.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"byoc/infra/local/lambdaruntime"
	"byoc/infra/localinvoke"
	"byoc/infra/runfile"
	"byoc/infra/sandbox"
)

type options struct {
	function, event   string
	functionsDir, env string
	timeout           time.Duration
	offline           bool
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.StringVar(&o.functionsDir, "functions", filepath.Join("build", sandbox.Architecture(), "functions"), "folder with a folder per function")
	flag.StringVar(&o.env, "env", filepath.Join("events", "env.json"), "variables where no system runs, as for sam local invoke --env-vars")
	flag.DurationVar(&o.timeout, "timeout", 0, "the function's time; that of the deployed one, or 30s, where it is 0")
	flag.BoolVar(&o.offline, "offline", false, "do as if no system ran")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: make invoke FUNCTION=api EVENT=events/api/health.200.json")
		os.Exit(2)
	}
	o.function, o.event = flag.Arg(0), flag.Arg(1)
	if err := run(ctx, os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "invoke:", err)
		os.Exit(1)
	}
}

// run prints the result. The error says why there is none, or that the answer
// is another one than the event's name promises, or none at all.
func run(ctx context.Context, out io.Writer, o options) error {
	event, err := os.ReadFile(o.event)
	if err != nil {
		return err
	}
	environment, system, err := environmentFor(ctx, o)
	if err != nil {
		return err
	}
	if event, err = localinvoke.Fill(event, system); err != nil {
		return err
	}
	result, err := localinvoke.Run(ctx, filepath.Join(o.functionsDir, o.function, "bootstrap"), event, environment)
	if err != nil {
		return err
	}
	report(out, result)
	answer, promised := localinvoke.Answer(result.Outcome), localinvoke.Promised(o.event)
	switch {
	case promised != "" && promised != answer:
		return fmt.Errorf("the answer is %s; the event's name promises %s", answer, promised)
	case promised == "" && result.Ending != lambdaruntime.Answered:
		return fmt.Errorf("no answer: %s", result.Ending)
	}
	return nil
}

func environmentFor(ctx context.Context, o options) (localinvoke.Environment, *runfile.Run, error) {
	system, err := runfile.Read(runfile.Dir())
	if err == nil && !o.offline {
		e, err := localinvoke.Deployed(ctx, system.AWSURL, "byoc-"+o.function+"-sandbox")
		if o.timeout > 0 {
			e.Timeout = o.timeout
		}
		return e, &system, err
	}
	variables, err := localinvoke.FromFile(o.env)
	if err != nil {
		return localinvoke.Environment{}, nil, errors.Join(errors.New("no system runs (make run), and there is no environment to start the function with"), err)
	}
	e := localinvoke.Environment{
		ARN:       "arn:aws:lambda:" + sandbox.Region + ":" + sandbox.Account + ":function:" + o.function,
		Timeout:   30 * time.Second,
		Variables: append(variables, "PATH=/usr/local/bin:/usr/bin:/bin", "AWS_LAMBDA_FUNCTION_NAME="+o.function),
	}
	if o.timeout > 0 {
		e.Timeout = o.timeout
	}
	return e, nil, nil
}

func report(out io.Writer, r localinvoke.Result) {
	if len(r.Log) > 0 {
		fmt.Fprintf(out, "log:\n%s\n\n", bytes.TrimRight(r.Log, "\n"))
	}
	payload := r.Payload
	var indented bytes.Buffer
	if json.Indent(&indented, payload, "", "  ") == nil {
		payload = indented.Bytes()
	}
	fmt.Fprintf(out, "%s (%s):\n%s\n\ninit %.1f ms, duration %.1f ms\n", r.Ending, localinvoke.Answer(r.Outcome), payload,
		float64(r.Init.Microseconds())/1000, float64(r.Duration.Microseconds())/1000)
}
