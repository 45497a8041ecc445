package customer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Terraform is a working directory with the template and its variables file.
type Terraform struct {
	// Dir has the state too.
	Dir string
	env []string
}

// ErrNoTerraform says that terraform or its AWS provider is not at hand.
var ErrNoTerraform = errors.New("terraform or its AWS provider is not at hand")

const variablesFile = "custom-cloud.vars"

// NewTerraform puts the two files into dir and initializes it.
// TF_PLUGIN_DIR, where it is set, is a folder with the provider for machines
// without a registry. ErrNoTerraform where terraform or the provider is missing.
func (a Account) NewTerraform(ctx context.Context, dir, template, variables string) (*Terraform, error) {
	if _, err := exec.LookPath("terraform"); err != nil {
		return nil, fmt.Errorf("%w: terraform is not on the PATH", ErrNoTerraform)
	}
	for name, text := range map[string]string{"template.tf": template, variablesFile: variables} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	t := &Terraform{Dir: dir, env: append(a.Environment(), "TF_IN_AUTOMATION=1", "CHECKPOINT_DISABLE=1")}
	args := []string{"init", "-input=false", "-no-color"}
	if plugins := os.Getenv("TF_PLUGIN_DIR"); plugins != "" {
		args = append(args, "-plugin-dir="+plugins)
	}
	initCtx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if _, err := t.run(initCtx, args...); err != nil {
		if noProvider(err) || initCtx.Err() != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("%w: %w", ErrNoTerraform, err)
		}
		return nil, err
	}
	return t, nil
}

// noProvider tells a provider that cannot be had from a template that is wrong,
// by how `terraform init` begins to say so.
func noProvider(err error) bool {
	return strings.Contains(err.Error(), "Failed to query available provider packages") ||
		strings.Contains(err.Error(), "Failed to install provider")
}

// Apply applies the template and answers the role ARN that it prints.
func (t *Terraform) Apply(ctx context.Context) (roleARN string, err error) {
	if _, err := t.run(ctx, "apply", "-input=false", "-no-color", "-auto-approve", "-var-file="+variablesFile); err != nil {
		return "", err
	}
	out, err := t.run(ctx, "output", "-raw", "-no-color", "aws-iam-role-arn")
	return strings.TrimSpace(out), err
}

// Destroy removes what Apply made.
func (t *Terraform) Destroy(ctx context.Context) error {
	_, err := t.run(ctx, "destroy", "-input=false", "-no-color", "-auto-approve", "-var-file="+variablesFile)
	return err
}

func (t *Terraform) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "terraform", args...)
	cmd.Dir = t.Dir
	cmd.Env = append(os.Environ(), t.env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("terraform %s: %w\n%s", args[0], err, stderr.String())
	}
	return string(out), nil
}
