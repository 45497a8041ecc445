package network

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// refuse answers calls of an action with an error, as EC2 does.
func refuse(action, code, message string) func(string, url.Values) *http.Response {
	return func(called string, _ url.Values) *http.Response {
		if called != action {
			return nil
		}
		body := fmt.Sprintf("<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>r</RequestID></Response>", code, message)
		return &http.Response{StatusCode: http.StatusForbidden, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(body))}
	}
}

func TestDeniedHalfWayIsRolledBack(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"CreateVpc", "CreateNatGateway", "AssociateRouteTable", "AuthorizeSecurityGroupIngress"} {
		w := newWorld(t, 3, cloud.NATPerZone)
		before := w.inventory(t)
		w.answer = refuse(action, "UnauthorizedOperation", "no. Encoded authorization failure message: blob")
		_, err := w.until((*Engine).Ensure)
		if cloud.CodeOf(err) != cloud.Denied || !strings.Contains(cloud.MessageOf(err), "ec2:"+action) {
			t.Errorf("%s denied: %v", action, err)
		}
		w.remove()
		w.empty(before)
	}
}

func TestDeletionThatIsDeniedListsWhatIsLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	w.answer = refuse("DeleteSecurityGroup", "UnauthorizedOperation", "User: x is not authorized with an explicit deny in a service control policy")
	out, err := w.until((*Engine).Delete)
	if err != nil || out.Done {
		t.Fatalf("got %+v, %v", out, err)
	}
	var kinds []string
	for _, l := range out.Leftovers {
		kinds = append(kinds, l.Kind)
		if !strings.Contains(l.Command, l.ID) || !strings.HasSuffix(l.Command, " --region eu-west-1") || !strings.HasPrefix(l.Command, "aws ec2 delete-") || l.Reason == "" {
			t.Errorf("leftover %+v", l)
		}
	}
	// What does not depend on the groups is gone; the VPC comes last.
	if !slices.Equal(kinds, []string{"security-group", "security-group", "vpc"}) {
		t.Errorf("left: %v", kinds)
	}
	if left := len(w.inventory(t)) - len(before); left != len(out.Leftovers) {
		t.Errorf("%d are left in the account, %d are listed", left, len(out.Leftovers))
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

// The detachment of the internet gateway waits for the NAT gateway too, and is a
// property, not a resource that could be on the list.
func TestADenialEndsADeletionAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	w.answer = refuse("DeleteNatGateway", "UnauthorizedOperation", "User: x is not authorized with an explicit deny in a service control policy")
	out, err := w.engine().Delete(context.Background())
	if err != nil || out.Done || len(out.Pending) > 0 {
		t.Errorf("got %+v, %v; want nothing to wait for", out, err)
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

func TestDependencyViolationIsPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	w.answer = refuse("DeleteSubnet", "DependencyViolation", "The subnet has dependencies and cannot be deleted.")
	for range 5 {
		out, err := w.engine().Delete(context.Background())
		if err != nil || out.Done || len(out.Pending) == 0 || out.Wait == 0 {
			t.Fatalf("got %+v, %v", out, err)
		}
		w.clock = w.clock.Add(out.Wait)
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

func TestDeletingWhatWasNeverCreatedAsksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	w.remove()
	if n := w.counted(""); n > 0 {
		t.Errorf("%d calls", n)
	}
}

func TestDeletionTakesTwoEmptySweeps(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	w.journal.network.CreateCalled = true
	first, err := w.engine().Delete(context.Background())
	if err != nil || first.Done || first.Wait < 10*time.Second {
		t.Fatalf("one sweep was taken for proof: %+v, %v", first, err)
	}
	w.clock = w.clock.Add(9 * time.Second)
	if out, _ := w.engine().Delete(context.Background()); out.Done {
		t.Fatal("two sweeps within nine seconds were taken for proof")
	}
	w.clock = w.clock.Add(time.Second)
	if out, err := w.engine().Delete(context.Background()); err != nil || !out.Done {
		t.Fatalf("got %+v, %v", out, err)
	}
}

// What two sweeps proved does not hold for what is created after them.
func TestProofEndsWithTheNextCreateCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	w.provision()
	w.remove()
	if n := w.journal.network; n.EmptySweeps != 2 {
		t.Fatalf("%d empty sweeps", n.EmptySweeps)
	}
	if _, err := w.engine().Ensure(context.Background()); err != nil {
		t.Fatal(err)
	}
	if n := w.journal.network; n.EmptySweeps != 0 || !n.CreateCalled {
		t.Errorf("after a create call: %d empty sweeps, create called: %t", n.EmptySweeps, n.CreateCalled)
	}
}

func TestDeletionWithoutARecord(t *testing.T) {
	t.Parallel()
	for _, keep := range []string{"", stepVPC, stepNATGateway} {
		w := newWorld(t, 3, cloud.NATPerZone)
		before := w.inventory(t)
		w.provision()
		for k := range w.journal.network.Steps {
			if keep == "" || !strings.HasPrefix(k, keep) {
				delete(w.journal.network.Steps, k)
			}
		}
		w.spec.Zones = nil
		w.remove()
		w.empty(before)
	}
}

// Another cloud of the same account, and things that only look like ours.
func TestForeignResourcesStay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATPerZone)
	ctx, c := context.Background(), client(raw{w.account})
	tagged := func(kind types.ResourceType, name, id string) []types.TagSpecification {
		return []types.TagSpecification{{ResourceType: kind, Tags: []types.Tag{tag(TagName, name), tag(TagCloud, id)}}}
	}
	stem := cloud.Stem(testCloud)
	for _, x := range []struct{ name, id string }{{stem + "-vpc", "another-cloud"}, {stem + "-vpc", ""}, {"cce-other-vpc", "other"}} {
		vpc, err := c.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.77.0.0/16"), TagSpecifications: tagged(types.ResourceTypeVpc, x.name, x.id)})
		if err != nil {
			t.Fatal(err)
		}
		subnet, err := c.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.77.0.0/24"), TagSpecifications: tagged(types.ResourceTypeSubnet, stem+"-bastion-"+w.spec.Zones[0].ID, x.id)})
		if err != nil {
			t.Fatal(err)
		}
		address, err := c.AllocateAddress(ctx, &ec2.AllocateAddressInput{TagSpecifications: tagged(types.ResourceTypeElasticIp, stem+"-nat-"+w.spec.Zones[0].ID, x.id)})
		if err != nil {
			t.Fatal(err)
		}
		// moto's describe of NAT gateways ignores tag filters.
		if _, err := c.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet.Subnet.SubnetId, AllocationId: address.AllocationId, TagSpecifications: tagged(types.ResourceTypeNatgateway, stem+"-nat-"+w.spec.Zones[0].ID, x.id)}); err != nil {
			t.Fatal(err)
		}
	}
	before := w.inventory(t)
	w.provision()
	w.holds(before)
	w.remove()
	w.empty(before)
}

func TestTwoOfTheSameAreAmbiguous(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	c, name := client(raw{w.account}), cloud.Stem(testCloud)+"-vpc"
	for range 2 {
		_, err := c.CreateVpc(context.Background(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.4.0.0/20"), TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVpc, Tags: []types.Tag{tag(TagName, name), tag(TagCloud, testCloud)}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.until((*Engine).Ensure)
	if cloud.CodeOf(err) != cloud.Ambiguous || len(regexp.MustCompile(`vpc-\w+`).FindAllString(cloud.MessageOf(err), -1)) != 2 {
		t.Errorf("got %v", err)
	}
}

// natState answers describes of NAT gateways with another state.
type natState struct {
	EC2
	state func(*types.NatGateway)
}

func (n natState) DescribeNatGateways(ctx context.Context, in *ec2.DescribeNatGatewaysInput, o ...func(*ec2.Options)) (*ec2.DescribeNatGatewaysOutput, error) {
	out, err := n.EC2.DescribeNatGateways(ctx, in, o...)
	if err == nil {
		for i := range out.NatGateways {
			n.state(&out.NatGateways[i])
		}
	}
	return out, err
}

func (n natState) CreateNatGateway(ctx context.Context, in *ec2.CreateNatGatewayInput, o ...func(*ec2.Options)) (*ec2.CreateNatGatewayOutput, error) {
	out, err := n.EC2.CreateNatGateway(ctx, in, o...)
	if err == nil {
		out.NatGateway.State = types.NatGatewayStatePending
	}
	return out, err
}

func TestNATGatewayTakesItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 3, cloud.NATPerZone)
	before, start := w.inventory(t), w.clock
	w.client = natState{client(w.account), func(g *types.NatGateway) {
		if w.clock.Sub(start) < time.Minute {
			g.State = types.NatGatewayStatePending
		}
	}}
	w.provision()
	t.Logf("ready %s after the start, with %d calls", w.clock.Sub(start), w.counted(""))
	if took := w.clock.Sub(start); took > 69*time.Second {
		t.Errorf("took %s where AWS takes 60 s", took)
	}
	if n := w.counted(""); n > 60 {
		t.Errorf("%d calls", n)
	}
	w.holds(before)
}

func TestNATGatewayThatFailsTellsWhyAndIsRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.client = natState{client(w.account), func(g *types.NatGateway) {
		if g.State != types.NatGatewayStateDeleted {
			g.State = types.NatGatewayStateFailed
			g.FailureCode, g.FailureMessage = aws.String("InsufficientFreeAddressesInSubnet"), aws.String("Subnet has insufficient free addresses.")
		}
	}}
	_, err := w.until((*Engine).Ensure)
	if cloud.CodeOf(err) != cloud.ResourceFailed || !strings.Contains(cloud.MessageOf(err), "insufficient free addresses (InsufficientFreeAddressesInSubnet)") {
		t.Fatalf("got %v", err)
	}
	if g := w.journal.network.Step(key(stepNATGateway, w.spec.Zones[0].ID)); g.Generation != 1 || g.State != cloud.StepFailed {
		t.Errorf("on record: %+v", g)
	}
	w.client = client(w.account)
	w.provision()
	w.holds(before)
}

func TestTokensDifferWhereTheResourceDoes(t *testing.T) {
	w := &world{spec: Spec{CloudID: testCloud}}
	token := func(cloudID, name, zone string, generation int) string {
		s := inZone(Step{Name: name}, zone)
		e := New(nil, nil, Spec{CloudID: cloudID}, cloud.Network{Steps: map[string]cloud.Step{s.Key(): {Key: s.Key(), Generation: generation}}}, time.Now)
		return e.pass().token(s)
	}
	base := token(w.spec.CloudID, stepNATGateway, "a", 0)
	if len(base) != 64 || base != token(testCloud, stepNATGateway, "a", 0) {
		t.Errorf("token %q", base)
	}
	for _, other := range []string{token("x", stepNATGateway, "a", 0), token(testCloud, stepPrivateTable, "a", 0), token(testCloud, stepNATGateway, "b", 0), token(testCloud, stepNATGateway, "a", 1)} {
		if other == base {
			t.Error("two resources share a token")
		}
	}
}

func inZone(s Step, zone string) Step {
	s.Zone = zone
	return s
}
