// Package local serves AWS on this machine: an HTTP server in front of moto
// that adds what moto lacks. It knows nothing of what is deployed into it;
// functions, routes, queues and schedules are read from the deployed stacks.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/child"
	"byoc/infra/local/moto"
)

// Server is a running local AWS.
type Server struct {
	config   Config
	url      string
	apiURL   string
	emulator awscall.Emulator

	ctx       context.Context
	cancel    context.CancelFunc
	work      workGroup
	done      chan struct{}
	endOnce   sync.Once
	removeDir bool
	listeners []net.Listener
	servers   []*http.Server

	spawner       *child.Spawner
	moto          *moto.Server
	forwarder     *forwarder
	credentials   *credentialStore
	tokens        *tokenService
	calls         *callLog
	stacks        *stacks
	functions     *functions
	gateway       *gateway
	mappings      *mappings
	schedules     *schedules
	outbox        *outbox
	stateMachines *stateMachines
	handler       awscall.Handler
}

// Start starts the local AWS and returns when it serves. Whatever it started
// is gone again when it fails. The server lives until Close, until ctx ends
// or until moto dies.
func Start(ctx context.Context, config Config) (*Server, error) {
	config = config.withDefaults()
	s := &Server{config: config, done: make(chan struct{})}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.start(ctx); err != nil {
		s.Close()
		return nil, err
	}
	s.work.run(func() {
		select {
		case <-ctx.Done():
			s.end()
		case <-s.ctx.Done():
		}
	})
	return s, nil
}

func (s *Server) start(ctx context.Context) error {
	if err := s.prepareDir(); err != nil {
		return err
	}
	awsListener, err := listen(s.config.Addr)
	if err != nil {
		return err
	}
	s.listeners = append(s.listeners, awsListener)
	apiListener, err := listen(s.config.APIAddr)
	if err != nil {
		return err
	}
	s.listeners = append(s.listeners, apiListener)
	port := awsListener.Addr().(*net.TCPAddr).Port
	// The host name matters: S3 clients put bucket names in front of it.
	s.url = fmt.Sprintf("http://localhost:%d", port)
	s.apiURL = "http://" + apiListener.Addr().String()

	s.spawner = child.New()
	upstream := s.config.Upstream
	if upstream == "" {
		s.moto, err = moto.Start(ctx, s.spawner, moto.Options{
			Log: filepath.Join(s.config.Dir, "logs", "moto.log"), ServicesPort: port,
		})
		if err != nil {
			return err
		}
		upstream, err = s.moto.URL, s.moto.Wait(ctx)
	} else {
		err = moto.Wait(ctx, upstream)
	}
	if err != nil {
		return err
	}
	s.emulator = awscall.Emulator{URL: upstream, Transport: newTransport()}
	s.wire()
	if err := s.stateMachines.interpret(ctx, true); err != nil {
		return err
	}
	s.serve(awsListener, s)
	s.serve(apiListener, s.gateway)
	if err := s.stacks.refresh(ctx, place{s.config.Account, s.config.Region}); err != nil {
		return fmt.Errorf("read the stacks that are deployed: %w", err)
	}
	if s.moto != nil {
		s.work.run(func() {
			select {
			case <-s.moto.Exited():
				s.config.Log.Error("moto_server ended", "log", s.moto.Log())
				s.end()
			case <-s.ctx.Done():
			}
		})
	}
	return nil
}

func (s *Server) wire() {
	c := s.config
	s.forwarder = newForwarder(s.ctx, s.emulator)
	s.credentials = newCredentialStore(c.Account)
	s.tokens = &tokenService{emulator: s.emulator, store: s.credentials, log: c.Log, freshRoleDelay: c.FreshRoleDelay}
	s.calls = newCallLog(c.KeepCalls)
	s.stacks = newStacks(s.emulator, c.Log)
	s.functions = newFunctions(s.ctx, &s.work, s.url, c, s.emulator, s.tokens, s.spawner)
	s.gateway = &gateway{functions: s.functions, log: c.Log, timeout: c.IntegrationTimeout}
	s.mappings = newMappings(s.ctx, &s.work, s.url, c, s.emulator, s.functions, s.tokens)
	s.schedules = newSchedules(s.ctx, &s.work, s.url, c, s.functions, s.tokens)
	s.outbox = newOutbox(s.OutboxDir(), s.emulator, c.Log, &s.work)
	s.stateMachines = newStateMachines(s.emulator)
	s.credentials.stateMachineRole = s.stateMachines.roleFor
	s.handler = s.serveService
	if c.Behaviours != nil {
		for _, behaviour := range slices.Backward(c.Behaviours(s.emulator)) {
			s.handler = behaviour(s.handler)
		}
	}
	s.stacks.listen(s.gateway.stacksChanged)
	s.stacks.listen(s.mappings.stacksChanged)
	s.stacks.listen(s.schedules.stacksChanged)
	s.stacks.listen(s.outbox.stacksChanged)
	s.stacks.listen(s.stateMachines.stacksChanged)
	s.stacks.listen(identities{s.emulator}.stacksChanged)
	s.stacks.listen(managedPolicies{s.emulator, c.Log}.stacksChanged)
}

func (s *Server) prepareDir() error {
	if s.config.Dir == "" {
		dir, err := os.MkdirTemp("", "localaws-")
		if err != nil {
			return err
		}
		s.config.Dir, s.removeDir = dir, true
	}
	dir, err := filepath.Abs(s.config.Dir)
	if err != nil {
		return err
	}
	s.config.Dir = dir
	for _, sub := range []string{"outbox", "functions", "logs"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s, is something else running there? %w", addr, err)
	}
	return listener, nil
}

func (s *Server) serve(listener net.Listener, handler http.Handler) {
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.config.Log.Handler(), slog.LevelDebug),
	}
	s.servers = append(s.servers, server)
	s.work.run(func() { _ = server.Serve(listener) })
}

// URL is the endpoint for AWS clients, http://localhost:PORT.
func (s *Server) URL() string { return s.url }

// APIURL is where the deployed HTTP API is served.
func (s *Server) APIURL() string { return s.apiURL }

// Emulator reaches moto behind the proxy.
func (s *Server) Emulator() awscall.Emulator { return s.emulator }

// OutboxDir is the folder that mail sent through SES is put into.
func (s *Server) OutboxDir() string { return filepath.Join(s.config.Dir, "outbox") }

// LogDir is the folder with a log file per function.
func (s *Server) LogDir() string { return filepath.Join(s.config.Dir, "logs") }

// Done is closed when the server has ended, by Close or because moto died.
func (s *Server) Done() <-chan struct{} { return s.done }

// Wait blocks until the server has ended.
func (s *Server) Wait() { <-s.done }

// Close ends the server and everything it started, and returns when all of
// it is gone.
func (s *Server) Close() error {
	s.end()
	<-s.done
	return nil
}

func (s *Server) end() {
	s.endOnce.Do(func() { go s.shutdown() })
}

func (s *Server) shutdown() {
	defer close(s.done)
	s.cancel()
	for _, server := range s.servers {
		_ = server.Close()
	}
	for _, listener := range s.listeners {
		_ = listener.Close()
	}
	if s.functions != nil {
		s.functions.killAll()
	}
	if s.moto != nil {
		s.moto.Close()
	}
	if !s.work.wait(15 * time.Second) {
		s.config.Log.Error("something still runs after the local AWS has ended")
	}
	if s.spawner != nil {
		s.spawner.Close()
	}
	if s.removeDir {
		_ = os.RemoveAll(s.config.Dir)
	}
}

var errClosed = errors.New("the local AWS is shutting down")
