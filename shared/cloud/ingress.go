package cloud

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"byoc/shared/address"
)

// RulesPending says whether the workload group has other rules than it should:
// they were changed while no run could apply them.
func (c Cloud) RulesPending() bool { return !slices.Equal(c.IngressRules, c.Network.IngressRules) }

// ApplyRules starts the run that applies pending rules of an active cloud: of
// rules that changed while it was not active, or after the run that made it so
// had read them. Where none are pending it does nothing. Moved where the attempt
// is over or the cloud is not active.
func (u *Clouds) ApplyRules(ctx context.Context, ref Ref, actor string) error {
	_, err := retryStale(func() (Cloud, error) {
		c, err := u.current(ctx, ref)
		if err != nil {
			return Cloud{}, err
		}
		if c.State != Active {
			return Cloud{}, Errorf(Moved, "The custom cloud is %s.", c.State)
		}
		if !c.RulesPending() {
			return c, nil
		}
		return u.applyRules(ctx, c, c, actor)
	})
	return err
}

// applyRules takes an active cloud to the run that applies the rules of after.
func (u *Clouds) applyRules(ctx context.Context, before, after Cloud, actor string) (Cloud, error) {
	after, err := u.move(ctx, before, Repair, actor, "Applying the changed ingress rules.", func(c *Cloud) {
		c.apply(after.Describe())
		c.Overlaps, c.FreeCIDR = after.Overlaps, after.FreeCIDR
		c.Network.Failure = ""
	})
	if err == nil {
		u.start(ctx, after)
	}
	return after, err
}

func (p *problems) ingressRules(rules []IngressRule) {
	if len(rules) > MaxIngressRules {
		p.add("body.ingress_rules", "At most %d rules are possible.", MaxIngressRules)
		return
	}
	seen := map[IngressRule]bool{}
	for i, r := range rules {
		location := at("body.ingress_rules", i)
		switch r.Protocol {
		case "tcp", "udp":
			if r.FromPort < 0 || r.ToPort > 65535 || r.FromPort > r.ToPort {
				p.add(location+".from_port", "Ports are 0 to 65535, from_port not above to_port.")
			}
		case "icmp", "-1":
			if r.FromPort != -1 || r.ToPort != -1 {
				p.add(location+".from_port", "With protocol %s both ports must be -1.", r.Protocol)
			}
		default:
			p.add(location+".protocol", "Must be tcp, udp, icmp or -1 (all).")
		}
		switch {
		case (r.CIDR == "") == (r.SecurityGroupID == ""):
			p.add(location, "Give exactly one of cidr and security_group_id.")
		case r.CIDR != "":
			if _, err := address.ParsePeer(r.CIDR); err != nil {
				p.add(location+".cidr", "%s", err)
			}
		case len(r.SecurityGroupID) < minGroupID || len(r.SecurityGroupID) > maxGroupID || !isGroupID(r.SecurityGroupID):
			p.add(location+".security_group_id", "This is not the id of a security group, such as sg-0123456789abcdef0.")
		}
		if len(r.Description) > 200 || !ruleText(r.Description) {
			p.add(location+".description", "At most 200 characters: letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*")
		}
		key := r
		key.Description = ""
		if seen[key] {
			p.add(location, "The rule is there twice.")
		}
		seen[key] = true
	}
}

func isGroupID(s string) bool {
	id, ok := strings.CutPrefix(s, "sg-")
	return ok && madeOf(id, digits+"abcdef")
}

// ruleText is what EC2 takes in a rule's description.
func ruleText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r)
	})
}
