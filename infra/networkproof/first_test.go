package networkproof

import (
	"context"
	"testing"
	"time"

	"byoc/infra/local/inventory"
)

func TestScratch(t *testing.T) {
	t0 := time.Now()
	s := shared(t)
	t.Log("started", time.Since(t0))
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	for i := 0; i < 2; i++ {
		t0 = time.Now()
		l, err := newLab(ctx, s, newAccount())
		if err != nil {
			t.Fatal(err)
		}
		t.Log("lab", time.Since(t0))
		t0 = time.Now()
		c, err := l.active(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Log("active", time.Since(t0))
		if i == 0 {
			now, _ := l.inventory(ctx)
			for _, line := range shape(c, inventory.Diff(l.before, now)) {
				t.Log(line)
			}
			for _, call := range s.Calls() {
				t.Log(call.Time.Format("05.000"), call.DurationMS, call.Service, call.Operation, call.Account, call.DryRun, call.RoleARN, call.Status)
			}
		}
		t0 = time.Now()
		if err := l.gone(ctx); err != nil {
			t.Fatal(err)
		}
		t.Log("gone", time.Since(t0))
	}
}
