// Command run is `make run`: the whole system on this machine, until Ctrl-C.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"byoc/infra/runfile"
	"byoc/infra/sandbox"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "make run:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	s, err := sandbox.Start(ctx, sandbox.Options{
		Dir:          runfile.Dir(),
		APIAddr:      os.Getenv("API_ADDR"),
		LocalAWSAddr: os.Getenv("LOCAL_AWS_ADDR"),
		Upstream:     os.Getenv("LOCAL_AWS_UPSTREAM"),
		Context:      sandbox.ShortIntervals(),
		Progress:     os.Stdout,
	})
	if ctx.Err() != nil {
		if s != nil {
			s.Close()
		}
		fmt.Println("\nstopped")
		return nil
	}
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w (API_ADDR and LOCAL_AWS_ADDR choose other addresses)", err)
	}
	if err != nil {
		return err
	}
	defer func() { _ = runfile.Remove(runfile.Dir()) }()
	defer s.Close()
	if err := runfile.Write(runfile.Dir(), s.Runfile()); err != nil {
		return err
	}
	guide(s.Runfile())
	select {
	case <-ctx.Done():
		fmt.Println("\nstopping")
		stop() // a second Ctrl-C ends this at once
		return nil
	case <-s.Done():
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("moto_server, the emulator behind the local AWS, ended by itself; see %s", filepath.Join(s.LogDir(), "moto.log"))
	}
}

func guide(r runfile.Run) {
	fmt.Printf(`
Ready. What to do next:

  make demo                      in another terminal: a custom cloud from draft to deletion
  %s/v1/health   the API; by hand:

  export TOKEN=%s ORGANIZATION=%s   # an administrator
  curl -s -H "Authorization: Bearer $TOKEN" %s/v1/organization/$ORGANIZATION/custom-cloud-environments

  AWS, as the customer's account:
  export AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=%s AWS_SECRET_ACCESS_KEY=local AWS_REGION=%s AWS_DEFAULT_REGION=%s
  aws ec2 describe-vpcs

  mail     %s
  logs     %s
  all this %s

Ctrl-C ends everything.
`, r.APIURL, r.Tokens.Admin, r.Organization.ID, r.APIURL,
		r.AWSURL, r.CustomerAccount, r.Region, r.Region, r.Outbox, r.Logs, runfile.Path(runfile.Dir()))
}
