package endtoend

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"byoc/infra/customer"
	"byoc/infra/local/inventory"
)

// schedule of the watch.
const schedule = "byoc-watch-00-sandbox"

// watched fires the watch as its schedule does until the cloud is in the state.
func (w *world) watched(c customer.Cloud, state string) customer.Cloud {
	w.Helper()
	for {
		if err := system.FireSchedule(schedule); err != nil {
			w.Fatal(err)
		}
		for range 10 {
			c = must[customer.Cloud](w)(w.api.Find(w.ctx, c.ID))
			if c.State == state {
				return c
			}
			select {
			case <-w.ctx.Done():
				w.Fatalf("the watch leaves it %s: %v", c.State, c.Errors)
			case <-time.After(300 * time.Millisecond):
			}
		}
	}
}

// repair asks for a repair and waits for its end.
func (w *world) repair(c customer.Cloud) customer.Cloud {
	w.Helper()
	answer := must[customer.Answer](w)(w.api.Call(w.ctx, http.MethodPost, w.api.Clouds(c.ID, "repair"), nil))
	if answer.Status != http.StatusOK {
		w.Fatalf("repair: %d %s", answer.Status, answer.Body)
	}
	return must[customer.Cloud](w)(w.api.Wait(w.ctx, c.ID, nil, "active", "disconnected"))
}

func TestARoleThatIsDeletedDisconnectsAndItsReturnHeals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.active(nil)
	if err := w.account.DeleteCloudFormation(w.ctx, c.UniqueName); err != nil {
		t.Fatal(err)
	}
	c = w.watched(c, "disconnected")
	if len(c.Reasons) != 1 || c.Reasons[0].Reason != "role_not_assumable" || c.Reasons[0].Since == "" {
		t.Errorf("reasons %+v", c.Reasons)
	}
	if len(c.Errors) == 0 || !strings.Contains(c.Errors[0].Message, "the role does not exist") {
		t.Errorf("errors %v", c.Errors)
	}
	w.wantMails(c, "disconnected")

	w.role(c, nil)
	c = w.watched(c, "active")
	w.wantMails(c, "connected again")
	if len(c.Reasons) != 0 || len(c.Errors) != 0 {
		t.Errorf("still %v, %v", c.Reasons, c.Errors)
	}
	w.delete(c)
	w.wantEmpty()
}

func TestANATGatewayRemovedByHandIsNamedAndRepaired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.active(map[string]any{"nat_gateways": "single"})
	before := w.inventory()
	client := ec2.NewFromConfig(w.account.Config())
	gateway := before.NATGateways[0].ID
	if _, err := client.DeleteNatGateway(w.ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: aws.String(gateway)}); err != nil {
		t.Fatal(err)
	}
	c = w.watched(c, "disconnected")
	named := false
	for _, r := range c.Reasons {
		named = named || r.Reason == "missing" && r.Resource == gateway
	}
	if !named {
		t.Errorf("reasons %+v do not name %s", c.Reasons, gateway)
	}
	w.wantEvents(c, "DriftFound")
	if c = w.repair(c); c.State != "active" {
		t.Fatalf("%s: %v", c.State, c.Errors)
	}
	w.wantEvents(c, "DriftFound", "DriftHealed")
	after := w.inventory()
	if got := inventory.Made(w.before, after); got != "1 VPC, 6 subnets, 1 internet gateways, 1 NAT gateways, 1 addresses, 2 security groups, 4 route tables" {
		t.Errorf("after the repair: %s", got)
	}
	if after.NATGateways[0].ID == gateway {
		t.Error("the NAT gateway that was removed is back")
	}
	w.wantMails(c, "connected again")
	w.delete(c)
	w.wantEmpty()
}

func TestASoundCloudStaysActiveUnderTheWatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.active(nil)
	// What the customer adds is theirs.
	group := ""
	for _, g := range w.inventory().SecurityGroups {
		if strings.Contains(g.Name, "workload") {
			group = g.ID
		}
	}
	if group == "" {
		t.Fatalf("no workload group among %+v", w.inventory().SecurityGroups)
	}
	client := ec2.NewFromConfig(w.account.Config())
	if _, err := client.AuthorizeSecurityGroupIngress(w.ctx, &ec2.AuthorizeSecurityGroupIngressInput{
		GroupId: &group, IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIp: aws.String("192.0.2.0/24"),
	}); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := system.FireSchedule(schedule); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Second)
		if c = must[customer.Cloud](w)(w.api.Find(w.ctx, c.ID)); c.State != "active" || c.Provisioning.Attempt != 1 {
			t.Fatalf("%s at attempt %d: %v", c.State, c.Provisioning.Attempt, c.Errors)
		}
	}
	if looks := w.looks(); looks < 2 {
		t.Errorf("%d looks at the account: the test shows nothing", looks)
	}
	w.delete(c)
	w.wantEmpty()
}

// looks counts the watch's describes of VPCs in the account.
func (w *world) looks() int {
	n := 0
	for _, c := range system.Calls() {
		if c.Operation == "DescribeVpcs" && strings.Contains(c.Principal, w.account.ID) && strings.Contains(c.Principal, "byoc-watch-") {
			n++
		}
	}
	return n
}
