package local

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"

	"byoc/infra/local/child"
	"byoc/infra/local/lambdaruntime"
)

// instance is one process of a deployed function.
type instance struct {
	*lambdaruntime.Process
	fn  *function
	log *functionLog

	// busy and lastUsed belong to functions and its lock.
	busy     bool
	lastUsed time.Time

	expires time.Time
}

func newInstance(fn *function, log *functionLog, spawner *child.Spawner, work *workGroup) *instance {
	return &instance{
		Process: lambdaruntime.New(spawner, work.run),
		fn:      fn, log: log, lastUsed: time.Now(),
	}
}

// sessionDuration is how long the credentials of a process last; it is
// replaced well before they expire.
const (
	sessionDuration = 6 * time.Hour
	sessionMargin   = 20 * time.Minute
)

// worn reports that the credentials are about to expire.
func (i *instance) worn() bool {
	return i.Started() && time.Until(i.expires) < sessionMargin
}

// start starts the process.
func (i *instance) start(ctx context.Context, f *functions) error {
	dir, err := f.codeDir(ctx, i.fn)
	if err != nil {
		return err
	}
	credentials, err := f.credentials(ctx, i.fn)
	if err != nil {
		return err
	}
	i.expires = credentials.expires
	cmd := exec.Command(filepath.Join(dir, "bootstrap"))
	cmd.Dir = dir
	output := &lineWriter{instance: i}
	cmd.Stdout, cmd.Stderr = output, output
	return i.Start(cmd, func(runtimeAPI string) []string {
		return append(i.fn.env(f.endpoint, dir, credentials), "AWS_LAMBDA_RUNTIME_API="+runtimeAPI)
	})
}

// credentials of a function's execution role, as Lambda gets them.
func (f *functions) credentials(ctx context.Context, fn *function) (session, error) {
	issued, err := f.tokens.assumeForService(ctx, "lambda.amazonaws.com", fn.role, fn.ref.name, sessionDuration)
	if err != nil {
		return session{}, fmt.Errorf("%w: %w", errRoleNotAssumable, err)
	}
	return issued, nil
}
