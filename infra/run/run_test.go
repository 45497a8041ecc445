// Package main's tests run the command as `make run` does.
package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"byoc/infra/runfile"
)

var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "byoc-run-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "run")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(string(out))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// output collects what a process prints, while it prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

type process struct {
	*testing.T
	cmd     *exec.Cmd
	out     *output
	dir     string
	awsPort string
	exited  chan error
}

// start runs the command on ports of its own, with more environment.
func start(t *testing.T, env ...string) *process {
	t.Helper()
	p := &process{T: t, out: &output{}, dir: t.TempDir(), awsPort: freePort(t), exited: make(chan error, 1)}
	p.cmd = exec.Command(binary)
	p.cmd.Dir = "../.."
	p.cmd.Env = append(append(os.Environ(),
		"LOCAL_DIR="+p.dir, "API_ADDR=127.0.0.1:0", "LOCAL_AWS_ADDR=127.0.0.1:"+p.awsPort), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

func (p *process) wait(d time.Duration) error {
	p.Helper()
	select {
	case err := <-p.exited:
		return err
	case <-time.After(d):
		p.Fatalf("still running after %s:\n%s", d, p.out)
		return nil
	}
}

func (p *process) waitReady() {
	p.Helper()
	for end := time.Now().Add(5 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if strings.Contains(p.out.String(), "Ready.") {
			return
		}
		select {
		case err := <-p.exited:
			p.Fatalf("ended before it was ready: %v\n%s", err, p.out)
		default:
		}
	}
	p.Fatalf("not ready:\n%s", p.out)
}

// children are the processes that belong to the run: what it starts knows the
// port of its local AWS.
func (p *process) children() []string {
	p.Helper()
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for _, v := range strings.Split(string(env), "\x00") {
			if v == "MOTO_PORT="+p.awsPort || v == "AWS_ENDPOINT_URL=http://localhost:"+p.awsPort {
				found = append(found, filepath.Base(filepath.Dir(file)))
			}
		}
	}
	return found
}

func (p *process) wantNothingLeft() {
	p.Helper()
	var left []string
	for range 50 {
		if left = p.children(); len(left) == 0 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if len(left) > 0 {
		p.Errorf("processes left: %v", left)
	}
	if _, err := os.Stat(runfile.Path(p.dir)); err == nil {
		p.Error("the run file is still there")
	}
}

func TestCtrlCEndsEveryProcess(t *testing.T) {
	p := start(t)
	p.waitReady()
	run, err := runfile.Read(p.dir)
	if err != nil {
		t.Fatal(err)
	}
	if run.Tokens.Admin == "" || run.Organization.ID == "" || len(run.Units) != 2 || len(run.Projects) != 3 || run.Outbox == "" {
		t.Errorf("the run file is not complete: %+v", run)
	}
	if len(p.children()) == 0 {
		t.Fatal("the check for processes finds none of a running system: it cannot fail")
	}
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := p.wait(2 * time.Minute); err != nil {
		t.Errorf("Ctrl-C is no failure: %v\n%s", err, p.out)
	}
	p.wantNothingLeft()
}

func TestTheDeathOfAChildEndsEveryProcess(t *testing.T) {
	p := start(t)
	p.waitReady()
	for _, pid := range p.children() {
		command, _ := os.ReadFile("/proc/" + pid + "/cmdline")
		if strings.Contains(string(command), "moto_server") {
			var n int
			fmt.Sscan(pid, &n)
			if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := p.wait(2 * time.Minute); err == nil || !strings.Contains(p.out.String(), "moto_server, the emulator behind the local AWS, ended by itself") {
		t.Errorf("ended with %v:\n%s", err, p.out)
	}
	p.wantNothingLeft()
}

func TestABusyPortIsOneSentence(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := start(t, "API_ADDR="+l.Addr().String())
	p.wantRefusal(l.Addr().String() + ", is something else running there?")
	if !strings.Contains(p.out.String(), "API_ADDR and LOCAL_AWS_ADDR choose other addresses") {
		t.Errorf("nothing on what to do: %s", p.out)
	}
}

func TestARefusedStartLeavesTheRunningOneAlone(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	if err := runfile.Write(dir, runfile.Run{APIURL: "http://running"}); err != nil {
		t.Fatal(err)
	}
	p := start(t, "API_ADDR="+l.Addr().String(), "LOCAL_DIR="+dir)
	if err := p.wait(3 * time.Minute); err == nil {
		t.Error("no failure")
	}
	if run, err := runfile.Read(dir); err != nil || run.APIURL != "http://running" {
		t.Errorf("the running one's file: %+v, %v", run, err)
	}
}

func TestAMissingOrOldToolIsOneSentence(t *testing.T) {
	for name, test := range map[string]struct {
		missing string
		fake    map[string]string
		want    string
	}{
		"no node":        {missing: "node", want: "install Node.js"},
		"old node":       {fake: map[string]string{"node": "echo v16.3.0"}, want: "v16.3.0 is too old"},
		"no npm":         {missing: "npm", want: "npm"},
		"no moto_server": {missing: "moto_server", want: "pip install 'moto[server]==5.2.1'"},
		"no python":      {missing: "python3", fake: map[string]string{"moto_server": "exit 1"}, want: "install Python 3.10"},
		"old python":     {fake: map[string]string{"moto_server": "exit 1", "python3": "echo 3.9"}, want: "Python 3.9 is too old"},
		"old moto":       {fake: map[string]string{"moto_server": "exit 1", "python3": `case "$2" in *moto*) echo 5.0.28;; *) echo 3.12;; esac`}, want: "moto 5.0.28 is another one than was tested"},
	} {
		t.Run(name, func(t *testing.T) {
			p := start(t, "PATH="+path(t, test.missing, test.fake))
			p.wantRefusal(test.want)
		})
	}
}

// make itself says what is missing before it compiles anything.
func TestMakeLooksForToolsBeforeItCompiles(t *testing.T) {
	for tool, want := range map[string]string{"node": "node is missing: install", "npm": "npm is missing: install", "moto_server": "moto_server is missing: install"} {
		cmd := exec.Command("make", "--no-print-directory", "run")
		cmd.Dir = "../.."
		cmd.Env = append(os.Environ(), "PATH="+path(t, tool, nil))
		out, err := cmd.CombinedOutput()
		first, rest, _ := strings.Cut(string(out), "\n")
		if err == nil || !strings.HasPrefix(first, want) || strings.Count(rest, "\n") > 1 {
			t.Errorf("without %s: %v\n%s", tool, err, out)
		}
	}
}

// path is a folder with the tools of this machine but one, and with fakes.
func path(t *testing.T, missing string, fakes map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for _, tool := range []string{"go", "make", "bash", "sh", "uname", "gcc", "node", "npm", "python3", "python", "moto_server", "mkdir", "cmp", "cp", "env", "touch", "sed", "grep"} {
		if tool == missing || fakes[tool] != "" {
			continue
		}
		if found, err := exec.LookPath(tool); err == nil {
			script := fmt.Sprintf("#!/bin/sh\nPATH=%q exec %q \"$@\"\n", os.Getenv("PATH"), found)
			if err := os.WriteFile(filepath.Join(dir, tool), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	for tool, body := range fakes {
		if err := os.WriteFile(filepath.Join(dir, tool), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// wantRefusal: it ends by itself, with one line that says want.
func (p *process) wantRefusal(want string) {
	p.Helper()
	if err := p.wait(3 * time.Minute); err == nil {
		p.Error("no failure")
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(p.out.String()), "\n") {
		if strings.HasPrefix(line, "make run:") || len(lines) > 0 {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], want) {
		p.Errorf("want one line with %q, not:\n%s", want, p.out)
	}
	p.wantNothingLeft()
}
