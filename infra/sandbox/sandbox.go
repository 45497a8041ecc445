// Package sandbox brings the whole system up on this machine: it builds the
// function binaries, starts the local AWS, deploys the real stack into it with
// the real CDK CLI, and seeds one organization. `make run` and the end-to-end
// tests are its callers.
package sandbox

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"byoc/infra/local"
	"byoc/infra/local/authorization"
	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
	"byoc/infra/local/faults"
	"byoc/infra/runfile"
)

// Account is the vendor's account in the local AWS, CustomerAccount the one in
// which the demo and the tests create a customer's role.
const (
	Account         = local.DefaultAccount
	CustomerAccount = "222222222222"
	Region          = "eu-west-1"
)

// Options of a sandbox. The zero value is what `make run` uses.
type Options struct {
	// Root is the repository's folder; the working directory if empty.
	Root string
	// Dir keeps what a run leaves for the reader: outbox, logs; .local in Root
	// if empty.
	Dir string
	// APIAddr, LocalAWSAddr and Upstream as in local.Config.
	APIAddr      string
	LocalAWSAddr string
	Upstream     string
	// Context is added to the stack's context, for shorter intervals.
	Context map[string]string
	// EC2 are the delays and refusals that the emulator lacks;
	// ec2behaviour.Defaults if nil.
	EC2 *ec2behaviour.Options
	// ScheduleInterval as in local.Config.
	ScheduleInterval time.Duration
	// PollWait as in local.Config.
	PollWait time.Duration
	// FreshRoleDelay as in local.Config.
	FreshRoleDelay time.Duration
	// Progress receives a line per phase; nothing if nil.
	Progress io.Writer
}

// Sandbox is a running system.
type Sandbox struct {
	*local.Server
	// Seed is what the directory was seeded with.
	Seed Seed
	// Outputs of the deployed stack by name.
	Outputs map[string]string
	// Enforcer evaluates every call against its caller's policies.
	Enforcer *authorization.Enforcer
	// Faults lets tests inject faults.
	Faults *faults.Faults

	options Options
	started time.Time
}

// Start brings a sandbox up. Whatever it started is gone again when it fails;
// otherwise it lives until Close, until ctx ends, or until a child dies.
func Start(ctx context.Context, o Options) (*Sandbox, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Sandbox{options: o, started: time.Now()}
	if err := s.start(ctx); err != nil {
		if s.Server != nil {
			s.Close()
		}
		return nil, err
	}
	return s, nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Root == "" {
		o.Root = "."
	}
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return o, err
	}
	o.Root = root
	if _, err := os.Stat(filepath.Join(root, "cdk.json")); err != nil {
		return o, fmt.Errorf("%s is not the repository's folder: it has no cdk.json", root)
	}
	if o.Dir == "" {
		o.Dir = filepath.Join(root, ".local")
	}
	if o.EC2 == nil {
		defaults := ec2behaviour.Defaults()
		o.EC2 = &defaults
	}
	if o.Progress == nil {
		o.Progress = io.Discard
	}
	return o, nil
}

func (s *Sandbox) start(ctx context.Context) error {
	if err := checkTools(ctx); err != nil {
		return err
	}
	// The emulator starts while the compiler works.
	buildCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	group, groupCtx := errgroup.WithContext(buildCtx)
	group.Go(func() error { return s.build(groupCtx) })
	if err := s.startLocalAWS(ctx); err != nil {
		cancel()
		_ = group.Wait()
		return err
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := s.deploy(ctx); err != nil {
		return err
	}
	return s.seed(ctx)
}

func (s *Sandbox) startLocalAWS(ctx context.Context) error {
	o := s.options
	logFile, err := s.logFile()
	if err != nil {
		return err
	}
	s.Faults = faults.New()
	log := slog.New(slog.NewTextHandler(logFile, nil))
	s.Server, err = local.Start(ctx, local.Config{
		Addr:             o.LocalAWSAddr,
		APIAddr:          o.APIAddr,
		Upstream:         o.Upstream,
		Dir:              o.Dir,
		Region:           Region,
		Account:          Account,
		ScheduleInterval: o.ScheduleInterval,
		PollWait:         o.PollWait,
		FreshRoleDelay:   o.FreshRoleDelay,
		Log:              log,
		Behaviours: func(emulator awscall.Emulator) []awscall.Behaviour {
			s.Enforcer = authorization.New(emulator, authorization.Options{Logger: log})
			return []awscall.Behaviour{s.Faults.Behaviour, s.Enforcer.Enforce, ec2behaviour.New(*o.EC2)}
		},
	})
	if err != nil {
		return err
	}
	s.say("local AWS serves on %s", s.URL())
	// The ports are ours: what another run left is none that still runs.
	return runfile.Remove(o.Dir)
}

func (s *Sandbox) logFile() (*os.File, error) {
	dir := filepath.Join(s.options.Dir, "logs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	// Appended to: another run may still be writing it, which is found out later.
	return os.OpenFile(filepath.Join(dir, "local-aws.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
}

// say prints one progress line.
func (s *Sandbox) say(format string, args ...any) {
	fmt.Fprintf(s.options.Progress, "%5.1fs  %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
}
