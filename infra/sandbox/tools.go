package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

// leastNode is the oldest Node.js that the pinned CDK CLI runs on.
const leastNode = 20

// checkTools says, in one sentence per missing tool, what to install. The
// local AWS checks for moto by itself.
func checkTools(ctx context.Context) error {
	if runtime.GOOS != "linux" {
		return errors.New("running locally needs Linux: the functions are Linux binaries that run on this machine as they are")
	}
	if _, err := exec.LookPath("go"); err != nil {
		return errors.New("go is not on the PATH: install Go 1.26 or newer (https://go.dev/dl)")
	}
	node, err := exec.CommandContext(ctx, "node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node is not on the PATH: install Node.js %d or newer (https://nodejs.org); the CDK needs it", leastNode)
	}
	if v := major(string(node)); v < leastNode {
		return fmt.Errorf("Node.js %s is too old: install Node.js %d or newer (https://nodejs.org); the CDK needs it", strings.TrimSpace(string(node)), leastNode)
	}
	if _, err := exec.LookPath("npm"); err != nil {
		return fmt.Errorf("npm is not on the PATH: install Node.js %d or newer with npm (https://nodejs.org)", leastNode)
	}
	return nil
}

var digits = regexp.MustCompile(`[0-9]+`)

func major(version string) int {
	n, _ := strconv.Atoi(digits.FindString(version))
	return n
}

// Architecture of this machine as the stack's context names it.
func Architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
