package cloud_test

import (
	"testing"

	"byoc/shared/cloud"
)

func TestIngressRulesOfAnActiveCloudAreAppliedByARun(t *testing.T) {
	w := newWorld()
	c := w.in(t, cloud.Active)
	rules := []cloud.IngressRule{{Protocol: "tcp", FromPort: 5432, ToPort: 5432, CIDR: "10.9.0.0/24"}}
	after, err := w.Update(t.Context(), "org1", c.ID, cloud.Changes{IngressRules: cloud.Some(rules)}, admin, always)
	if err != nil || after.State != cloud.Reconnecting || len(w.runs.started) != 1 {
		t.Errorf("%s, started %v, %v", after.State, w.runs.started, err)
	}
}

// Rules may change while a run is under way that has read the old ones, and
// while none can be: whatever comes in between, an active cloud ends with them
// applied.
func TestIngressRulesThatChangedMeanwhileAreAppliedOnceTheCloudIsActive(t *testing.T) {
	rules := []cloud.IngressRule{{Protocol: "tcp", FromPort: 5432, ToPort: 5432, CIDR: "10.9.0.0/24"}}
	for _, state := range []cloud.State{cloud.Creating, cloud.Reconnecting, cloud.Disconnected} {
		w := newWorld()
		c := w.in(t, state)
		c, err := w.Update(t.Context(), "org1", c.ID, cloud.Changes{IngressRules: cloud.Some(rules)}, admin, always)
		if err != nil || c.State != state || !c.RulesPending() {
			t.Fatalf("%s: %s, %v", state, c.State, err)
		}
		if err := w.ApplyRules(t.Context(), c.Ref(), "watch"); cloud.CodeOf(err) != cloud.Moved {
			t.Errorf("applied to a cloud that is %s: %v", state, err)
		}
		if state == cloud.Disconnected {
			if c, err = w.Repair(t.Context(), "org1", c.ID, admin, always); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Conclude(t.Context(), c.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
			t.Fatal(err)
		}
		w.runs.started = nil
		if err := w.ApplyRules(t.Context(), c.Ref(), "watch"); err != nil {
			t.Fatal(err)
		}
		after := w.store.clouds[c.ID]
		if after.State != cloud.Reconnecting || after.Attempt != c.Attempt+1 || len(w.runs.started) != 1 {
			t.Errorf("%s: then %s at attempt %d, started %v", state, after.State, after.Attempt, w.runs.started)
		}
		// The run takes them up; nothing is pending any more.
		after.Network.IngressRules = rules
		w.store.clouds[c.ID] = after
		if err := w.Conclude(t.Context(), after.Ref(), cloud.OutcomeReady, "", "run"); err != nil {
			t.Fatal(err)
		}
		w.runs.started = nil
		if err := w.ApplyRules(t.Context(), after.Ref(), "watch"); err != nil || len(w.runs.started) != 0 {
			t.Errorf("%s: applied twice, %v", state, err)
		}
	}
}
