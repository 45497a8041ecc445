package network

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/google/go-cmp/cmp"
)

// wanted is what a provisioned cloud adds to an account.
func wanted(zones []cloud.Zone, natZones int) []string {
	stem := cloud.Stem(testCloud)
	one := func(kind, name string, extra ...string) string {
		tags := append([]string{"Name=" + stem + "-" + name, TagCloud + "=" + testCloud}, extra...)
		slices.Sort(tags)
		return kind + " " + strings.Join(tags, " ")
	}
	all := []string{
		one("vpc", "vpc"), one("internet-gateway", "internet-gateway"), one("route-table", "public"),
		one("security-group", "bastion", TagSecurityGroup+"=bastion"),
		one("security-group", "workload", TagSecurityGroup+"=workload"),
	}
	for i, z := range zones {
		all = append(all,
			one("subnet", "bastion-"+z.ID, TagSubnet+"=bastion"),
			one("subnet", "workload-"+z.ID, TagSubnet+"=workload"),
			one("route-table", "private-"+z.ID))
		if i < natZones {
			all = append(all, one("natgateway", "nat-"+z.ID), one("elastic-ip", "nat-"+z.ID))
		}
	}
	return all
}

// holds checks that the account has what it had before and exactly one network.
func (w *world) holds(before []string) {
	w.t.Helper()
	nats := len(w.spec.Zones)
	if w.spec.NATGateways == cloud.NATSingle {
		nats = 1
	}
	want := append(slices.Clone(before), wanted(w.spec.Zones, nats)...)
	slices.Sort(want)
	if diff := cmp.Diff(want, w.inventory(w.t)); diff != "" {
		w.t.Fatalf("account (-want +got):\n%s", diff)
	}
	recorded := w.engine().recordedIDs()
	if got := len(wanted(w.spec.Zones, nats)); len(recorded) != got {
		w.t.Fatalf("%d resources on record, %d made: %v", len(recorded), got, recorded)
	}
}

func (w *world) empty(before []string) {
	w.t.Helper()
	if diff := cmp.Diff(before, w.inventory(w.t)); diff != "" {
		w.t.Fatalf("left in the account (-before +after):\n%s", diff)
	}
}

func TestProvisionMakesExactlyOneNetwork(t *testing.T) {
	for _, c := range []struct {
		name  string
		zones int
		nat   cloud.NATLayout
	}{{"three zones, a gateway each", 3, cloud.NATPerZone}, {"three zones, one gateway", 3, cloud.NATSingle}, {"two zones", 2, cloud.NATPerZone}} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, c.zones, c.nat)
			before := w.inventory(t)
			w.provision()
			w.holds(before)

			t.Logf("provision: %d calls, %d of them mutating, %d writes on record", w.counted(""), len(w.mutating()), w.journal.writes)
			if n := w.counted(""); n > 60 {
				t.Errorf("%d AWS calls; at most 60 are allowed: %v", n, w.calls)
			}
			for _, f := range status(t, w) {
				if f.Verdict != OK {
					t.Errorf("drift right after provisioning: %+v", f)
				}
			}

			granted := map[string]bool{}
			for _, a := range Actions() {
				granted[a.Name] = true
			}
			for _, c := range w.calls {
				if !granted["ec2:"+c] {
					t.Errorf("%s is called and no step declares it", c)
				}
			}

			w.account.forget()
			writes := w.journal.writes
			w.clock = w.clock.Add(time.Hour)
			w.provision()
			t.Logf("second run: %d describes", w.counted("Describe"))
			if m := w.mutating(); len(m) > 0 {
				t.Errorf("the second run changed something: %v", m)
			}
			if n := w.counted("Describe"); n > 12 {
				t.Errorf("the second run made %d describes; at most 12 are allowed: %v", n, w.calls)
			}
			if w.journal.writes != writes {
				t.Errorf("the second run wrote %d times", w.journal.writes-writes)
			}

			w.account.forget()
			w.remove()
			t.Logf("delete: %d calls, %d of them mutating", w.counted(""), len(w.mutating()))
			w.empty(before)
			for _, c := range w.calls {
				if !granted["ec2:"+c] {
					t.Errorf("%s is called and no step declares it", c)
				}
			}
		})
	}
}

func status(t *testing.T, w *world) []Finding {
	t.Helper()
	found, err := w.engine().Status(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNetworkIsWired(t *testing.T) {
	for _, nat := range []cloud.NATLayout{cloud.NATPerZone, cloud.NATSingle} {
		w := newWorld(t, 3, nat)
		w.provision()
		e, c, ctx := w.engine(), client(raw{w.account}), context.Background()
		vpc := e.id(stepVPC)
		for _, a := range []types.VpcAttributeName{types.VpcAttributeNameEnableDnsSupport, types.VpcAttributeNameEnableDnsHostnames} {
			out, err := c.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &vpc, Attribute: a})
			if err != nil {
				t.Fatal(err)
			}
			if v := either(out.EnableDnsSupport, out.EnableDnsHostnames); v == nil || !*v.Value {
				t.Errorf("%s is off", a)
			}
		}
		tables, err := c.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{filter("vpc-id", vpc)}})
		if err != nil {
			t.Fatal(err)
		}
		leads := map[string]string{} // subnet to the target of its default route
		for _, x := range tables.RouteTables {
			for _, a := range x.Associations {
				for _, r := range x.Routes {
					if aws.ToString(r.DestinationCidrBlock) == anywhere {
						leads[aws.ToString(a.SubnetId)] = aws.ToString(r.GatewayId) + aws.ToString(r.NatGatewayId)
					}
				}
			}
		}
		for _, z := range w.spec.Zones {
			if got, want := leads[e.id(key(stepBastionSubnet, z.ID))], e.id(stepInternetGateway); got != want {
				t.Errorf("%s: the bastion subnet of %s leads to %q, not %s", nat, z.ID, got, want)
			}
			gateway := e.id(key(stepNATGateway, natZone(w.spec.Zones, nat, z.ID)))
			if got := leads[e.id(key(stepWorkloadSubnet, z.ID))]; got != gateway || got == "" {
				t.Errorf("%s: the workload subnet of %s leads to %q, not %s", nat, z.ID, got, gateway)
			}
		}
		rules, err := describeRules(ctx, c, filter("group-id", e.id(stepBastionGroup), e.id(stepWorkloadGroup)))
		if err != nil {
			t.Fatal(err)
		}
		var workload []string
		for _, r := range rules[e.id(stepWorkloadGroup)] {
			// moto keeps no descriptions of rules whose source is a group.
			workload = append(workload, r.String()+strings.TrimPrefix(r.Description, e.stem()))
		}
		slices.Sort(workload)
		want := []string{
			"protocol -1, ports -1--1, from " + e.id(stepBastionGroup),
			"protocol -1, ports -1--1, from " + e.id(stepWorkloadGroup),
			"protocol tcp, ports 5432-5432, from 10.9.0.0/16: the cafs tools",
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, workload); diff != "" {
			t.Errorf("workload rules (-want +got):\n%s", diff)
		}
		if b := rules[e.id(stepBastionGroup)]; len(b) != 1 || b[0].rule != (rule{"tcp", 22, 22, "198.51.100.0/24"}) {
			t.Errorf("bastion rules: %v", b)
		}
	}
}

func TestNoTagKeyBesidesTheFour(t *testing.T) {
	w := newWorld(t, 3, cloud.NATPerZone)
	before := w.inventory(t)
	w.provision()
	for _, line := range w.inventory(t) {
		if slices.Contains(before, line) {
			continue
		}
		for _, pair := range strings.Fields(line)[1:] {
			if k, _, _ := strings.Cut(pair, "="); !slices.Contains(TagKeys(), k) {
				t.Errorf("%s carries %s", line, k)
			}
		}
	}
}

func either(a, b *types.AttributeBooleanValue) *types.AttributeBooleanValue {
	if a != nil {
		return a
	}
	return b
}
