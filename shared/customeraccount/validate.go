package customeraccount

import (
	"context"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// Validate proves that a custom cloud may be created with the role, as far as
// AWS lets one before anything exists. RoleNotAssumable, ExternalIDNotEnforced,
// Denied (naming every missing action), Unavailable (ask again), Invalid,
// Internal. It creates nothing and uses no credentials from before. Whatever
// comes of it, it answers what the role told of its template, if it told.
func (a *Assumer) Validate(ctx context.Context, r Request) (*cloud.SeenTemplate, error) {
	checks, err := a.Preflight(ctx, r)
	if err != nil {
		return nil, err
	}
	return preflight.Seen(checks), preflight.Err(checks)
}

// enterRole is what mends every cause of a refused role that is the customer's
// to mend; the message lists the causes.
const enterRole = "Apply this custom cloud's template again, unedited, and enter the role ARN that it prints. A role made in the last two minutes is not known everywhere yet: ask again."

// Preflight makes every check that it can, as parallel as their meaning allows,
// and answers all of preflight.Names in order; what was not reached when ctx
// ended is could_not_check, and so is everything else where the role cannot be
// assumed. An error means that nothing could be asked: Unavailable, Invalid,
// Internal. Credentials from before are not used.
func (a *Assumer) Preflight(ctx context.Context, r Request) ([]Check, error) {
	session, client, err := a.enter(ctx, r)
	question := "sts:AssumeRole of " + r.RoleARN + " with this custom cloud's external ID"
	if cloud.CodeOf(err) == cloud.RoleNotAssumable {
		role := failed(preflight.Role, cloud.RoleNotAssumable, cloud.MessageOf(err), enterRole, asked(question, nil, err))
		return preflight.Unreached([]Check{role}, "The role cannot be assumed, so this cannot be told."), nil
	}
	if err != nil {
		return nil, err
	}
	checks := []Check{passed(preflight.Role, "Role "+r.RoleARN+" can be assumed with this custom cloud's external ID.", preflight.Evidence{
		Asked: question, Answered: "OK", RequestID: session.assumedBy,
	})}
	demanded := func(ctx context.Context, r Request, _ *Session) []Check {
		return []Check{a.externalIDDemanded(ctx, r, client)}
	}
	parts := []func(context.Context, Request, *Session) []Check{demanded, checkAccount, a.checkRole, checkRegion, checkDryRuns}
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
	credentials, requestID, err := assume(ctx, client, hop{role: r.RoleARN, externalID: r.ExternalID, session: sessionName(r.Session)})
	if err != nil {
		return nil, nil, assumeError(err, r, a.accessRole)
	}
	session := a.session(r, role, credentials)
	session.assumedBy = requestID
	return session, client, nil
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
			_, _, errs[i] = assume(ctx, client, hop{role: r.RoleARN, externalID: probe.externalID, session: sessionName(r.Session)})
		})
	}
	group.Wait()
	var open []string
	var evidence []preflight.Evidence
	unknown := -1
	for i, probe := range probes {
		evidence = append(evidence, asked("sts:AssumeRole of "+r.RoleARN+" "+probe.how, nil, errs[i]))
		switch {
		case errs[i] == nil:
			open = append(open, probe.how)
		case !refused(errs[i]):
			unknown = i
		}
	}
	if len(open) > 0 {
		return failed(preflight.ExternalID, cloud.ExternalIDNotEnforced,
			"Your role would accept anyone who makes us ask for it: "+r.RoleARN+" can be assumed "+strings.Join(open, " and ")+".",
			`Put this back into the Condition of the role's trust policy, with the external_id of the variables file, or apply the template again: "StringEquals": {"sts:ExternalId": "EXTERNAL_ID"}`, evidence...)
	}
	if unknown >= 0 {
		return r.unanswered(preflight.ExternalID, evidence[unknown], errs[unknown])
	}
	return passed(preflight.ExternalID, "AWS refused to let us assume the role without any external ID and with a made-up one.", evidence...)
}

// checkAccount compares the account behind the credentials with the ARN's.
func checkAccount(ctx context.Context, r Request, s *Session) []Check {
	out, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	e := asked("sts:GetCallerIdentity with the role's credentials", out, err)
	if err != nil {
		return []Check{r.unanswered(preflight.Account, e, err)}
	}
	e = answer(e, "account "+aws.ToString(out.Account))
	if aws.ToString(out.Account) != s.Account {
		return []Check{failed(preflight.Account, cloud.RoleNotAssumable,
			"The credentials of role "+r.RoleARN+" act in account "+aws.ToString(out.Account)+".",
			"Enter the role ARN that the template printed.", e)}
	}
	return []Check{passed(preflight.Account, "The role's credentials act in account "+s.Account+".", e)}
}
