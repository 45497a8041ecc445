package moto

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// The moto that this was tested with, and of whose insides server.py knows, and
// the Python that it needs.
const (
	testedVersion = "5.2.1"
	leastPython   = 10 // Python 3.10
)

// anyPython is where no script says which.
const anyPython = "python3"

const install = "pip install 'moto[server]==" + testedVersion + "'"

// checkVersion asks the Python that runs moto_server: the command itself
// cannot tell its version.
func checkVersion(ctx context.Context, python string) error {
	if err := checkPython(ctx, python); err != nil {
		return err
	}
	const script = "import importlib.metadata as m; print(m.version('moto'))"
	out, err := exec.CommandContext(ctx, python, "-c", script).Output()
	if err != nil {
		return fmt.Errorf("%s cannot find moto; %w", python, ErrMissing)
	}
	version := strings.TrimSpace(string(out))
	if !strings.HasPrefix(version, testedVersion[:strings.LastIndexByte(testedVersion, '.')+1]) {
		return fmt.Errorf("moto %s is another one than was tested; %w", version, ErrMissing)
	}
	return nil
}

func checkPython(ctx context.Context, python string) error {
	const script = "import sys; print('%d.%d' % sys.version_info[:2])"
	out, err := exec.CommandContext(ctx, python, "-c", script).Output()
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: install Python 3.%d or newer (https://www.python.org), then: %s", python, leastPython, install)
	}
	if err != nil {
		return fmt.Errorf("%s does not run (%w): install Python 3.%d or newer (https://www.python.org), then: %s", python, err, leastPython, install)
	}
	version := strings.TrimSpace(string(out))
	major, minor, _ := strings.Cut(version, ".")
	if n, err := strconv.Atoi(minor); major != "3" || err != nil || n < leastPython {
		return fmt.Errorf("Python %s is too old: install Python 3.%d or newer (https://www.python.org), then: %s", version, leastPython, install)
	}
	return nil
}

// interpreterOf is the Python in the script's first line; a version manager
// puts a shell script in its place, then it is the python3 it resolves.
func interpreterOf(script string) string {
	file, err := os.Open(script)
	if err != nil {
		return anyPython
	}
	defer file.Close()
	line, _ := bufio.NewReader(file).ReadString('\n')
	interpreter, isScript := strings.CutPrefix(strings.TrimSpace(line), "#!")
	if !isScript || !strings.Contains(interpreter, "python") || strings.Contains(interpreter, " ") {
		return anyPython
	}
	return interpreter
}
