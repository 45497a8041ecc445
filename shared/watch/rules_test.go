package watch

import (
	"testing"
	"time"

	"byoc/shared/cloud"
)

func TestRulesThatNoRunHasAppliedAreApplied(t *testing.T) {
	s := newStanding(1)
	c := s.clouds["c000"]
	c.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 443, ToPort: 443, CIDR: "10.9.0.0/24"}}
	s.clouds["c000"] = c
	s.after(t, 0)
	s.wants(t, "c000", cloud.Reconnecting)
	if len(s.started) != 1 || s.clouds["c000"].Attempt != 2 {
		t.Errorf("started %v at attempt %d", s.started, s.clouds["c000"].Attempt)
	}
	// Once a run took them up, there is nothing to apply.
	c = s.clouds["c000"]
	c.State, c.Network.IngressRules = cloud.Active, c.IngressRules
	s.clouds["c000"] = c
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Active)
	// A disconnected cloud waits for its trouble to end.
	c.State, c.Network.IngressRules, s.looks["c000"] = cloud.Disconnected, nil, noRole
	s.clouds["c000"] = c
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Disconnected)
	s.looks["c000"] = Look{}
	s.after(t, time.Hour)
	s.wants(t, "c000", cloud.Reconnecting)
}
