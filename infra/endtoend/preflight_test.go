package endtoend

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/infra/customer"
	"byoc/shared/preflight"
)

// preflight makes the checks through the API.
func (w *world) preflight(c customer.Cloud, roleARN string) preflight.Answer {
	w.Helper()
	started := time.Now()
	a := must[preflight.Answer](w)(w.api.Preflight(w.ctx, c.ID, roleARN))
	w.Logf("preflight in %.1f s: %v", time.Since(started).Seconds(), a.Counts)
	return a
}

// known is the preflight with a role once AWS knows it: one made a moment ago is
// refused until it has propagated.
func (w *world) known(c customer.Cloud, roleARN string) preflight.Answer {
	w.Helper()
	for {
		a := w.preflight(c, roleARN)
		if check(w.T, a, preflight.Role).Verdict != preflight.Failed {
			return a
		}
		select {
		case <-w.ctx.Done():
			w.Fatalf("the role is not known: %+v", a)
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func check(t *testing.T, a preflight.Answer, name string) preflight.Check {
	t.Helper()
	i := slices.IndexFunc(a.Checks, func(c preflight.Check) bool { return c.Name == name })
	if i < 0 {
		t.Fatalf("no %s in %+v", name, a)
	}
	return a.Checks[i]
}

// A preflight through the deployed functions: as the template makes the role,
// and with one thing changed at a time.
func TestPreflight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.draft(nil)
	missing := w.preflight(c, "arn:aws:iam::"+w.account.ID+":role/"+c.UniqueName+"-iam-role")
	if got := check(t, missing, preflight.Role); got.Verdict != preflight.Failed || len(missing.Checks) != len(preflight.Names()) {
		t.Errorf("without a role: %+v", missing)
	}
	roleARN := w.role(c, nil)
	good := w.known(c, roleARN)
	for _, got := range good.Checks {
		if got.Verdict != preflight.Passed || len(got.Evidence) == 0 || got.Evidence[0].RequestID == "" {
			t.Errorf("%+v", got)
		}
	}
	w.boundary(c, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"ec2:CreateVpc","Resource":"*"}]}`)
	mayBeDenied.Store(w.account.ID, true)
	bound := w.preflight(c, roleARN)
	if got := check(t, bound, preflight.DryRunVPC); got.Verdict != preflight.Failed || !strings.Contains(got.Message, "permissions boundary does not allow it") || !strings.Contains(got.Cure, `"Action":"ec2:CreateVpc"`) {
		t.Errorf("%+v", got)
	}
	if got := check(t, bound, preflight.Boundary); got.Verdict != preflight.CouldNotCheck {
		t.Errorf("%+v", got)
	}
	w.wantEmpty()
	if a, err := w.api.Call(w.ctx, http.MethodPost, w.api.Clouds(c.ID, "preflight"), map[string]any{}); err != nil || a.Status != http.StatusBadRequest {
		t.Errorf("without a role: %v %d %s", err, a.Status, a.Body)
	}
}
