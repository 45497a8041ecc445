package network

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// rule lets traffic into a group. Two rules with the same values are the same
// rule to AWS, whatever their descriptions.
type rule struct {
	Protocol string
	From, To int32
	// Source is a range or a security group's id.
	Source string
}

func (r rule) String() string {
	return fmt.Sprintf("protocol %s, ports %d-%d, from %s", r.Protocol, r.From, r.To, r.Source)
}

// inbound is a rule as it stands in a group.
type inbound struct {
	rule
	ID          string
	Description string
}

const (
	// InboundRule is the property of a Finding about one rule of a group.
	InboundRule = "inbound rule"
	// WorkloadRules is the key of the step that the customer's rules belong to.
	WorkloadRules = stepWorkloadRules
)

func bastionRules() Step {
	return groupRules(stepBastionRules, "bastion security group's rules", bastionGroup, func(p *Pass) map[rule]string {
		want := map[rule]string{}
		for _, cidr := range p.spec.Management.CIDRs {
			for _, port := range p.spec.Management.Ports {
				want[rule{"tcp", int32(port), int32(port), cidr.Masked().String()}] = "management"
			}
		}
		return want
	})
}

func workloadRules() Step {
	return groupRules(stepWorkloadRules, "workload security group's rules", workloadGroup, func(p *Pass) map[rule]string {
		want := map[rule]string{}
		for _, r := range p.spec.IngressRules {
			want[ingress(r)] = r.Description
		}
		want[rule{"-1", -1, -1, p.id(stepBastionGroup)}] = "from bastions"
		want[rule{"-1", -1, -1, p.id(stepWorkloadGroup)}] = "among members"
		return want
	})
}

// ingress is r as AWS shows it: a network address, and no ports where the
// protocol has none.
func ingress(r cloud.IngressRule) rule {
	x := rule{r.Protocol, int32(r.FromPort), int32(r.ToPort), r.SecurityGroupID}
	if r.Protocol == "-1" {
		x.From, x.To = -1, -1
	}
	if p, err := netip.ParsePrefix(r.CIDR); err == nil {
		x.Source = p.Masked().String()
	}
	return x
}

// groupRules keeps the cloud's own rules in a group. Rules that the cloud did
// not make are the customer's: they are no drift and stay. Ours are told by a
// description that starts with the stem; tags on rules the role may not set.
func groupRules(name, title string, group func() Step, want func(*Pass) map[rule]string) Step {
	return Step{
		Name: name, Title: title, kind: securityGroupKind, property: true, of: group().Name,
		Usually: time.Second,
		Actions: join(describe("DescribeSecurityGroupRules"), changes("AuthorizeSecurityGroupIngress", "security-group"),
			changes("RevokeSecurityGroupIngress", "security-group")),
		Ensure: converged(func(ctx context.Context, p *Pass, s Step, _ []Finding) error {
			id := p.id(group().Name)
			have, err := p.rules.of(ctx, p, id)
			if err != nil {
				return err
			}
			missing, extra := p.difference(want(p), have)
			if err := authorize(ctx, p, id, missing); err != nil {
				return err
			}
			return revoke(ctx, p, id, extra)
		}),
		Status: compared(owner(group), func(ctx context.Context, p *Pass, s Step, r Resource) ([]Finding, error) {
			have, err := p.rules.of(ctx, p, r.ID)
			if err != nil {
				return nil, err
			}
			missing, extra := p.difference(want(p), have)
			var found []Finding
			for _, m := range missing {
				found = append(found, altered(InboundRule, m.rule, ""))
			}
			for _, x := range extra {
				found = append(found, altered(InboundRule, "", x.rule))
			}
			return found, nil
		}),
		Delete: revokeReferences,
	}
}

// difference is what of want is missing, sorted, and which of our own rules
// are not wanted any more.
func (p *Pass) difference(want map[rule]string, have []inbound) (missing, extra []inbound) {
	stands := map[rule]bool{}
	for _, h := range have {
		stands[h.rule] = true
		if _, wanted := want[h.rule]; !wanted && strings.HasPrefix(h.Description, p.ownRule()) {
			extra = append(extra, h)
		}
	}
	for r, why := range want {
		if !stands[r] {
			missing = append(missing, inbound{rule: r, Description: p.ownRule() + allowed(why)})
		}
	}
	slices.SortFunc(missing, func(a, b inbound) int { return cmp.Compare(a.String(), b.String()) })
	return missing, extra
}

func (p *Pass) ownRule() string { return p.stem() + ": " }

// allowed keeps of a description what AWS takes, and as much of it.
func allowed(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r) {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), 200)]
}

func authorize(ctx context.Context, p *Pass, group string, rules []inbound) error {
	if len(rules) == 0 {
		return nil
	}
	in := &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group}
	for _, r := range rules {
		permission := types.IpPermission{IpProtocol: &r.Protocol, FromPort: &r.From, ToPort: &r.To}
		switch {
		case strings.HasPrefix(r.Source, "sg-"):
			permission.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &r.Source, Description: &r.Description}}
		case strings.Contains(r.Source, ":"):
			permission.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: &r.Source, Description: &r.Description}}
		default:
			permission.IpRanges = []types.IpRange{{CidrIp: &r.Source, Description: &r.Description}}
		}
		in.IpPermissions = append(in.IpPermissions, permission)
	}
	_, err := p.client.AuthorizeSecurityGroupIngress(ctx, in)
	return Classify(err, "ec2:AuthorizeSecurityGroupIngress")
}

func revoke(ctx context.Context, p *Pass, group string, rules []inbound) error {
	if len(rules) == 0 {
		return nil
	}
	in := &ec2.RevokeSecurityGroupIngressInput{GroupId: &group}
	for _, r := range rules {
		in.SecurityGroupRuleIds = append(in.SecurityGroupRuleIds, r.ID)
	}
	_, err := p.client.RevokeSecurityGroupIngress(ctx, in)
	return Classify(err, "ec2:RevokeSecurityGroupIngress")
}

// revokeReferences removes the rules that refer to other groups, whoever made
// them: a group that another one refers to cannot be deleted. All other rules
// go with their group.
func revokeReferences(ctx context.Context, p *Pass, r Resource) (string, error) {
	have, err := p.rules.of(ctx, p, r.ID)
	if err != nil {
		return "", err
	}
	return "", revoke(ctx, p, r.ID, slices.DeleteFunc(slices.Clone(have), func(x inbound) bool {
		return !strings.HasPrefix(x.Source, "sg-") || x.Source == r.ID
	}))
}

// ruleCache is what one pass knows of the inbound rules, one describe for all
// of the cloud's groups.
type ruleCache struct {
	mu      sync.Mutex
	byGroup map[string][]inbound
}

// assumeNone notes a group that was just made.
func (c *ruleCache) assumeNone(group string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byGroup == nil {
		c.byGroup = map[string][]inbound{}
	}
	c.byGroup[group] = nil
}

func (c *ruleCache) of(ctx context.Context, p *Pass, group string) ([]inbound, error) {
	groups, err := p.list(ctx, securityGroupKind)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if have, ok := c.byGroup[group]; ok {
		return have, nil
	}
	ids := []string{group}
	for _, g := range groups {
		if _, ok := c.byGroup[g.ID]; !ok && g.ID != group {
			ids = append(ids, g.ID)
		}
	}
	found, err := describeRules(ctx, p.client, filter("group-id", ids...))
	if err != nil {
		return nil, err
	}
	if c.byGroup == nil {
		c.byGroup = map[string][]inbound{}
	}
	for _, id := range ids {
		c.byGroup[id] = found[id]
	}
	return c.byGroup[group], nil
}

func describeRules(ctx context.Context, client EC2, f ...types.Filter) (map[string][]inbound, error) {
	p := ec2.NewDescribeSecurityGroupRulesPaginator(client, &ec2.DescribeSecurityGroupRulesInput{Filters: filters(f)})
	byGroup := map[string][]inbound{}
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, Classify(err, "ec2:DescribeSecurityGroupRules")
		}
		for _, r := range out.SecurityGroupRules {
			if flag(r.IsEgress) {
				continue
			}
			x := inbound{ID: text(r.SecurityGroupRuleId), Description: text(r.Description)}
			x.Protocol, x.From, x.To = text(r.IpProtocol), number(r.FromPort), number(r.ToPort)
			x.Source = text(r.CidrIpv4) + text(r.CidrIpv6) + text(r.PrefixListId)
			if r.ReferencedGroupInfo != nil {
				x.Source = text(r.ReferencedGroupInfo.GroupId)
			}
			byGroup[text(r.GroupId)] = append(byGroup[text(r.GroupId)], x)
		}
	}
	return byGroup, nil
}

// number is an optional port; AWS shows -1 for none, an emulator nothing.
func number(n *int32) int32 {
	if n == nil {
		return -1
	}
	return *n
}
