package look

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/network"
)

// accounts let nobody look at the network, and note who was validated.
type accounts struct {
	Accounts
	valid     error
	validated []string
	looked    int
}

func (a *accounts) Validate(_ context.Context, r customeraccount.Request) (*cloud.SeenTemplate, error) {
	a.validated = append(a.validated, r.Session)
	return &cloud.SeenTemplate{Version: 1}, a.valid
}

func (a *accounts) Look(context.Context, customeraccount.Request) (*customeraccount.Session, error) {
	a.looked++
	return nil, cloud.Errorf(cloud.Unavailable, "Throttled.")
}

// The run that reconnects a cloud validates its role as a whole: a look that did
// not would find nothing wrong, and the cloud would go to and fro.
func TestADisconnectedCloudIsValidatedBeforeItReconnects(t *testing.T) {
	for _, x := range []struct {
		state             cloud.State
		valid             error
		validated, looked int
		defects           int
	}{
		{cloud.Active, nil, 0, 1, 0},
		{cloud.Disconnected, nil, 1, 1, 0},
		{cloud.Disconnected, cloud.Errorf(cloud.Denied, "We need ec2:CreateVpc."), 1, 0, 1},
		{cloud.Disconnected, cloud.Errorf(cloud.Unavailable, "Throttled."), 1, 0, 0},
	} {
		a := &accounts{valid: x.valid}
		l := &Looker{Accounts: a, Log: slog.New(slog.DiscardHandler)}
		look, err := l.Look(t.Context(), cloud.Cloud{State: x.state, CIDR: "10.0.0.0/16"}, "watch")
		if len(a.validated) != x.validated || a.looked != x.looked || len(look.Defects) != x.defects || (err == nil) != (x.defects > 0) {
			t.Errorf("%s, %v: validated %v, %d looks, %+v, %v", x.state, x.valid, a.validated, a.looked, look, err)
		}
	}
}

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
