package main

import (
	"context"
	"fmt"
	"time"

	"byoc/shared/preflight"
)

// freshRole is how long a role that was just made may be refused.
const freshRole = 2 * time.Minute

// preflight makes the checks with the role on record, and prints what they
// come to. A failed one is an error, except that a fresh role is waited for.
func (s *story) preflight(ctx context.Context) error {
	for started := time.Now(); ; {
		asked := time.Now()
		a, err := s.customer.Preflight(ctx, s.cloud.ID, "")
		if err != nil {
			return err
		}
		fresh := len(a.Checks) > 0 && a.Checks[0].Name == preflight.Role && a.Checks[0].Verdict == preflight.Failed
		if fresh && time.Since(started) < freshRole {
			time.Sleep(time.Second)
			continue
		}
		s.say("preflight in %.1f s: %d checks passed, %d warnings, %d could_not_check, %d failed", time.Since(asked).Seconds(),
			a.Counts[preflight.Passed], a.Counts[preflight.Warning], a.Counts[preflight.CouldNotCheck], a.Counts[preflight.Failed])
		for _, c := range a.Checks {
			if c.Verdict != preflight.Passed {
				s.say("  %s %s: %s %s", c.Verdict, c.Name, c.Message, c.Cure)
			}
		}
		if a.Verdict == preflight.Failed {
			return fmt.Errorf("the preflight failed")
		}
		return nil
	}
}
