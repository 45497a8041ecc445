package customeraccount

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

func deadline(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
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

// Everything that is missing is named at once, whichever way it was found out.
func TestValidateNamesAllThatIsDenied(t *testing.T) {
	f, a := newFake(t)
	f.policy = without(t, "ec2:CreateSubnet")
	f.fail["CreateVpc"], f.failures["CreateVpc"] = "UnauthorizedOperation", -1
	_, err := a.Validate(deadline(t), request(nil))
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
		_, err := a.Validate(ctx, request(nil))
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
		if c.Verdict != preflight.CouldNotCheck || cloud.CodeOf(preflight.Err([]Check{c})) != cloud.Unavailable {
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
	if _, err := a.Validate(deadline(t), r); cloud.CodeOf(err) != cloud.Internal || len(f.calls) != 0 {
		t.Errorf("%v after %v", err, f.calls)
	}
	if _, err := NewAssumer(a.config, "not an ARN"); err == nil || errors.Is(err, context.Canceled) {
		t.Error("an Assumer without a role")
	}
}
