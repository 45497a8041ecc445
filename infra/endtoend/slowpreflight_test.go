package endtoend

import (
	"testing"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/shared/preflight"
)

// AWS does not answer for a minute: the preflight is answered all the same, by
// the deployed functions with their own limits, within the 25 seconds that it
// promises. What was not reached is could_not_check, and all else is as it is.
func TestASlowAWSIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	const promised, slow = 25 * time.Second, time.Minute
	for name, test := range map[string]struct {
		fault   func(w *world, roleARN string) faults.Rule
		unknown func(check string) bool
	}{
		"one call": {
			func(w *world, _ string) faults.Rule {
				return faults.Rule{Service: "ec2", Operation: "DescribeVpcs", Account: w.account.ID}
			},
			func(check string) bool { return check == preflight.Space || check == preflight.VPCs },
		},
		"entering the account": {
			func(_ *world, roleARN string) faults.Rule {
				return faults.Rule{Service: "sts", Operation: "AssumeRole", Match: func(c *awscall.Call) bool { return c.Query.Get("RoleArn") == roleARN }}
			},
			func(string) bool { return true },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.draft(nil)
			roleARN := w.role(c, nil)
			w.known(c, roleARN)
			rule := test.fault(w, roleARN)
			rule.Times, rule.Fault = faults.Forever, faults.Delay(slow)
			defer system.Faults.Inject(rule)()

			started := time.Now()
			a := w.preflight(c, roleARN)
			if took := time.Since(started); took > promised {
				t.Errorf("answered after %s", took)
			}
			if len(a.Checks) != len(preflight.Names()) {
				t.Errorf("%d checks", len(a.Checks))
			}
			for _, got := range a.Checks {
				want := preflight.Passed
				if test.unknown(got.Name) {
					want = preflight.CouldNotCheck
				}
				if got.Verdict != want || got.Message == "" {
					t.Errorf("%s: %+v", want, got)
				}
			}
		})
	}
}
