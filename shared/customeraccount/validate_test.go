package customeraccount

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/template/rolepolicy"
)

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// secretFree fails when a credential got into a text.
func secretFree(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{"SECRET-", "TOKEN-", "ASIA-KEY", "AKIAFUNCTION"} {
		if strings.Contains(text, secret) {
			t.Errorf("%s in %s", secret, text)
		}
	}
}

// without is the template's policy less one action.
func without(t *testing.T, action string) string {
	t.Helper()
	d, err := rolepolicy.For(cloud.Stem(cloudID), region)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range d.Statement {
		var kept rolepolicy.Strings
		for _, a := range s.Action {
			if a != action {
				kept = append(kept, a)
			}
		}
		d.Statement[i].Action = kept
	}
	return d.JSON()
}

// Each case differs from an account as the template makes it in one thing.
func TestPreflight(t *testing.T) {
	allTries := func(f *fakeAWS, action, code string) { f.fail[action], f.failures[action] = code, -1 }
	for name, test := range map[string]struct {
		change func(*fakeAWS)
		check  string
		want   Verdict
		code   cloud.Code
		says   string
	}{
		"as the template makes it": {func(f *fakeAWS) {}, CheckRole, Passed, "", ""},
		"no role":                  {func(f *fakeAWS) { f.trust = "" }, CheckRole, Failed, cloud.RoleNotAssumable, "the role does not exist"},
		"another principal": {func(f *fakeAWS) { f.trust = trustOf("arn:aws:iam::333333333333:role/other", demanding(externalID)) },
			CheckRole, Failed, cloud.RoleNotAssumable, "another principal than " + principal},
		"another external ID": {func(f *fakeAWS) { f.trust = trustOf(principal, demanding("other")) },
			CheckRole, Failed, cloud.RoleNotAssumable, "another external ID"},
		"no external ID": {func(f *fakeAWS) { f.trust = trustOf(principal, "") },
			CheckExternalID, Failed, cloud.ExternalIDNotEnforced, "without any external ID and with a made-up"},
		"a second external ID": {func(f *fakeAWS) {
			f.trust = trustOf(principal, `,"Condition":{"StringEquals":{"sts:ExternalId":["`+externalID+`","other"]}}`)
		}, CheckTrust, Failed, cloud.ExternalIDNotEnforced, "more than this custom cloud's external ID"},
		"a second principal": {func(f *fakeAWS) {
			f.trust = strings.Replace(f.trust, `{"AWS":"`+principal+`"}`, `{"AWS":["`+principal+`","arn:aws:iam::333333333333:root"]}`, 1)
		}, CheckTrust, Failed, cloud.ExternalIDNotEnforced, "333333333333"},
		"a construct we do not judge": {func(f *fakeAWS) { f.trust = strings.Replace(f.trust, `"Sid":"A"`, `"NotAction":"iam:x"`, 1) },
			CheckTrust, CouldNotCheck, "", ""},
		"another account": {func(f *fakeAWS) { f.account = "333333333333" }, CheckAccount, Failed, cloud.RoleNotAssumable, "333333333333"},
		"a boundary":      {func(f *fakeAWS) { f.boundary = "arn:aws:iam::222222222222:policy/b" }, CheckBoundary, CouldNotCheck, "", ""},
		"an action less": {func(f *fakeAWS) { f.policy = without(f.t, "ec2:CreateSubnet") },
			CheckPolicy, Failed, cloud.Denied, `lacks ec2:CreateSubnet`},
		"an action less, another policy": {func(f *fakeAWS) {
			f.policy, f.attached = without(f.t, "ec2:CreateSubnet"), "arn:aws:iam::222222222222:policy/more"
		}, CheckPolicy, CouldNotCheck, "", ""},
		"no policy":           {func(f *fakeAWS) { f.policy = "" }, CheckPolicy, Failed, cloud.Denied, rolepolicy.Name},
		"another policy":      {func(f *fakeAWS) { f.attached = "arn:aws:iam::222222222222:policy/more" }, CheckPolicy, Warning, "", ""},
		"cannot read itself":  {func(f *fakeAWS) { allTries(f, "GetRole", "AccessDenied") }, CheckTrust, CouldNotCheck, "", ""},
		"denied":              {func(f *fakeAWS) { allTries(f, "CreateVpc", "UnauthorizedOperation") }, "dry_run/ec2:CreateVpc", Failed, cloud.Denied, "ec2:CreateVpc"},
		"region not enabled":  {func(f *fakeAWS) { allTries(f, "AllocateAddress", "AuthFailure") }, "dry_run/ec2:AllocateAddress", Failed, cloud.Denied, "not enabled"},
		"a dry run throttled": {func(f *fakeAWS) { f.fail["CreateVpc"], f.failures["CreateVpc"] = "RequestLimitExceeded", 1 }, "dry_run/ec2:CreateVpc", Passed, "", ""},
		"denied by an SCP": {func(f *fakeAWS) {
			allTries(f, "CreateVpc", "UnauthorizedOperation")
			f.message = "User is not authorized to perform: ec2:CreateVpc with an explicit deny in a service control policy"
		}, "dry_run/ec2:CreateVpc", Failed, cloud.Denied, "service control policy"},
	} {
		t.Run(name, func(t *testing.T) {
			f, a := newFake(t)
			test.change(f)
			recorder := NewRecorder(ref, nil)
			checks, err := a.Preflight(deadline(t), request(recorder))
			if err != nil {
				t.Fatal(err)
			}
			found := false
			for _, c := range checks {
				if c.Name == test.check {
					found = true
					if c.Verdict != test.want || c.Code != test.code || !strings.Contains(c.Evidence+c.Cure, test.says) {
						t.Errorf("%+v", c)
					}
					continue
				}
				if c.Verdict == Failed || test.want == Passed && c.Verdict != Passed {
					t.Errorf("besides: %+v", c)
				}
			}
			if !found {
				t.Errorf("no %s in %+v", test.check, checks)
			}
			if err := errorOf(checks); cloud.CodeOf(err) != test.code {
				t.Errorf("error %v", err)
			}
			text, err := json.Marshal([]any{checks, recorder.Calls()})
			if err != nil {
				t.Fatal(err)
			}
			secretFree(t, string(text))
		})
	}
}

// Everything that is missing is named at once, whichever way it was found out.
func TestValidateNamesAllThatIsDenied(t *testing.T) {
	f, a := newFake(t)
	f.policy = without(t, "ec2:CreateSubnet")
	f.fail["CreateVpc"], f.failures["CreateVpc"] = "UnauthorizedOperation", -1
	err := a.Validate(deadline(t), request(nil))
	if cloud.CodeOf(err) != cloud.Denied || !strings.Contains(cloud.MessageOf(err), "ec2:CreateSubnet") || !strings.Contains(cloud.MessageOf(err), "ec2:CreateVpc") {
		t.Error(err)
	}
}

// What is no answer is no refusal: neither of the role, nor of the probes.
func TestWithoutAnAnswerNothingIsProven(t *testing.T) {
	t.Run("assuming", func(t *testing.T) {
		f, a := newFake(t)
		f.fail["AssumeRole"], f.failures["AssumeRole"] = "InternalFailure", -1
		ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
		defer cancel()
		err := a.Validate(ctx, request(nil))
		if cloud.CodeOf(err) != cloud.Unavailable {
			t.Error(err)
		}
		secretFree(t, err.Error())
	})
	t.Run("probes", func(t *testing.T) {
		f, a := newFake(t)
		ctx := deadline(t)
		r := request(nil)
		_, client, err := a.enter(ctx, r)
		if err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		f.fail["AssumeRole"], f.failures["AssumeRole"] = "RegionDisabledException", -1
		f.mu.Unlock()
		c := a.externalIDDemanded(ctx, r, client)
		if c.Verdict != CouldNotCheck || cloud.CodeOf(errorOf([]Check{c})) != cloud.Unavailable {
			t.Errorf("%+v", c)
		}
	})
}

// A trouble of our own role is never told to the customer as theirs.
func TestOurOwnRoleIsNotTheCustomersFault(t *testing.T) {
	f, a := newFake(t)
	f.fail["AssumeRole"], f.failures["AssumeRole"] = "AccessDenied", -1
	_, err := a.Open(deadline(t), request(nil))
	if cloud.CodeOf(err) != cloud.Internal {
		t.Error(err)
	}
}

func TestTheExternalIDIsRequired(t *testing.T) {
	f, a := newFake(t)
	r := request(nil)
	r.ExternalID = ""
	if err := a.Validate(deadline(t), r); cloud.CodeOf(err) != cloud.Internal || len(f.calls) != 0 {
		t.Errorf("%v after %v", err, f.calls)
	}
	if _, err := NewAssumer(a.config, "not an ARN"); err == nil || errors.Is(err, context.Canceled) {
		t.Error("an Assumer without a role")
	}
}
