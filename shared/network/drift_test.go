package network

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Each thing that somebody may do to the network is seen, named, and repaired.
func TestDriftIsSeenAndRepaired(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	off := &types.AttributeBooleanValue{Value: aws.Bool(false)}
	for _, c := range []struct {
		name  string
		do    func(c *ec2.Client, id func(string) *string, zone string) error
		key   string
		found Verdict
	}{
		{"host names off", func(c *ec2.Client, id func(string) *string, _ string) error {
			_, err := c.ModifyVpcAttribute(ctx, &ec2.ModifyVpcAttributeInput{VpcId: id(stepVPC), EnableDnsHostnames: off})
			return err
		}, stepDNSHostNames, Altered},
		{"gateway detached", func(c *ec2.Client, id func(string) *string, _ string) error {
			_, err := c.DetachInternetGateway(ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: id(stepInternetGateway), VpcId: id(stepVPC)})
			return err
		}, stepAttachment, Altered},
		{"public route deleted", func(c *ec2.Client, id func(string) *string, _ string) error {
			_, err := c.DeleteRoute(ctx, &ec2.DeleteRouteInput{RouteTableId: id(stepPublicTable), DestinationCidrBlock: aws.String(anywhere)})
			return err
		}, stepPublicRoute, Altered},
		{"private route elsewhere", func(c *ec2.Client, id func(string) *string, z string) error {
			_, err := c.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: id(key(stepPrivateTable, z)), DestinationCidrBlock: aws.String(anywhere), GatewayId: id(stepInternetGateway)})
			return err
		}, stepPrivateRoute, Altered},
		{"public addresses off", func(c *ec2.Client, id func(string) *string, z string) error {
			_, err := c.ModifySubnetAttribute(ctx, &ec2.ModifySubnetAttributeInput{SubnetId: id(key(stepBastionSubnet, z)), MapPublicIpOnLaunch: off})
			return err
		}, stepPublicAddresses, Altered},
		{"NAT gateway deleted", func(c *ec2.Client, id func(string) *string, z string) error {
			_, err := c.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: id(key(stepNATGateway, z))})
			return err
		}, stepNATGateway, Missing},
		{"workload subnet deleted", func(c *ec2.Client, id func(string) *string, z string) error {
			_, err := c.DeleteSubnet(ctx, &ec2.DeleteSubnetInput{SubnetId: id(key(stepWorkloadSubnet, z))})
			return err
		}, stepWorkloadSubnet, Missing},
		{"rule revoked", func(c *ec2.Client, id func(string) *string, _ string) error {
			_, err := c.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: id(stepBastionGroup), IpPermissions: []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22), IpRanges: []types.IpRange{{CidrIp: aws.String("198.51.100.0/24")}}}}})
			return err
		}, stepBastionRules, Altered},
	} {
		w := newWorld(t, 2, cloud.NATPerZone)
		before := w.inventory(t)
		w.provision()
		w.clock = w.clock.Add(time.Hour)
		e, zone := w.engine(), w.spec.Zones[1].ID
		if err := c.do(client(w.account), func(k string) *string { return aws.String(e.id(k)) }, zone); err != nil {
			t.Fatal(err)
		}
		w.account.forget()
		if !slices.ContainsFunc(status(t, w), func(f Finding) bool {
			return strings.HasPrefix(f.Key, c.key) && f.Verdict == c.found
		}) {
			t.Errorf("%s: not seen: %+v", c.name, status(t, w))
		}
		if m := w.mutating(); len(m) > 0 {
			t.Errorf("%s: the drift check changed something: %v", c.name, m)
		}
		w.provision()
		for _, f := range status(t, w) {
			if f.Verdict != OK {
				t.Errorf("%s: not repaired: %+v", c.name, f)
			}
		}
		w.holds(before)
	}
}

func TestRulesOfTheCustomerStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	w.provision()
	ctx, c, e := context.Background(), client(raw{w.account}), w.engine()
	group := e.id(stepWorkloadGroup)
	theirs := rule{"tcp", 8443, 8443, "10.50.0.0/16"}
	_, err := c.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{{
		IpProtocol: &theirs.Protocol, FromPort: &theirs.From, ToPort: &theirs.To, IpRanges: []types.IpRange{{CidrIp: &theirs.Source, Description: aws.String("ours")}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range status(t, w) {
		if f.Verdict != OK {
			t.Errorf("a rule of the customer is drift: %+v", f)
		}
	}
	// The cloud's own rules change; the customer's rule stays.
	w.spec.IngressRules = []cloud.IngressRule{{Protocol: "udp", FromPort: 53, ToPort: 53, CIDR: "10.8.0.0/16"}}
	w.provision()
	rules, err := describeRules(ctx, c, filter("group-id", group))
	if err != nil {
		t.Fatal(err)
	}
	var ranges []rule
	for _, r := range rules[group] {
		if !strings.HasPrefix(r.Source, "sg-") {
			ranges = append(ranges, r.rule)
		}
	}
	if len(ranges) != 2 || !slices.Contains(ranges, theirs) || !slices.Contains(ranges, rule{"udp", 53, 53, "10.8.0.0/16"}) {
		t.Errorf("rules: %v", ranges)
	}
}

// Rules that change while a run waits for a NAT gateway, after it has brought the
// group to those before.
func TestRulesThatChangeDuringARunAreApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	ctx := context.Background()
	out, err := w.engine().Ensure(ctx)
	if err != nil || w.engine().step(stepWorkloadRules).State != cloud.StepReady {
		t.Fatalf("the group has no rules yet: %+v, %v", out, err)
	}
	w.clock = w.clock.Add(time.Minute)
	gateway := stepNATGateway + "/" + w.spec.Zones[0].ID
	waiting := w.journal.network.Steps[gateway]
	waiting.State = cloud.StepPending
	w.journal.network.Steps[gateway] = waiting
	w.spec.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 6543, ToPort: 6543, CIDR: "10.8.0.0/16"}}
	if err := w.engine().RulesChanged(ctx); err != nil {
		t.Fatal(err)
	}
	w.provision()
	for _, f := range status(t, w) {
		if f.Verdict != OK {
			t.Errorf("not applied: %+v", f)
		}
	}
}

func TestAddingAZoneChangesNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, cloud.NATPerZone)
	all := w.spec.Zones
	before := w.inventory(t)
	w.spec.Zones = all[:2]
	w.provision()
	old := w.engine().recordedIDs()
	w.spec.Zones = all
	w.clock = w.clock.Add(time.Hour)
	w.provision()
	w.holds(before)
	now := w.engine().recordedIDs()
	for id, k := range old {
		if now[id] != k {
			t.Errorf("%s is not %s any more", k, id)
		}
	}
}

func TestTagsTakenOffAreToldNotWorkedAround(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	w.provision()
	w.clock = w.clock.Add(time.Hour)
	id := w.engine().id(stepWorkloadGroup)
	if _, err := client(raw{w.account}).DeleteTags(context.Background(), &ec2.DeleteTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String(TagCloud)}}}); err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(status(t, w), func(f Finding) bool {
		return f.Key == stepWorkloadGroup && f.Verdict == Altered && f.Property == "tags"
	}) {
		t.Error("the drift check does not tell of the tags")
	}
	if _, err := w.until((*Engine).Ensure); cloud.CodeOf(err) != cloud.ResourceFailed || !strings.Contains(cloud.MessageOf(err), TagCloud) {
		t.Errorf("repair: %v", err)
	}
	w.account.forget()
	out, err := w.until((*Engine).Delete)
	if err != nil || out.Done || !slices.ContainsFunc(out.Leftovers, func(l cloud.Leftover) bool { return l.ID == id && strings.Contains(l.Reason, "tag") }) {
		t.Errorf("deletion: %+v, %v", out, err)
	}
}

// shy hides VPCs and subnets for five seconds after their creation, as AWS may.
type shy struct {
	EC2
	w  *world
	mu sync.Mutex
	at map[string]time.Time
}

func (s *shy) seen(id *string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.clock.Sub(s.at[*id]) >= 5*time.Second
}

func (s *shy) note(id *string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at[*id] = s.w.clock
}

func (s *shy) CreateVpc(ctx context.Context, in *ec2.CreateVpcInput, o ...func(*ec2.Options)) (*ec2.CreateVpcOutput, error) {
	out, err := s.EC2.CreateVpc(ctx, in, o...)
	if err == nil {
		s.note(out.Vpc.VpcId)
	}
	return out, err
}

func (s *shy) DescribeVpcs(ctx context.Context, in *ec2.DescribeVpcsInput, o ...func(*ec2.Options)) (*ec2.DescribeVpcsOutput, error) {
	out, err := s.EC2.DescribeVpcs(ctx, in, o...)
	if err == nil {
		out.Vpcs = slices.DeleteFunc(out.Vpcs, func(v types.Vpc) bool { return !s.seen(v.VpcId) })
	}
	return out, err
}

// A create call's answer is lost, and the describe of the next pass does not
// show the VPC: a second one is made, and the sweep removes the first.
func TestStaleReadAfterALostAnswerLeavesOneNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	lost := false
	s := &shy{EC2: client(w.account), w: w, at: map[string]time.Time{}}
	w.client = s
	w.fault = func(_ int, action string) (bool, bool) {
		lose := action == "CreateVpc" && !lost
		lost = lost || lose
		return false, lose
	}
	if _, err := w.engine().Ensure(context.Background()); err != nil {
		t.Fatal(err)
	}
	vpcs, err := client(raw{w.account}).DescribeVpcs(context.Background(), &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("tag:"+TagCloud, testCloud)}})
	if err != nil || len(vpcs.Vpcs) != 1 {
		t.Fatalf("a lost answer made %d VPCs, %v", len(vpcs.Vpcs), err)
	}
	s.note(vpcs.Vpcs[0].VpcId)
	w.clock = w.clock.Add(3 * time.Second)
	w.provision()
	w.holds(before)
	w.remove()
	w.empty(before)
}
