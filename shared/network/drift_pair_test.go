package network

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// customerAtWork is a customer at work in the account, past everything of ours.
type customerAtWork struct {
	*ec2.Client
	w    *world
	zone string
	err  error
}

func (h *customerAtWork) id(step string) *string {
	if perZoneRow(step) {
		step = key(step, h.zone)
	}
	return aws.String(h.w.engine().id(step))
}

func (h *customerAtWork) did(_ any, err error) {
	if err != nil && h.err == nil {
		h.err = err
	}
}

func (h *customerAtWork) deleteNAT() {
	h.did(h.DeleteNatGateway(context.Background(), &ec2.DeleteNatGatewayInput{NatGatewayId: h.id(stepNATGateway)}))
}

func (h *customerAtWork) detach() {
	h.did(h.DetachInternetGateway(context.Background(), &ec2.DetachInternetGatewayInput{InternetGatewayId: h.id(stepInternetGateway), VpcId: h.id(stepVPC)}))
}

// disassociate takes the table off a subnet, or off all where that is empty.
func (h *customerAtWork) disassociate(table, subnet string) {
	out, err := h.DescribeRouteTables(context.Background(), &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*h.id(table)}})
	if h.did(out, err); err != nil {
		return
	}
	for _, a := range out.RouteTables[0].Associations {
		if subnet == "" || text(a.SubnetId) == *h.id(subnet) {
			h.did(h.DisassociateRouteTable(context.Background(), &ec2.DisassociateRouteTableInput{AssociationId: a.RouteTableAssociationId}))
		}
	}
}

func (h *customerAtWork) deleteTable(table string) {
	h.did(h.DeleteRouteTable(context.Background(), &ec2.DeleteRouteTableInput{RouteTableId: h.id(table)}))
}

func (h *customerAtWork) deleteSubnet(subnet string) {
	h.did(h.DeleteSubnet(context.Background(), &ec2.DeleteSubnetInput{SubnetId: h.id(subnet)}))
}

func (h *customerAtWork) deleteGroup(group string) {
	h.did(h.DeleteSecurityGroup(context.Background(), &ec2.DeleteSecurityGroupInput{GroupId: h.id(group)}))
}

// revokeAll of a group's inbound rules.
func (h *customerAtWork) revokeAll(group string) {
	out, err := h.DescribeSecurityGroups(context.Background(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*h.id(group)}})
	if h.did(out, err); err == nil {
		h.did(h.RevokeSecurityGroupIngress(context.Background(), &ec2.RevokeSecurityGroupIngressInput{GroupId: h.id(group), IpPermissions: out.SecurityGroups[0].IpPermissions}))
	}
}

func (h *customerAtWork) switchOff(in *ec2.ModifyVpcAttributeInput) {
	in.VpcId = h.id(stepVPC)
	h.did(h.ModifyVpcAttribute(context.Background(), in))
}

func (h *customerAtWork) deleteRoute(table string) {
	h.did(h.DeleteRoute(context.Background(), &ec2.DeleteRouteInput{RouteTableId: h.id(table), DestinationCidrBlock: aws.String(anywhere)}))
}

func (h *customerAtWork) tag(step, name, value string) {
	h.did(h.CreateTags(context.Background(), &ec2.CreateTagsInput{Resources: []string{*h.id(step)}, Tags: []types.Tag{{Key: &name, Value: &value}}}))
}

// driftPair is two networks that differ in one change made by hand: in one of
// them the drift check finds the difference, in the other it does not.
type driftPair struct {
	step string
	// property that differs; empty where the resource is missing.
	property string
	// prepare is what AWS wants done before the change.
	prepare, change func(*customerAtWork)
	// mend undoes what a repair may not.
	mend func(*customerAtWork)
}

var offAttribute = &types.AttributeBooleanValue{Value: aws.Bool(false)}

func driftPairs() []driftPair {
	return []driftPair{
		{step: stepVPC, property: TagName + " tag", change: func(h *customerAtWork) { h.tag(stepVPC, TagName, "ours") }, mend: func(h *customerAtWork) { h.tag(stepVPC, TagName, "cce-"+strings.ReplaceAll(testCloud, "-", "")+"-vpc") }},
		{step: stepWorkloadGroup, property: "tags", change: func(h *customerAtWork) {
			h.did(h.DeleteTags(context.Background(), &ec2.DeleteTagsInput{Resources: []string{*h.id(stepWorkloadGroup)}, Tags: []types.Tag{{Key: aws.String(TagCloud)}}}))
		}, mend: func(h *customerAtWork) { h.tag(stepWorkloadGroup, TagCloud, testCloud) }},
		{step: stepDNSSupport, property: "DNS support", change: func(h *customerAtWork) { h.switchOff(&ec2.ModifyVpcAttributeInput{EnableDnsSupport: offAttribute}) }},
		{step: stepDNSHostNames, property: "DNS host names", change: func(h *customerAtWork) { h.switchOff(&ec2.ModifyVpcAttributeInput{EnableDnsHostnames: offAttribute}) }},
		{step: stepAttachment, property: "attachment", change: (*customerAtWork).detach},
		{step: stepInternetGateway, prepare: (*customerAtWork).detach, change: func(h *customerAtWork) {
			h.did(h.DeleteInternetGateway(context.Background(), &ec2.DeleteInternetGatewayInput{InternetGatewayId: h.id(stepInternetGateway)}))
		}},
		{step: stepPublicAddresses, property: "public addresses", change: func(h *customerAtWork) {
			h.did(h.ModifySubnetAttribute(context.Background(), &ec2.ModifySubnetAttributeInput{SubnetId: h.id(stepBastionSubnet), MapPublicIpOnLaunch: offAttribute}))
		}},
		{step: stepNATGateway, change: (*customerAtWork).deleteNAT},
		{step: stepAddress, prepare: (*customerAtWork).deleteNAT, change: func(h *customerAtWork) {
			h.did(h.ReleaseAddress(context.Background(), &ec2.ReleaseAddressInput{AllocationId: h.id(stepAddress)}))
		}},
		{step: stepBastionSubnet, prepare: (*customerAtWork).deleteNAT, change: func(h *customerAtWork) { h.deleteSubnet(stepBastionSubnet) }},
		{step: stepWorkloadSubnet, change: func(h *customerAtWork) { h.deleteSubnet(stepWorkloadSubnet) }},
		{step: stepPublicAssociation, property: "association", change: func(h *customerAtWork) { h.disassociate(stepPublicTable, stepBastionSubnet) }},
		{step: stepPublicTable, prepare: func(h *customerAtWork) { h.disassociate(stepPublicTable, "") }, change: func(h *customerAtWork) { h.deleteTable(stepPublicTable) }},
		{step: stepPublicRoute, property: "route to " + anywhere, change: func(h *customerAtWork) { h.deleteRoute(stepPublicTable) }},
		{step: stepPrivateAssociation, property: "association", change: func(h *customerAtWork) { h.disassociate(stepPrivateTable, "") }},
		{step: stepPrivateTable, prepare: func(h *customerAtWork) { h.disassociate(stepPrivateTable, "") }, change: func(h *customerAtWork) { h.deleteTable(stepPrivateTable) }},
		{step: stepPrivateRoute, property: "route to " + anywhere, change: func(h *customerAtWork) {
			h.did(h.ReplaceRoute(context.Background(), &ec2.ReplaceRouteInput{RouteTableId: h.id(stepPrivateTable), DestinationCidrBlock: aws.String(anywhere), GatewayId: h.id(stepInternetGateway)}))
		}},
		{step: stepBastionRules, property: "inbound rule", change: func(h *customerAtWork) { h.revokeAll(stepBastionGroup) }},
		{step: stepWorkloadRules, property: "inbound rule", change: func(h *customerAtWork) { h.revokeAll(stepWorkloadGroup) }},
		{step: stepBastionGroup, prepare: func(h *customerAtWork) { h.revokeAll(stepWorkloadGroup) }, change: func(h *customerAtWork) { h.deleteGroup(stepBastionGroup) }},
		{step: stepWorkloadGroup, change: func(h *customerAtWork) { h.deleteGroup(stepWorkloadGroup) }},
		// AWS deletes a VPC when nothing is in it any more.
		{step: stepVPC, change: func(h *customerAtWork) {
			theirs := &world{account: h.w.account, t: h.w.t, spec: h.w.spec, clock: h.w.clock, client: h.w.client}
			copied := h.w.journal.network
			copied.Steps = maps.Clone(copied.Steps)
			theirs.journal = &journal{network: copied, down: &h.w.account.down}
			theirs.remove()
		}},
	}
}

// finds says whether the drift check finds what the pair is about.
func (d driftPair) finds(t *testing.T, w *world, zone string) bool {
	t.Helper()
	return slices.ContainsFunc(status(t, w), func(f Finding) bool {
		if perZoneRow(d.step) && f.Key != key(d.step, zone) && d.step != stepPublicAssociation || !strings.HasPrefix(f.Key, d.step) {
			return false
		}
		if d.property == "" {
			return f.Verdict == Missing
		}
		return f.Verdict == Altered && f.Property == d.property
	})
}

func TestEachDriftPropertyByOneChangeMadeByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	w.provision()
	zone := w.spec.Zones[1].ID
	for _, d := range driftPairs() {
		name := d.step + ": " + d.property
		w.clock = w.clock.Add(time.Hour)
		h := &customerAtWork{Client: client(w.account), w: w, zone: zone}
		if d.prepare != nil {
			d.prepare(h)
		}
		if h.err != nil {
			t.Fatalf("%s: preparing: %v", name, h.err)
		}
		if d.finds(t, w, zone) {
			t.Fatalf("%s: found before the change", name)
		}
		d.change(h)
		if h.err != nil {
			t.Fatalf("%s: %v", name, h.err)
		}
		if !d.finds(t, w, zone) {
			t.Errorf("%s: not found: %+v", name, status(t, w))
		}
		if d.mend != nil {
			d.mend(h)
		}
		w.clock = w.clock.Add(time.Hour)
		w.provision()
		for _, f := range status(t, w) {
			if f.Verdict != OK {
				t.Fatalf("%s: not repaired: %+v", name, f)
			}
		}
	}
}

// Every step of the table has its pair, and every property that the code can
// call altered, but for those that nobody can change by hand.
func TestNoDriftPropertyLacksItsPair(t *testing.T) {
	missing, altered := map[string]bool{}, map[string]bool{}
	properties := map[string]bool{}
	for _, d := range driftPairs() {
		properties[d.property] = true
		if d.property == "" {
			missing[d.step] = true
		} else {
			altered[d.step] = true
		}
	}
	for _, r := range rows() {
		if r.step.property && !altered[r.step.Name] || !r.step.property && !missing[r.step.Name] {
			t.Errorf("%s has no pair", r.step.Name)
		}
	}
	// In the code's own words.
	values := map[string]string{
		`"association"`: "association", `"attachment"`: "attachment", `"route to "+anywhere`: "route to " + anywhere,
		`"inbound rule"`: "inbound rule", `"public addresses"`: "public addresses", `TagName+" tag"`: TagName + " tag", `title`: "DNS support",
	}
	fixed := map[string]string{
		`"address range"`:     "AWS changes no range of a VPC or subnet",
		`"availability zone"`: "a subnet stays in its zone",
		`"subnet"`:            "a NAT gateway stays in its subnet",
		`"state"`:             "a NAT gateway fails by itself",
	}
	for _, word := range alteredProperties(t) {
		if fixed[word] == "" && !properties[values[word]] {
			t.Errorf("altered(%s, …) has no pair", word)
		}
	}
}

// alteredProperties is the first argument of every call of altered.
func alteredProperties(t *testing.T) (words []string) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, f.Name(), text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "altered" {
					arg := call.Args[0]
					words = append(words, string(text[set.Position(arg.Pos()).Offset:set.Position(arg.End()).Offset]))
				}
			}
			return true
		})
	}
	if len(words) < 10 {
		t.Fatalf("only %v are found: the code is not read", words)
	}
	return words
}
