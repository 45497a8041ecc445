package network

import (
	"context"
	"time"

	"byoc/shared/cloud"
)

// RulesChanged has the workload group brought to the rules of the Spec although this
// run has brought it to others before, which it would trust. It goes on record before
// these rules do as those that are applied: what is interrupted in between is done
// again. Where every step is ready none is trusted anyway, and nothing is recorded.
func (e *Engine) RulesChanged(ctx context.Context) error {
	if e.step(stepWorkloadRules).State != cloud.StepReady || e.allReady(Steps(e.spec.Zones, e.spec.NATGateways)) {
		return nil
	}
	return e.record(ctx, stepWorkloadRules, func(rec *cloud.Step) {
		rec.State, rec.EndedAt = cloud.StepWaiting, time.Time{}
	})
}
