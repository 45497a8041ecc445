package network

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// What is denied beside the call that failed is told with it, as far as its
// resources exist; what is allowed and what cannot be asked yet is not.
func TestAllThatIsDeniedIsToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	deny := func(actions ...string) func(string, url.Values) *http.Response {
		return func(called string, form url.Values) *http.Response {
			if slices.Contains(actions, called) {
				return refuse(called, "UnauthorizedOperation", "no. Encoded authorization failure message: blob")(called, form)
			}
			if form.Get("DryRun") == "true" {
				return refuse(called, "DryRunOperation", "Request would have succeeded.")(called, form)
			}
			return nil
		}
	}
	w.answer = deny("CreateNatGateway", "DeleteVpc", "ReplaceRoute", "DeleteNatGateway")
	if _, err := w.until((*Engine).Ensure); cloud.CodeOf(err) != cloud.Denied {
		t.Fatal(err)
	}
	calls := w.counted("")
	var told []string
	for _, err := range w.engine().Denials(context.Background()) {
		m := cloud.MessageOf(err)
		if cloud.CodeOf(err) != cloud.Denied || strings.Contains(m, "blob") {
			t.Error(err)
		}
		for _, word := range strings.Fields(m) {
			if strings.HasPrefix(word, "ec2:") {
				told = append(told, strings.Trim(word, ":."))
				break
			}
		}
	}
	// No NAT gateway exists that could be deleted.
	if want := []string{"ec2:CreateNatGateway", "ec2:ReplaceRoute", "ec2:DeleteVpc"}; !slices.Equal(told, want) {
		t.Errorf("told %v, want %v", told, want)
	}
	if made := w.counted("") - calls; made < 15 {
		t.Errorf("%d dry runs", made)
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

// Of a deletion that is stuck, what was not tried yet is told with what was, and
// what creates is not asked for.
func TestAllRemovalsThatAreDeniedAreToldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 2, cloud.NATSingle)
	before := w.inventory(t)
	w.provision()
	w.answer = func(called string, form url.Values) *http.Response {
		switch called {
		case "DeleteNatGateway", "DeleteVpc", "DetachInternetGateway", "CreateSubnet":
			return refuse(called, "UnauthorizedOperation", "no. Encoded authorization failure message: blob")(called, form)
		}
		if form.Get("DryRun") == "true" {
			return refuse(called, "DryRunOperation", "Request would have succeeded.")(called, form)
		}
		return nil
	}
	engine := w.engine()
	out, err := engine.Delete(context.Background())
	if err != nil || out.Done || len(out.Pending) > 0 || len(out.Leftovers) == 0 {
		t.Fatalf("got %+v, %v", out, err)
	}
	first := out.Leftovers[0]
	told := cloud.MessageOf(engine.WithDeniedRemovals(context.Background(), cloud.Errorf(cloud.Denied, "%s is left: %s", first.ID, first.Reason)))
	for _, action := range []string{"ec2:DeleteNatGateway", "ec2:DeleteVpc", "ec2:DetachInternetGateway"} {
		if strings.Count(told, "action "+action) != 1 {
			t.Errorf("not once %s: %s", action, told)
		}
	}
	if strings.Contains(told, "CreateSubnet") || strings.Contains(told, "DeleteSubnet") {
		t.Error(told)
	}
	w.answer = nil
	w.remove()
	w.empty(before)
}

// Every action of the table that changes something is dry-run, or cannot be.
func TestEveryActionIsProbed(t *testing.T) {
	without := []string{"ec2:ModifyVpcAttribute", "ec2:ModifySubnetAttribute", "ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"}
	e := New(nil, nil, Spec{CloudID: testCloud, Zones: []cloud.Zone{{ID: "a"}}}, cloud.Network{}, nil)
	var probed []string
	for _, p := range e.pass().probes() {
		probed = append(probed, p.action)
	}
	for _, a := range Actions() {
		changes := !strings.HasPrefix(a.Name, "ec2:Describe")
		if changes && slices.Contains(probed, a.Name) == slices.Contains(without, a.Name) {
			t.Errorf("%s: probed %t", a.Name, slices.Contains(probed, a.Name))
		}
	}
	for _, p := range probed {
		if !slices.ContainsFunc(Actions(), func(a Action) bool { return a.Name == p }) {
			t.Errorf("no step takes %s", p)
		}
	}
}
