package endtoend

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/customer"
	"byoc/infra/policyproof"
	"byoc/shared/network"
)

// A custom cloud lives its whole life in an account where the customer's own
// policy bounds the role: validated, created, checked, disconnected, repaired,
// deleted. Every call is judged by both policies when it is made, and all of
// them again at the end, against what the steps declare: the policy can neither
// lack nor exceed what is done.
func TestTheRoleMayDoWhatIsDoneAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bound, err := os.ReadFile("../../shared/template/testdata/customer-policy.json")
	if err != nil {
		t.Fatal(err)
	}
	c := w.draft(map[string]any{"ingress_rules": []map[string]any{
		{"protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr": "10.9.0.0/16", "description": "analysts"},
	}})
	roleARN := w.role(c, nil)
	w.boundary(c, string(bound))
	if c = w.provision(c, roleARN); c.State != "active" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.preflight(c, roleARN)
	w.misroute(c)
	if c = w.watched(c, "disconnected"); len(c.Reasons) != 2 {
		t.Errorf("reasons %+v", c.Reasons)
	}
	if c = w.repair(c); c.State != "active" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	if c = w.delete(c); c.State != "deleted" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.wantEmpty()
	proof := policyproof.Proof{
		Stem: c.UniqueName, Region: c.Region, Customer: string(bound), Granted: system.Enforcer.Granted(roleARN),
	}
	for _, wrong := range judged(t, proof, network.Actions()) {
		t.Error(wrong)
	}
	t.Logf("%d distinct authorizations, %d pairs of action and resource", len(proof.Granted), len(policyproof.Pairs(network.Actions())))

	// The proof proves something: one permission less or more in any step's
	// declaration, and it fails.
	for i, a := range network.Actions() {
		if less := slices.Delete(network.Actions(), i, i+1); len(judged(t, proof, less)) == 0 {
			t.Errorf("without %s on %s nothing is wrong", a.Name, a.Resource)
		}
	}
	for _, a := range []network.Action{
		{Name: "ec2:DescribeTags", Resource: "*"},
		{Name: "ec2:DeleteRoute", Resource: "route-table", NameTagOnResource: true},
		{Name: "ec2:ReleaseAddress", Resource: "natgateway", NameTagOnResource: true},
		{Name: "ec2:CreateVpc", Resource: "subnet", NameTagInRequest: true},
	} {
		if more := append(network.Actions(), a); len(judged(t, proof, more)) == 0 {
			t.Errorf("with %s on %s nothing is wrong", a.Name, a.Resource)
		}
	}
}

func judged(t *testing.T, p policyproof.Proof, declared []network.Action) []string {
	t.Helper()
	wrong, err := p.Judge(declared)
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

// misroute sends the traffic of one zone past its NAT gateway, and puts the
// workload subnet of another zone on the public table.
func (w *world) misroute(c customer.Cloud) {
	w.Helper()
	client := ec2.NewFromConfig(w.account.Config())
	out, err := client.DescribeRouteTables(w.ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{
		{Name: aws.String("tag:aiven_custom_cloud_environment_id"), Values: []string{c.ID}},
	}})
	if err != nil {
		w.Fatal(err)
	}
	var gateway, public string
	var private []types.RouteTable
	for _, table := range out.RouteTables {
		for _, r := range table.Routes {
			switch {
			case strings.HasPrefix(aws.ToString(r.GatewayId), "igw-"):
				gateway, public = *r.GatewayId, *table.RouteTableId
			case r.NatGatewayId != nil:
				private = append(private, table)
			}
		}
	}
	if gateway == "" || len(private) < 2 {
		w.Fatalf("%d private route tables, public %q", len(private), public)
	}
	_, routed := client.ReplaceRoute(w.ctx, &ec2.ReplaceRouteInput{
		RouteTableId: private[0].RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &gateway,
	})
	_, associated := client.ReplaceRouteTableAssociation(w.ctx, &ec2.ReplaceRouteTableAssociationInput{
		AssociationId: private[1].Associations[0].RouteTableAssociationId, RouteTableId: &public,
	})
	if routed != nil || associated != nil {
		w.Fatal(routed, associated)
	}
}
