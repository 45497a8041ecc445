package sandbox

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Functions are built from functions/<name>.
var functionNames = []string{"api", "network", "notify", "transition", "validaterole", "watch"}

func (s *Sandbox) buildDir(elem ...string) string {
	return filepath.Join(append([]string{s.options.Root, "build"}, elem...)...)
}

// build compiles the function binaries for this machine and the CDK app, and
// installs the CDK CLI at the version that the lock file names.
func (s *Sandbox) build(ctx context.Context) error {
	s.say("building the functions and the CDK app (minutes on a cold cache)")
	if err := command(ctx, s.options.Root, nil, "make", "--no-print-directory", "functions", "cdk-app", "cdk-cli", "ARCH="+Architecture()); err != nil {
		return fmt.Errorf("building: %w", err)
	}
	s.say("built")
	return nil
}

// fingerprint of what a synthesis depends on.
func (s *Sandbox) fingerprint(contextArgs []string) (string, error) {
	h := sha256.New()
	files := []string{s.buildDir("cdk-app"), filepath.Join(s.options.Root, "cdk.json")}
	for _, name := range functionNames {
		files = append(files, s.buildDir(Architecture(), "functions", name, "bootstrap"))
	}
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	for _, arg := range slices.Sorted(slices.Values(contextArgs)) {
		fmt.Fprintln(h, arg)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
