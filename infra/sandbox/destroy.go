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
	if err := s.make(ctx, "destroy", "CDK_APP="+assembly, "DESTROY_FLAGS=--force"); err != nil {
		return fmt.Errorf("destroying: %w", err)
	}
	return nil
}
