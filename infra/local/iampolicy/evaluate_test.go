package iampolicy

import "testing"

func TestWhoDecides(t *testing.T) {
	allow := statement(`"Sid":"Yes","Effect":"Allow","Action":"a:*","Resource":"*"`)
	deny := statement(`"Sid":"No","Effect":"Deny","Action":"a:B","Resource":"*"`)
	other := statement(`"Effect":"Allow","Action":"z:*","Resource":"*"`)
	layer := func(documents ...string) []Policy {
		policies := []Policy{}
		for _, document := range documents {
			policies = append(policies, mustParse(t, "p", document))
		}
		return policies
	}
	limit := func(document string) *Policy { policy := mustParse(t, "b", document); return &policy }

	for _, c := range []struct {
		name     string
		policies Policies
		because  string
	}{
		{"nothing allows", Policies{}, "because no identity-based policy allows the a:B action"},
		{"another action is allowed", Policies{Identity: layer(other)}, "because no identity-based policy allows the a:B action"},
		{"allowed", Policies{Identity: layer(other, allow)}, ""},
		{"deny wins, whatever the order", Policies{Identity: layer(deny, allow)}, "with an explicit deny in an identity-based policy"},
		{"deny wins over a later allow", Policies{Identity: layer(allow, deny)}, "with an explicit deny in an identity-based policy"},
		{"the boundary allows too", Policies{Identity: layer(allow), Boundary: limit(allow)}, ""},
		{"the boundary does not allow", Policies{Identity: layer(allow), Boundary: limit(other)}, "because no permissions boundary allows the a:B action"},
		{"the boundary denies", Policies{Identity: layer(allow), Boundary: limit(deny)}, "with an explicit deny in a permissions boundary"},
		{"a boundary grants nothing", Policies{Boundary: limit(allow)}, "because no identity-based policy allows the a:B action"},
		{"the session policy does not allow", Policies{Identity: layer(allow), Session: layer(other)}, "because no session policy allows the a:B action"},
		{"a control policy denies", Policies{Identity: layer(allow), ServiceControl: layer(FullAWSAccess, deny)}, "with an explicit deny in a service control policy"},
		{"a control policy that only denies others", Policies{Identity: layer(allow), ServiceControl: layer(other)}, "because no service control policy allows the a:B action"},
		{"control policies that allow", Policies{Identity: layer(allow), ServiceControl: layer(FullAWSAccess)}, ""},
		{"an explicit deny is named before an implicit one", Policies{Identity: layer(deny), ServiceControl: layer(other)}, "with an explicit deny in an identity-based policy"},
		{"root needs no policy", Policies{Unlimited: true}, ""},
		{"control policies limit root", Policies{Unlimited: true, ServiceControl: layer(FullAWSAccess, deny)}, "with an explicit deny in a service control policy"},
		{"granted by a resource-based policy", Policies{Granted: true}, ""},
		{"granted, but denied", Policies{Granted: true, Identity: layer(deny)}, "with an explicit deny in an identity-based policy"},
		{"granted to the session, beyond the boundary", Policies{GrantedToSession: true, Boundary: limit(other)}, ""},
		{"granted to the session, but denied by the boundary", Policies{GrantedToSession: true, Boundary: limit(deny)}, "with an explicit deny in a permissions boundary"},
		{"granted, but beyond the boundary", Policies{Granted: true, Boundary: limit(other)}, "because no permissions boundary allows the a:B action"},
	} {
		t.Run(c.name, func(t *testing.T) {
			decision, err := Evaluate(c.policies, Request{Action: "a:B", Resource: "*"})
			if err != nil {
				t.Fatal(err)
			}
			if got := decision.Because("a:B"); got != c.because || decision.Allowed != (c.because == "") {
				t.Errorf("%+v: %q, want %q", decision, got, c.because)
			}
			if decision.Explicit && decision.Sid != "No" {
				t.Errorf("the denying statement is %q", decision.Sid)
			}
		})
	}
}

func TestTrust(t *testing.T) {
	role := Caller{
		ARN:  "arn:aws:sts::111111111111:assumed-role/caller/session",
		Role: "arn:aws:iam::111111111111:role/caller", Account: "111111111111",
	}
	external := map[string][]string{"sts:ExternalId": {"id"}}
	for _, c := range []struct {
		name, members string
		caller        Caller
		context       map[string][]string
		want          Trust
	}{
		{"the role", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/caller"}`, role, nil, Trust{Allowed: true, Named: true}},
		{"the session", `"Effect":"Allow","Principal":{"AWS":["arn:aws:sts::111111111111:assumed-role/caller/session"]}`, role, nil, Trust{Allowed: true, Named: true, Session: true}},
		{"the account", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"}`, role, nil, Trust{Allowed: true}},
		{"the account's number", `"Effect":"Allow","Principal":{"AWS":"111111111111"}`, role, nil, Trust{Allowed: true}},
		{"another account", `"Effect":"Allow","Principal":{"AWS":"222222222222"}`, role, nil, Trust{}},
		{"another role", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/other"}`, role, nil, Trust{}},
		{"everyone", `"Effect":"Allow","Principal":"*"`, role, nil, Trust{Allowed: true, Named: true}},
		{"a wildcard in an ARN is none", `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:role/*"}`, role, nil, Trust{}},
		{"a service", `"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"}`, Caller{Service: "states.amazonaws.com"}, nil, Trust{Allowed: true, Named: true}},
		{"a service is no role", `"Effect":"Allow","Principal":{"Service":"states.amazonaws.com"}`, role, nil, Trust{}},
		{"the external ID", `"Effect":"Allow","Principal":{"AWS":"111111111111"},"Condition":{"StringEquals":{"sts:ExternalId":"id"}}`, role, external, Trust{Allowed: true}},
		{"no external ID", `"Effect":"Allow","Principal":{"AWS":"111111111111"},"Condition":{"StringEquals":{"sts:ExternalId":"id"}}`, role, nil, Trust{}},
		{"denied", `"Effect":"Deny","Principal":"*"`, role, nil, Trust{Denied: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			policy, err := ParseTrust("trust", statement(c.members+`,"Action":"sts:AssumeRole"`))
			if err != nil {
				t.Fatal(err)
			}
			got, err := EvaluateTrust(policy, c.caller, Request{Action: "sts:AssumeRole", Context: c.context})
			if err != nil || got != c.want {
				t.Errorf("%+v, %v; want %+v", got, err, c.want)
			}
		})
	}
	if _, err := ParseTrust("trust", statement(`"Effect":"Allow","NotPrincipal":{"AWS":"1"},"Action":"sts:AssumeRole"`)); err == nil {
		t.Error("NotPrincipal was read without complaint")
	}
}

func TestTests(t *testing.T) {
	policy := mustParse(t, "p", statement(`"Effect":"Deny","Action":"a:B*","Resource":"*","Condition":{"Null":{"ec2:ResourceTag/k":"true"}}`))
	for action, want := range map[string]bool{"a:Bc": true, "a:C": false} {
		if got := policy.Tests(action, "resourcetag/"); got != want {
			t.Errorf("%s tests tags: %v", action, got)
		}
	}
	if policy.Tests("a:Bc", "requesttag/") {
		t.Error("a key that no condition has is tested")
	}
}
