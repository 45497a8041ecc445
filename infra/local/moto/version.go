package moto

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// checkVersion asks the Python that runs moto_server: the command itself
// cannot tell its version.
func checkVersion(ctx context.Context, python string) error {
	if _, err := exec.LookPath(python); err != nil {
		return fmt.Errorf("%s is not installed; %w", python, ErrMissing)
	}
	const script = "import importlib.metadata as m; print(m.version('moto'))"
	out, err := exec.CommandContext(ctx, python, "-c", script).Output()
	if err != nil {
		return fmt.Errorf("%s cannot find moto; %w", python, ErrMissing)
	}
	version := strings.TrimSpace(string(out))
	major, _, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(major); err != nil || n < 5 {
		return fmt.Errorf("moto %s is too old; %w", version, ErrMissing)
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
