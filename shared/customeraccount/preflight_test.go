package customeraccount

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

// edited is the template's policy after a change to its text.
func edited(t *testing.T, old, replacement string) string {
	t.Helper()
	d, err := rolepolicy.For(cloud.Stem(cloudID), region)
	if err != nil || !strings.Contains(d.JSON(), old) {
		t.Fatalf("%v: no %s in %s", err, old, d.JSON())
	}
	return strings.Replace(d.JSON(), old, replacement, 1)
}

func vpcs(n int) (list [][2]string) {
	for i := range n {
		list = append(list, [2]string{fmt.Sprintf("vpc-%d", i), fmt.Sprintf("172.%d.0.0/16", 16+i)})
	}
	return list
}

// Each case differs from an account as the template makes it in one thing that
// the customer changed.
func TestPreflight(t *testing.T) {
	const silent = "User: arn:aws:sts::222222222222:assumed-role/x/y is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:eu-west-1:222222222222:vpc/* "
	deny := func(action, because string) func(*fakeAWS) {
		return func(f *fakeAWS) {
			f.fail[action], f.failures[action] = "UnauthorizedOperation", -1
			f.message = silent + because + " Encoded authorization failure message: QUJDREVG"
		}
	}
	cases := map[string]struct {
		change func(*fakeAWS)
		check  string
		want   preflight.Verdict
		code   cloud.Code
		says   string
		cure   string
	}{
		"no role": {func(f *fakeAWS) { f.trust = "" },
			preflight.Role, preflight.Failed, cloud.RoleNotAssumable, "the role does not exist (apply the template", "enter the role ARN"},
		"another principal": {func(f *fakeAWS) { f.trust = trustOf("arn:aws:iam::333333333333:role/other", demanding(externalID)) },
			preflight.Role, preflight.Failed, cloud.RoleNotAssumable, "another principal than " + principal, "enter the role ARN"},
		"another external ID": {func(f *fakeAWS) { f.trust = trustOf(principal, demanding("other")) },
			preflight.Role, preflight.Failed, cloud.RoleNotAssumable, "another external ID", "enter the role ARN"},
		"no external ID": {func(f *fakeAWS) { f.trust = trustOf(principal, "") },
			preflight.ExternalID, preflight.Failed, cloud.ExternalIDNotEnforced, "without any external ID and with a made-up", `"StringEquals": {"sts:ExternalId"`},
		"a second external ID": {func(f *fakeAWS) {
			f.trust = trustOf(principal, `,"Condition":{"StringEquals":{"sts:ExternalId":["`+externalID+`","other"]}}`)
		}, preflight.Trust, preflight.Failed, cloud.ExternalIDNotEnforced, "more than this custom cloud's external ID", `"Principal":{"AWS":"` + principal + `"}`},
		"a second principal": {func(f *fakeAWS) {
			f.trust = strings.Replace(f.trust, `{"AWS":"`+principal+`"}`, `{"AWS":["`+principal+`","arn:aws:iam::333333333333:root"]}`, 1)
		}, preflight.Trust, preflight.Failed, cloud.ExternalIDNotEnforced, "333333333333", `"Principal":{"AWS":"` + principal + `"}`},
		"a construct we do not judge": {func(f *fakeAWS) { f.trust = strings.Replace(f.trust, `"Sid":"A"`, `"NotAction":"iam:x"`, 1) },
			preflight.Trust, preflight.CouldNotCheck, "", "do not judge", `"Principal":{"AWS":"` + principal + `"}`},
		"another account": {func(f *fakeAWS) { f.account = "333333333333" },
			preflight.Account, preflight.Failed, cloud.RoleNotAssumable, "333333333333", "Enter the role ARN"},
		"a boundary": {func(f *fakeAWS) { f.boundary = "arn:aws:iam::222222222222:policy/b" },
			preflight.Boundary, preflight.CouldNotCheck, "", "policy/b", "allows what the template's policy allows"},
		"an action less": {func(f *fakeAWS) { f.policy = without(f.t, "ec2:CreateSubnet") },
			preflight.Policy, preflight.Failed, cloud.Denied, "lacks ec2:CreateSubnet", `"Action":"ec2:CreateSubnet"`},
		"an action less, another policy": {func(f *fakeAWS) {
			f.policy, f.attached = without(f.t, "ec2:CreateSubnet"), "arn:aws:iam::222222222222:policy/more"
		}, preflight.Policy, preflight.CouldNotCheck, "", "other policies of the role may allow it", `"Action":"ec2:CreateSubnet"`},
		"no policy": {func(f *fakeAWS) { f.policy = "" },
			preflight.Policy, preflight.Failed, cloud.Denied, rolepolicy.Name, applyAgain},
		"another policy": {func(f *fakeAWS) { f.attached = "arn:aws:iam::222222222222:policy/more" },
			preflight.Policy, preflight.Warning, "", "policy/more", "Take them off"},
		"a Deny": {func(f *fakeAWS) {
			f.policy = edited(f.t, `"Statement":[`, `"Statement":[{"Sid":"Mine","Effect":"Deny","Action":"ec2:CreateVpc","Resource":"*"},`)
		}, preflight.Policy, preflight.Failed, cloud.Denied, "denies ec2:CreateVpc (Mine)", "Take these statements out"},
		"a Deny, and an action less": {func(f *fakeAWS) {
			f.policy = strings.Replace(without(f.t, "ec2:DeleteVpc"), `"Statement":[`, `"Statement":[{"Effect":"Deny","Action":"ec2:CreateSubnet","Resource":"*"},`, 1)
		}, preflight.Policy, preflight.Failed, cloud.Denied, "denies ec2:CreateSubnet (a statement without Sid), and lacks ec2:DeleteVpc", `"Action":"ec2:DeleteVpc"`},
		"a Deny under a condition": {func(f *fakeAWS) {
			f.policy = edited(f.t, `"Statement":[`, `"Statement":[{"Sid":"Mine","Effect":"Deny","Action":"ec2:CreateVpc","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},`)
		}, preflight.Policy, preflight.Warning, "", "Mine", "Take these statements out"},
		"an older template": {func(f *fakeAWS) { f.policy = edited(f.t, "ReadThisRoleTemplateV1", "ReadThisRoleTemplateV0") },
			preflight.Template, preflight.Warning, "", "version 0", applyAgain},
		"an edited policy": {func(f *fakeAWS) {
			f.policy = edited(f.t, `"ec2:DescribeAddresses"`, `"ec2:DescribeAddresses","ec2:RunInstances"`)
		},
			preflight.Template, preflight.Warning, "", "ec2:RunInstances", "pply this custom cloud's template again"},
		"a policy without its version": {func(f *fakeAWS) { f.policy = edited(f.t, "ReadThisRoleTemplateV1", "Mine") },
			preflight.Template, preflight.Warning, "", "edited", applyAgain},
		"cannot read itself": {func(f *fakeAWS) { f.fail["GetRole"], f.failures["GetRole"] = "AccessDenied", -1 },
			preflight.Trust, preflight.CouldNotCheck, "", "cannot be told", `"Action":"iam:GetRole"`},
		"region not enabled": {func(f *fakeAWS) { f.disabled = true },
			preflight.Region, preflight.Failed, cloud.Denied, "not enabled", "aws account enable-region --region-name eu-west-1"},
		"one zone": {func(f *fakeAWS) { f.zones = []string{"availability-zone", "local-zone", "wavelength-zone"} },
			preflight.Zones, preflight.Failed, cloud.Invalid, "1 availability zones", "more availability zones"},
		"zones denied": {deny("DescribeAvailabilityZones", "with an explicit deny in a service control policy."),
			preflight.Zones, preflight.Failed, cloud.Denied, "service control policy", "ArnNotLike"},
		"an overlapping VPC": {func(f *fakeAWS) { f.vpcs = append(f.vpcs, [2]string{"vpc-theirs", "10.20.128.0/20"}) },
			preflight.Space, preflight.Warning, "", "vpc-theirs (10.20.128.0/20)", "choose another range"},
		"five VPCs": {func(f *fakeAWS) { f.vpcs = vpcs(5) },
			preflight.VPCs, preflight.Warning, "", "has 5 VPCs in eu-west-1 and the custom cloud needs 1 more; AWS's default limit is 5 (assumed", "L-F678F1CE --desired-value 6"},
		"four addresses": {func(f *fakeAWS) { f.addresses = []string{"a", "b", "c", "d"} },
			preflight.Addresses, preflight.Warning, "", "has 4 elastic IP addresses in eu-west-1 and the custom cloud needs 2 more", "L-0263D0A3 --desired-value 6"},
		"denied by the role": {deny("CreateVpc", "because no identity-based policy allows the ec2:CreateVpc action."),
			preflight.DryRunVPC, preflight.Failed, cloud.Denied, "no policy of the role allows it", `"Action":"ec2:CreateVpc"`},
		"denied by a boundary": {deny("CreateInternetGateway", "because no permissions boundary allows the ec2:CreateInternetGateway action."),
			preflight.DryRunGateway, preflight.Failed, cloud.Denied, "permissions boundary does not allow it", `"Action":"ec2:CreateInternetGateway"`},
		"denied by an SCP": {deny("AllocateAddress", "with an explicit deny in a service control policy."),
			preflight.DryRunAddress, preflight.Failed, cloud.Denied, "service control policy", "ArnNotLike"},
	}
	varied := map[string]bool{}
	for name, test := range cases {
		varied[test.check] = true
		t.Run(name, func(t *testing.T) {
			f, a := newFake(t)
			test.change(f)
			recorder := NewRecorder(ref, nil)
			checks, err := a.Preflight(deadline(t), request(recorder))
			if err != nil {
				t.Fatal(err)
			}
			inOrder(t, checks)
			for _, c := range checks {
				if c.Name == test.check {
					if c.Cure == "" || c.Verdict != test.want || c.Code != test.code || !strings.Contains(c.Message, test.says) || !strings.Contains(c.Cure, test.cure) {
						t.Errorf("%+v", c)
					}
				} else if c.Verdict == preflight.Failed && (test.check != preflight.ExternalID || c.Name != preflight.Trust) {
					// An external ID that is not demanded shows in the trust policy too.
					t.Errorf("besides: %+v", c)
				}
			}
			if err := preflight.Err(checks); cloud.CodeOf(err) != test.code {
				t.Errorf("error %v", err)
			}
			text, err := json.Marshal([]any{checks, recorder.Calls()})
			if err != nil {
				t.Fatal(err)
			}
			secretFree(t, string(text))
			if strings.Contains(string(text), "QUJDREVG") {
				t.Errorf("an encoded message: %s", text)
			}
		})
	}
	for _, name := range preflight.Names() {
		if !varied[name] {
			t.Errorf("nothing that a customer changed makes %s do anything but pass", name)
		}
	}
}

// The other half of each pair: the account as the template makes it, and what
// is of this cloud already is no obstacle to it.
func TestPreflightPasses(t *testing.T) {
	for name, change := range map[string]func(*fakeAWS){
		"as the template makes it": func(*fakeAWS) {},
		"room for exactly this":    func(f *fakeAWS) { f.vpcs, f.addresses = vpcs(4), []string{"a", "b", "c"} },
		"made already": func(f *fakeAWS) {
			f.vpcs = append(vpcs(4), [2]string{"own-vpc", "10.20.0.0/16"})
			f.addresses = []string{"a", "b", "c", "own-1", "own-2"}
		},
		"throttled once": func(f *fakeAWS) { f.fail["CreateVpc"], f.failures["CreateVpc"] = "RequestLimitExceeded", 1 },
	} {
		t.Run(name, func(t *testing.T) {
			f, a := newFake(t)
			change(f)
			checks, err := a.Preflight(deadline(t), request(nil))
			if err != nil {
				t.Fatal(err)
			}
			inOrder(t, checks)
			for _, c := range checks {
				if c.Verdict != preflight.Passed || c.Cure != "" || len(c.Evidence) == 0 {
					t.Errorf("%+v", c)
				}
				for _, e := range c.Evidence {
					if e.Asked == "" || e.Answered == "" || !strings.HasPrefix(e.RequestID, "req-") {
						t.Errorf("%s: evidence %+v", c.Name, e)
					}
				}
			}
		})
	}
}

func inOrder(t *testing.T, checks []Check) {
	t.Helper()
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, preflight.Names()) {
		t.Errorf("checks %v", names)
	}
}

// A single NAT gateway needs one address.
func TestRoomForASingleNATGateway(t *testing.T) {
	f, a := newFake(t)
	f.addresses = []string{"a", "b", "c", "d"}
	r := request(nil)
	r.NATGateways = cloud.NATSingle
	checks, err := a.Preflight(deadline(t), r)
	if i := slices.Index(preflight.Names(), preflight.Addresses); err != nil || checks[i].Verdict != preflight.Passed {
		t.Errorf("%v %+v", err, checks)
	}
}

// One after the other are only: becoming our own role, becoming the customer's,
// and everything else. With the second that AWS takes here for every call, an
// answer is there in three.
func TestPreflightTakesThreeCallsTime(t *testing.T) {
	f, a := newFake(t)
	a.config.HTTPClient = slow{f, time.Second}
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		checks, err := a.Preflight(t.Context(), request(nil))
		if took := time.Since(started); err != nil || took > 3*time.Second {
			t.Errorf("%v after %s", err, took)
		}
		if a := preflight.NewAnswer(checks); a.Counts[preflight.Passed] != len(preflight.Names()) {
			t.Errorf("%+v", a)
		}
	})
}

// slow answers without a network, so that the time of a call is all there is.
type slow struct {
	http.Handler
	latency time.Duration
}

func (s slow) Do(r *http.Request) (*http.Response, error) {
	time.Sleep(s.latency)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result(), nil
}

// What does not answer in time holds up nothing else and is never passed.
func TestPreflightEndsInTime(t *testing.T) {
	f, a := newFake(t)
	f.hang = map[string]bool{"DescribeVpcs": true, "GetRole": true}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	started := time.Now()
	checks, err := a.Preflight(ctx, request(nil))
	if err != nil || time.Since(started) > time.Minute {
		t.Fatalf("%v after %s", err, time.Since(started))
	}
	for _, c := range checks {
		want := preflight.Passed
		switch c.Name {
		case preflight.Trust, preflight.Boundary, preflight.Space, preflight.VPCs:
			want = preflight.CouldNotCheck
		}
		if c.Verdict != want {
			t.Errorf("%+v", c)
		}
	}
}
