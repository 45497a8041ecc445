package network

import (
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

var threeZones = []cloud.Zone{{ID: "euw1-az1"}, {ID: "euw1-az2"}, {ID: "euw1-az3"}}

func TestTableIsOrderedAndComplete(t *testing.T) {
	for _, nat := range []cloud.NATLayout{cloud.NATPerZone, cloud.NATSingle} {
		before := map[string]bool{}
		for _, s := range Steps(threeZones, nat) {
			for _, n := range s.Needs {
				if !before[n] {
					t.Errorf("%s needs %s, which does not come before it", s.Key(), n)
				}
			}
			if before[s.Key()] {
				t.Errorf("%s is there twice", s.Key())
			}
			before[s.Key()] = true
			if s.Ensure == nil || s.Status == nil || s.Title == "" || s.Usually == 0 || len(s.Actions) == 0 {
				t.Errorf("%s is incomplete", s.Key())
			}
			if !s.property && (s.Delete == nil || s.label == "" || !slices.Contains(kinds(), s.kind)) {
				t.Errorf("%s makes a resource that cannot be named, listed or deleted", s.Key())
			}
			if s.property && !slices.Contains(s.Needs, s.of) && !slices.Contains(s.Needs, key(s.of, s.Zone)) && s.Name != stepDNSHostNames {
				t.Errorf("%s is a property of %s and does not need it", s.Key(), s.of)
			}
		}
	}
}

func TestNamesTellKindAndZone(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range Steps(threeZones, cloud.NATPerZone) {
		if s.property {
			continue
		}
		name := s.kind.name + " " + s.tagName("cce-x")
		if seen[name] {
			t.Errorf("two steps make a %s", name)
		}
		seen[name] = true
	}
}

func TestAddressesWaitForNothing(t *testing.T) {
	for _, s := range Steps(threeZones, cloud.NATPerZone) {
		if s.Name == stepAddress && len(s.Needs) > 0 {
			t.Errorf("%s needs %v", s.Key(), s.Needs)
		}
	}
	if u := Usually(threeZones, cloud.NATPerZone); u < 100*time.Second || u > 3*time.Minute {
		t.Errorf("a provision usually takes %s", u)
	}
}

func TestSingleGatewayServesAllZones(t *testing.T) {
	for _, s := range Steps(threeZones, cloud.NATSingle) {
		if s.Name == stepPrivateRoute && !slices.Contains(s.Needs, "nat_gateway/euw1-az1") {
			t.Errorf("%s needs %v", s.Key(), s.Needs)
		}
		if s.Name == stepNATGateway && s.Zone != "euw1-az1" {
			t.Errorf("%s exists", s.Key())
		}
	}
}

func TestActions(t *testing.T) {
	creating := map[string]int{}
	for _, a := range Actions() {
		if isDescribe := strings.HasPrefix(a.Name, "ec2:Describe"); isDescribe != (a.Resource == "*") {
			t.Errorf("%+v: describes, and only they, know no resource", a)
		} else if !isDescribe && a.NameTagInRequest == a.NameTagOnResource {
			t.Errorf("%+v is not bound to the Name of what it makes or touches", a)
		}
		if a.TagOnCreate != a.NameTagInRequest {
			t.Errorf("%+v: what is created carries tags from its create call", a)
		}
		if a.TagOnCreate {
			creating[a.Name]++
		}
	}
	for a, n := range creating {
		if n != 1 {
			t.Errorf("%s creates %d types", a, n)
		}
	}
	if len(creating) != len(kinds()) {
		t.Errorf("%d kinds are created by %v", len(kinds()), creating)
	}
	vpc := Action{Name: "ec2:CreateSubnet", Resource: "vpc", NameTagOnResource: true}
	if !slices.Contains(Actions(), vpc) {
		t.Errorf("creating a subnet is authorized against its VPC too: %+v is missing", vpc)
	}
}

// What one step declares, no other declares too, unless the two are the same
// kind of step: taking it away, or adding it elsewhere, never goes unseen in what
// all of them come to.
func TestAnActionIsDeclaredInOnePlace(t *testing.T) {
	declared := map[Action]Step{}
	for _, r := range rows() {
		for _, a := range r.step.Actions {
			first, ok := declared[a]
			if !ok {
				declared[a] = r.step
				continue
			}
			if !slices.Equal(first.Actions, r.step.Actions) {
				t.Errorf("%s on %s is declared by %s and by %s, which need different things", a.Name, a.Resource, first.Name, r.step.Name)
			}
		}
	}
}
