package look

import (
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/network"
)

func TestOnlyWhatAWSSaidForCertainIsADefect(t *testing.T) {
	for code, want := range map[cloud.Code]cloud.Reason{
		cloud.RoleNotAssumable: cloud.ReasonRoleNotAssumable, cloud.ExternalIDNotEnforced: cloud.ReasonExternalIDNotEnforced, cloud.Denied: cloud.ReasonDenied,
	} {
		l, err := definite(cloud.Errorf(code, "AWS denied ec2:DescribeVpcs: explicit deny."))
		if err != nil || len(l.Defects) != 1 || l.Defects[0].Reason != want || l.Defects[0].Message == "" {
			t.Errorf("%s: %+v, %v", code, l, err)
		}
		if subject := l.Defects[0].Subject; (subject == "ec2:DescribeVpcs") != (code == cloud.Denied) {
			t.Errorf("%s is about %q", code, subject)
		}
	}
	for _, code := range cloud.Codes() {
		switch code {
		case cloud.RoleNotAssumable, cloud.ExternalIDNotEnforced, cloud.Denied:
			continue
		}
		if l, err := definite(cloud.Errorf(code, "x")); err == nil || len(l.Defects) != 0 {
			t.Errorf("%s counts as %+v", code, l)
		}
	}
}

func TestFindingsAreNamed(t *testing.T) {
	c := cloud.Cloud{NATGateways: cloud.NATPerZone, Network: cloud.Network{Zones: []cloud.Zone{{ID: "euw1-az1"}}}}
	l := ofNetwork(c, []network.Finding{
		{Key: "vpc", Verdict: network.OK, ResourceID: "vpc-1"},
		{Key: "nat_gateway/euw1-az1", Verdict: network.Missing, ResourceID: "nat-1"},
		{Key: "bastion_security_group", Verdict: network.Missing, ResourceID: "sg-1"},
		{Key: "bastion_rules", Verdict: network.Missing, ResourceID: "sg-1"},
		{Key: "dns_support", Verdict: network.Altered, ResourceID: "vpc-1", Property: "DNS support", Want: "true", Got: "false"},
		{Key: "workload_rules", Verdict: network.Altered, ResourceID: "sg-2", Property: "inbound rule", Want: "a"},
		{Key: "workload_rules", Verdict: network.Altered, ResourceID: "sg-2", Property: "inbound rule", Got: "b"},
	})
	if l.Unsettled || len(l.Defects) != 5 {
		t.Fatalf("%+v", l)
	}
	for i, want := range []string{
		"NAT gateway in euw1-az1 (nat-1)", "(sg-1)", "(vpc-1): DNS support should be true and is false", "inbound rule should be a and is none", "inbound rule should be none and is b",
	} {
		if !strings.Contains(l.Defects[i].Message, want) {
			t.Errorf("%q does not say %q", l.Defects[i].Message, want)
		}
	}
	// Rules that no run has taken up yet are no drift; everything else is.
	c.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 1, ToPort: 1, CIDR: "10.9.0.0/24"}}
	findings := []network.Finding{
		{Key: "workload_rules", Verdict: network.Altered, ResourceID: "sg-2", Property: "inbound rule", Want: "a"},
		{Key: "bastion_rules", Verdict: network.Altered, ResourceID: "sg-1", Property: "inbound rule", Want: "b"},
	}
	if l := ofNetwork(c, findings); len(l.Defects) != 1 || l.Defects[0].Subject != "sg-1" {
		t.Errorf("with pending rules: %+v", l)
	}
	c.Network.IngressRules = c.IngressRules
	if l := ofNetwork(c, findings); len(l.Defects) != 2 {
		t.Errorf("of rules that were applied: %+v", l)
	}
	if l := ofNetwork(c, []network.Finding{{Key: "nat_gateway/euw1-az1", Verdict: network.Pending}}); !l.Unsettled || len(l.Defects) != 0 {
		t.Errorf("pending is %+v", l)
	}
}
