// Package moto runs the emulator behind the local AWS: moto's server, as it is
// installed, on a free port of the loopback interface.
package moto

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"byoc/infra/local/child"
)

// ErrMissing says that moto is not installed, or not in a version that does,
// and how to install it.
var ErrMissing = errors.New("the local AWS needs moto " + testedVersion + ": " + install)

//go:embed server.py
var program string

// Server is a running moto.
type Server struct {
	URL string

	log    string
	cmd    *exec.Cmd
	exited chan struct{}
}

// Options of a Server.
type Options struct {
	// Log is the file for what moto writes; empty for none.
	Log string
	// ServicesPort is where moto's state machine interpreter finds the other
	// services; zero for moto itself.
	ServicesPort int
}

// Start starts moto, to be waited for with Wait. It ends with the spawner.
func Start(ctx context.Context, spawner *child.Spawner, o Options) (*Server, error) {
	script, err := exec.LookPath("moto_server")
	if err != nil {
		if err := checkPython(ctx, anyPython); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("moto_server is not installed; %w", ErrMissing)
	}
	python := interpreterOf(script)
	if err := checkVersion(ctx, python); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	if o.ServicesPort == 0 {
		o.ServicesPort = port
	}
	cmd := exec.Command(python, "-c", program, "moto_server", "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	// Every request names its account, which MOTO_ACCOUNT_ID would override. moto's
	// own clients need no credentials, and are not to look for an instance's.
	cmd.Env = append(withoutEnv(os.Environ(), "MOTO_ACCOUNT_ID"),
		"MOTO_PORT="+strconv.Itoa(o.ServicesPort), "MOTO_IAM_LOAD_MANAGED_POLICIES=true", "AWS_EC2_METADATA_DISABLED=true")
	// Python looks for modules in the working directory first.
	cmd.Dir = os.TempDir()
	if o.Log != "" {
		log, err := os.Create(o.Log)
		if err != nil {
			return nil, err
		}
		defer log.Close()
		cmd.Stdout, cmd.Stderr = log, log
	}
	if err := spawner.Start(cmd); err != nil {
		return nil, fmt.Errorf("start moto_server: %w", err)
	}
	s := &Server{URL: fmt.Sprintf("http://127.0.0.1:%d", port), log: o.Log, cmd: cmd, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(s.exited)
	}()
	return s, nil
}

// Exited is closed when the process has ended.
func (s *Server) Exited() <-chan struct{} { return s.exited }

// Log is the file that moto writes to.
func (s *Server) Log() string { return s.log }

// Close kills the process.
func (s *Server) Close() {
	child.KillGroup(s.cmd.Process.Pid)
	<-s.exited
}

// Wait returns when the server answers, and fails when it has ended.
func (s *Server) Wait(ctx context.Context) error {
	return wait(ctx, s.URL, s.exited, s.log)
}

// Wait returns when a server that somebody else started answers as moto does.
func Wait(ctx context.Context, url string) error { return wait(ctx, url, nil, "") }

// startTimeout is for a busy machine; a quiet one takes two seconds.
const startTimeout = 2 * time.Minute

func wait(ctx context.Context, url string, exited <-chan struct{}, log string) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !answers(ctx, url) {
		select {
		case <-exited:
			return fmt.Errorf("moto_server ended as it started, see %s", log)
		case <-ctx.Done():
			return fmt.Errorf("no moto server answers at %s: %w", url, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

var probe = &http.Transport{DisableKeepAlives: true}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/moto-api/config", nil)
	if err != nil {
		return false
	}
	response, err := probe.RoundTrip(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusCreated
}

func withoutEnv(env []string, name string) []string {
	var kept []string
	for _, entry := range env {
		if !strings.HasPrefix(entry, name+"=") {
			kept = append(kept, entry)
		}
	}
	return kept
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
