package sandbox

import (
	"context"
	"fmt"
)

// Destroy is `make destroy` of the deployment: afterwards the sandbox serves
// nothing of it any more.
func (s *Sandbox) Destroy(ctx context.Context) error {
	assembly, err := s.synth(ctx)
	if err != nil {
		return err
	}
	env := append([]string{
		"AWS_ENDPOINT_URL=" + s.URL(),
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=" + Region, "AWS_DEFAULT_REGION=" + Region,
	}, quiet...)
	if err := command(ctx, s.options.Root, env, "make", "--no-print-directory", "destroy", "ARCH="+Architecture(),
		"CDK_APP="+assembly, "DESTROY_FLAGS=--force", "MANAGEMENT_CIDRS=198.51.100.0/24", "MANAGEMENT_PORTS=22"); err != nil {
		return fmt.Errorf("destroying: %w", err)
	}
	return nil
}
