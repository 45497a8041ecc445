package network

import (
	"context"
	"time"

	"byoc/shared/cloud"
)

// Status is the drift check: each step compared with what AWS shows, with at
// most twelve describes and nothing changed, on record or in the account.
// What the customer added (rules in the workload group, routes, resources of
// their own) is no drift. An error says that it could not be checked.
func (e *Engine) Status(ctx context.Context) ([]Finding, error) {
	p := e.pass()
	if _, err := p.everything(ctx); err != nil {
		return nil, err
	}
	var all []Finding
	for _, s := range Steps(e.spec.Zones, e.spec.NATGateways) {
		found, err := s.Status(ctx, p, s)
		if cloud.CodeOf(err) == cloud.ResourceFailed {
			// It exists without its tags.
			found, err = []Finding{{Key: s.Key(), Verdict: Altered, ResourceID: e.id(s.Key()), Property: "tags", Want: TagCloud + "=" + e.spec.CloudID}}, nil
		}
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Display is one row of the progress that people see.
type Display struct {
	Key     string
	Title   string
	Zone    string
	Usually time.Duration
}

// DisplayOrder lists the steps as people read them, with how long each usually
// takes on AWS.
func DisplayOrder(zones []cloud.Zone, nat cloud.NATLayout) []Display {
	var all []Display
	for _, s := range Steps(zones, nat) {
		all = append(all, Display{Key: s.Key(), Title: s.Title, Zone: s.Zone, Usually: s.Usually})
	}
	return all
}

// Usually is how long a whole provision takes on AWS: the longest chain of
// steps that need each other.
func Usually(zones []cloud.Zone, nat cloud.NATLayout) time.Duration {
	ends := map[string]time.Duration{}
	var longest time.Duration
	for _, s := range Steps(zones, nat) {
		var start time.Duration
		for _, n := range s.Needs {
			start = max(start, ends[n])
		}
		ends[s.Key()] = start + s.Usually
		longest = max(longest, ends[s.Key()])
	}
	return longest
}
