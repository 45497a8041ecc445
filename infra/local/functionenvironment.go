package local

import (
	"context"
	"fmt"
	"time"
)

// FunctionEnvironment is what a process of a deployed function is started
// with, but for the runtime API's address.
type FunctionEnvironment struct {
	ARN     string        `json:"arn"`
	Timeout time.Duration `json:"timeout"`
	// Variables are name=value, credentials of the function's role among them.
	Variables []string `json:"variables"`
}

// FunctionEnvironment answers for the function of a physical name as it is
// deployed now. An error where there is none, or where Lambda could not assume
// its role.
func (s *Server) FunctionEnvironment(ctx context.Context, name string) (FunctionEnvironment, error) {
	ref := functionRef{s.config.Account, s.config.Region, name}
	fn, err := s.functions.lookup(ctx, ref)
	if err != nil {
		return FunctionEnvironment{}, fmt.Errorf("%s: %w", name, err)
	}
	credentials, err := s.functions.credentials(ctx, fn)
	if err != nil {
		return FunctionEnvironment{}, err
	}
	return FunctionEnvironment{ref.arn(), fn.timeout, fn.env(s.url, "/var/task", credentials)}, nil
}
