package customeraccount

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"byoc/shared/cloud"
)

// Validate proves that a custom cloud may be created with the role, as far as
// AWS lets one before anything exists. RoleNotAssumable, ExternalIDNotEnforced,
// Denied (naming every missing action), Unavailable (ask again), Invalid,
// Internal. It creates nothing and keeps no credentials from before.
func (a *Assumer) Validate(ctx context.Context, r Request) error {
	checks, err := a.Preflight(ctx, r)
	if err != nil {
		return err
	}
	return errorOf(checks)
}

// Preflight makes every check that it can and answers them in a fixed order.
// An error means that not even the first one could be made: Unavailable,
// Invalid, Internal. After a failed one of role and external ID the rest is
// left out: their answers would mean nothing.
func (a *Assumer) Preflight(ctx context.Context, r Request) ([]Check, error) {
	session, client, err := a.enter(ctx, r)
	if cloud.CodeOf(err) == cloud.RoleNotAssumable {
		return []Check{failed(CheckRole, cloud.RoleNotAssumable, cloud.MessageOf(err), "")}, nil
	}
	if err != nil {
		return nil, err
	}
	role := Check{Name: CheckRole, Verdict: Passed, Evidence: "Role " + r.RoleARN + " can be assumed with this custom cloud's external ID."}
	demanded := a.externalIDDemanded(ctx, r, client)
	checks := []Check{role, demanded}
	if demanded.Verdict == Failed {
		return checks, nil
	}
	parts := []func(context.Context, Request, *Session) []Check{checkAccount, a.checkRole, checkDryRuns}
	answers := make([][]Check, len(parts))
	var group sync.WaitGroup
	for i, part := range parts {
		group.Go(func() { answers[i] = part(ctx, r, session) })
	}
	group.Wait()
	for _, answer := range answers {
		checks = append(checks, answer...)
	}
	return checks, nil
}

// errorOf is the first failure, except that everything Denied is told at once.
// Nothing is created on a role whose confused-deputy proof AWS did not answer.
func errorOf(checks []Check) error {
	var denied []string
	for _, c := range checks {
		if c.Verdict == CouldNotCheck && (c.Name == CheckExternalID || c.Name == CheckAccount) {
			return cloud.Errorf(cloud.Unavailable, "AWS did not answer whether the role can be trusted: %s", c.Evidence)
		}
		if c.Verdict != Failed {
			continue
		}
		if c.Code != cloud.Denied {
			return c.Err()
		}
		denied = append(denied, cloud.MessageOf(c.Err()))
	}
	if len(denied) > 0 {
		return cloud.Errorf(cloud.Denied, "%s", strings.Join(denied, " "))
	}
	return nil
}

// enter assumes the role anew, whatever credentials were kept: what is to be
// proven is what AWS says now.
func (a *Assumer) enter(ctx context.Context, r Request) (*Session, *sts.Client, error) {
	role, err := r.validate()
	if err != nil {
		return nil, nil, err
	}
	client, err := a.customerFacing(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	credentials, err := assume(ctx, client, hop{role: r.RoleARN, externalID: r.ExternalID, session: sessionName(r.Session)})
	if err != nil {
		return nil, nil, assumeError(err, r, a.accessRole)
	}
	return a.session(r, role, credentials), client, nil
}

// externalIDDemanded proves that the role cannot be assumed without the
// external ID, nor with another one. It means something only after the right
// one worked, and only AWS's refusal counts: an Unavailable proves nothing.
func (a *Assumer) externalIDDemanded(ctx context.Context, r Request, client *sts.Client) Check {
	probes := []struct{ externalID, how string }{
		{"", "without any external ID"},
		{wrongExternalID(), "with a made-up external ID"},
	}
	errs := make([]error, len(probes))
	var group sync.WaitGroup
	for i, probe := range probes {
		group.Go(func() {
			_, errs[i] = assume(ctx, client, hop{role: r.RoleARN, externalID: probe.externalID, session: sessionName(r.Session)})
		})
	}
	group.Wait()
	var open []string
	var unknown error
	for i, probe := range probes {
		switch {
		case errs[i] == nil:
			open = append(open, probe.how)
		case !refused(errs[i]):
			unknown = errs[i]
		}
	}
	if len(open) > 0 {
		return failed(CheckExternalID, cloud.ExternalIDNotEnforced,
			"Your role would accept anyone who makes us ask for it: "+r.RoleARN+" can be assumed "+strings.Join(open, " and ")+".",
			"Put the condition \"StringEquals\": {\"sts:ExternalId\": …} of this custom cloud's template back into the role's trust policy, by applying the template again, and try again.")
	}
	if unknown != nil {
		return unanswered(CheckExternalID, "AssumeRole without this custom cloud's external ID", unknown)
	}
	return Check{Name: CheckExternalID, Verdict: Passed, Evidence: "AWS refused to let us assume the role without any external ID and with a made-up one."}
}

// checkAccount compares the account behind the credentials with the ARN's.
func checkAccount(ctx context.Context, r Request, s *Session) []Check {
	out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	switch {
	case err != nil:
		return []Check{unanswered(CheckAccount, "GetCallerIdentity", err)}
	case aws.ToString(out.Account) != s.Account:
		return []Check{failed(CheckAccount, cloud.RoleNotAssumable,
			"The credentials of role "+r.RoleARN+" act in account "+aws.ToString(out.Account)+".",
			"Enter the role ARN that the template printed.")}
	}
	return []Check{{Name: CheckAccount, Verdict: Passed, Evidence: "The role's credentials act in account " + s.Account + "."}}
}

// unanswered is the check of a call that told neither yes nor no.
func unanswered(name, asked string, err error) Check {
	said := "no answer"
	if code := errorCode(err); code != "" {
		said = code
	}
	if errors.Is(err, context.DeadlineExceeded) {
		said = "no answer in time"
	}
	return Check{Name: name, Verdict: CouldNotCheck, Evidence: asked + ": " + said + "."}
}
