// Command demo is `make demo`: it plays the life of custom clouds against a
// running `make run`, as a customer would, and checks what it shows.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"time"

	"byoc/infra/customer"
	"byoc/infra/runfile"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := play(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "\nmake demo:", err)
		os.Exit(1)
	}
}

func play(ctx context.Context) error {
	run, err := runfile.Read(runfile.Dir())
	if err != nil {
		return err
	}
	if url := os.Getenv("API_URL"); url != "" {
		run.APIURL = url
	}
	s := &story{customer: customer.New(run), started: time.Now()}
	s.account = s.customer.Account(run.CustomerAccount)
	if a, err := s.customer.Call(ctx, "GET", "/v1/health", nil); err != nil || a.Status != 200 {
		return fmt.Errorf("the API does not answer on %s: is `make run` still running? %d %w", run.APIURL, a.Status, err)
	}
	for _, chapter := range []func(context.Context) error{
		s.fromDraftToActive, s.missingRole, s.wrongExternalID, s.deniedHalfWay, s.delete,
	} {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	s.table()
	return nil
}
