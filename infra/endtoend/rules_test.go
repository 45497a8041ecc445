package endtoend

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/customer"
)

// The run may have read the rules already when they change: whether it has or
// not, they are in the group in the end.
func TestIngressRulesThatChangeWhileCreatingAreApplied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.draft(map[string]any{"nat_gateways": "single"})
	must[customer.Cloud](w)(w.api.Provision(w.ctx, c.ID, w.role(c, nil)))
	must[customer.Cloud](w)(w.api.Wait(w.ctx, c.ID, nil, "creating", "active"))
	answer := must[customer.Answer](w)(w.api.Call(w.ctx, http.MethodPut, w.api.Clouds(c.ID), map[string]any{"ingress_rules": []map[string]any{
		{"protocol": "tcp", "from_port": 6543, "to_port": 6543, "cidr": "10.9.0.0/16", "description": "late"},
	}}))
	if answer.Status != http.StatusOK {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	for !w.lets(6543) {
		c = w.watched(c, "active")
	}
	c = w.watched(c, "active")
	w.delete(c)
	w.wantEmpty()
}

// lets says whether a workload group of the account lets a port in.
func (w *world) lets(port int32) bool {
	w.Helper()
	client := ec2.NewFromConfig(w.account.Config())
	out := must[*ec2.DescribeSecurityGroupsOutput](w)(client.DescribeSecurityGroups(w.ctx, &ec2.DescribeSecurityGroupsInput{}))
	for _, g := range out.SecurityGroups {
		for _, p := range g.IpPermissions {
			if strings.Contains(name(g), "workload") && aws.ToInt32(p.FromPort) == port {
				return true
			}
		}
	}
	return false
}

func name(g types.SecurityGroup) string {
	for _, t := range g.Tags {
		if aws.ToString(t.Key) == "Name" {
			return aws.ToString(t.Value)
		}
	}
	return ""
}
