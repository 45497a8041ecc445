package cloud

import (
	"fmt"
	"strings"
	"unicode"

	"byoc/shared/address"
)

func (p *problems) ingressRules(rules []IngressRule) {
	if len(rules) > MaxIngressRules {
		p.add("body.ingress_rules", "At most %d rules are possible.", MaxIngressRules)
		return
	}
	seen := map[IngressRule]bool{}
	for i, r := range rules {
		location := fmt.Sprintf("body.ingress_rules[%d]", i)
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
		case !groupID.MatchString(r.SecurityGroupID):
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

// ruleText is what EC2 takes in a rule's description.
func ruleText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r)
	})
}
