package local

import (
	"bufio"
	"byoc/infra/local/child"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const installMoto = "the local AWS needs moto 5 or later: pip install 'moto[server]'"

type motoProcess struct {
	cmd     *exec.Cmd
	url     string
	logPath string
	exited  chan struct{}
}

// startMoto starts a moto server on a free port. proxyPort is where its
// state machine interpreter finds the other services.
func startMoto(ctx context.Context, spawner *child.Spawner, proxyPort int, logPath string) (*motoProcess, error) {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return nil, fmt.Errorf("moto_server is not installed; %s", installMoto)
	}
	if err := checkMotoVersion(ctx, path); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	cmd := exec.Command(path, "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	// Every request names its account, which this variable would override.
	cmd.Env = append(withoutEnv(os.Environ(), "MOTO_ACCOUNT_ID"),
		"MOTO_PORT="+strconv.Itoa(proxyPort), "MOTO_IAM_LOAD_MANAGED_POLICIES=true")
	cmd.Stdout, cmd.Stderr = log, log
	if err := spawner.Start(cmd); err != nil {
		return nil, fmt.Errorf("start moto_server: %w", err)
	}
	m := &motoProcess{
		cmd:     cmd,
		url:     fmt.Sprintf("http://127.0.0.1:%d", port),
		logPath: logPath,
		exited:  make(chan struct{}),
	}
	go func() {
		_ = cmd.Wait()
		close(m.exited)
	}()
	return m, nil
}

func (m *motoProcess) kill() {
	child.KillGroup(m.cmd.Process.Pid)
	<-m.exited
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

// checkMotoVersion asks the Python that runs moto_server: the command itself
// cannot tell its version.
func checkMotoVersion(ctx context.Context, motoServer string) error {
	python := interpreterOf(motoServer)
	if _, err := exec.LookPath(python); err != nil {
		return fmt.Errorf("%s is not installed; %s", python, installMoto)
	}
	const script = "import importlib.metadata as m; print(m.version('moto'))"
	out, err := exec.CommandContext(ctx, python, "-c", script).Output()
	if err != nil {
		return fmt.Errorf("%s cannot find moto; %s", python, installMoto)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 5 {
		return fmt.Errorf("moto %s is too old; %s", version, installMoto)
	}
	return nil
}

// interpreterOf is the Python in the script's first line; a version manager
// puts a shell script in its place, then it is the python3 it resolves.
func interpreterOf(script string) string {
	const fallback = "python3"
	file, err := os.Open(script)
	if err != nil {
		return fallback
	}
	defer file.Close()
	line, _ := bufio.NewReader(file).ReadString('\n')
	interpreter, isScript := strings.CutPrefix(strings.TrimSpace(line), "#!")
	if !isScript || !strings.Contains(interpreter, "python") || strings.Contains(interpreter, " ") {
		return fallback
	}
	return interpreter
}

// waitForMoto returns when the server at url answers as moto does. process
// is nil where the server is not ours.
func waitForMoto(ctx context.Context, url string, process *motoProcess) error {
	ctx, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	var exited chan struct{}
	if process != nil {
		exited = process.exited
	}
	for {
		if motoAnswers(ctx, url) {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("moto_server ended as it started, see %s", process.logPath)
		case <-ctx.Done():
			return fmt.Errorf("no moto server answers at %s: %w", url, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

var probe = &http.Transport{DisableKeepAlives: true}

func motoAnswers(ctx context.Context, url string) bool {
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
