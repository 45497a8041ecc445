package customeraccount

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"

	"byoc/shared/cloud"
	"byoc/shared/template/rolepolicy"
)

// roleAsRead is what the role tells of itself, each part with its own error.
type roleAsRead struct {
	role      *iamtypes.Role
	roleErr   error
	policy    string
	policyErr error
	// further are other policies that the role has.
	further    []string
	furtherErr error
}

// readRole reads the role through the role itself, which the template allows.
// One page of each list is enough: IAM's default limits are below it.
func readRole(ctx context.Context, s *Session, name string) roleAsRead {
	var r roleAsRead
	var inlineErr, attachedErr error
	var inline, attached []string
	var group sync.WaitGroup
	group.Go(func() {
		out, err := s.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if r.roleErr = err; err == nil {
			r.role = out.Role
		}
	})
	group.Go(func() {
		out, err := s.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: aws.String(rolepolicy.Name)})
		if r.policyErr = err; err == nil {
			r.policy, r.policyErr = url.PathUnescape(aws.ToString(out.PolicyDocument))
		}
	})
	group.Go(func() {
		out, err := s.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name})
		if inlineErr = err; err == nil {
			inline = slices.DeleteFunc(out.PolicyNames, func(n string) bool { return n == rolepolicy.Name })
		}
	})
	group.Go(func() {
		out, err := s.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
		if attachedErr = err; err == nil {
			for _, p := range out.AttachedPolicies {
				attached = append(attached, aws.ToString(p.PolicyArn))
			}
		}
	})
	group.Wait()
	r.further = append(inline, attached...)
	if r.furtherErr = inlineErr; attachedErr != nil {
		r.furtherErr = attachedErr
	}
	return r
}

// checkRole judges the role by what it tells of itself.
func (a *Assumer) checkRole(ctx context.Context, r Request, s *Session) []Check {
	role, err := cloud.ParseRoleARN(r.RoleARN)
	if err != nil {
		return nil
	}
	read := readRole(ctx, s, role.Name)
	return []Check{checkTrust(read, a.accessRole, r.ExternalID), checkBoundary(read), checkPolicy(read, r)}
}

func checkTrust(read roleAsRead, principal, externalID string) Check {
	if read.roleErr != nil || read.role == nil {
		return unanswered(CheckTrust, "iam:GetRole", read.roleErr)
	}
	const cure = "Apply this custom cloud's template again, or put its trust policy back."
	trust, err := parseTrust(aws.ToString(read.role.AssumeRolePolicyDocument))
	if err != nil {
		return Check{
			Name: CheckTrust, Verdict: CouldNotCheck, Cure: cure,
			Evidence: "The role's trust policy holds something that the template does not write and that we do not judge.",
		}
	}
	if others := trust.others(principal); len(others) > 0 {
		return failed(CheckTrust, cloud.ExternalIDNotEnforced,
			"The role trusts more than "+principal+": "+strings.Join(others, ", ")+".", cure)
	}
	if !trust.demands(externalID) {
		return failed(CheckTrust, cloud.ExternalIDNotEnforced,
			"The role's trust policy accepts more than this custom cloud's external ID.", cure)
	}
	return Check{Name: CheckTrust, Verdict: Passed, Evidence: "The role trusts only " + principal + ", with this custom cloud's external ID."}
}

func checkBoundary(read roleAsRead) Check {
	if read.roleErr != nil || read.role == nil {
		return unanswered(CheckBoundary, "iam:GetRole", read.roleErr)
	}
	if b := read.role.PermissionsBoundary; b != nil && aws.ToString(b.PermissionsBoundaryArn) != "" {
		return Check{
			Name: CheckBoundary, Verdict: CouldNotCheck,
			Evidence: "The role has the permissions boundary " + aws.ToString(b.PermissionsBoundaryArn) + ", which the role cannot read.",
			Cure:     "Make sure that it allows what the template's policy allows.",
		}
	}
	return Check{Name: CheckBoundary, Verdict: Passed, Evidence: "The role has no permissions boundary."}
}

func checkPolicy(read roleAsRead, r Request) Check {
	if code := errorCode(read.policyErr); code == "NoSuchEntity" {
		return failed(CheckPolicy, cloud.Denied, "The role has no inline policy "+rolepolicy.Name+".", applyAgain)
	}
	if read.policyErr != nil {
		return unanswered(CheckPolicy, "iam:GetRolePolicy", read.policyErr)
	}
	want, err := rolepolicy.For(cloud.Stem(r.Ref.CloudID), r.Region)
	if err != nil {
		return unanswered(CheckPolicy, "the template's policy", err)
	}
	applied, err := rolepolicy.Parse(read.policy)
	if err != nil {
		return Check{
			Name: CheckPolicy, Verdict: CouldNotCheck, Cure: applyAgain,
			Evidence: "The role's policy holds something that the template does not write and that we do not judge.",
		}
	}
	version := applied.TemplateVersion()
	if version == "" {
		version = "unknown"
	}
	applies := "The role's policy is of template version " + version
	d := rolepolicy.Compare(applied, want)
	switch {
	case len(d.Missing) > 0 && (len(read.further) > 0 || read.furtherErr != nil):
		return Check{
			Name: CheckPolicy, Verdict: CouldNotCheck, Cure: statements(d.Missing),
			Evidence: applies + " and lacks " + strings.Join(d.MissingActions(), ", ") + "; other policies of the role may allow it.",
		}
	case len(d.Missing) > 0:
		return failed(CheckPolicy, cloud.Denied, applies+" and lacks "+strings.Join(d.MissingActions(), ", ")+".", statements(d.Missing))
	case len(d.Denies) > 0:
		return Check{Name: CheckPolicy, Verdict: Warning, Evidence: applies + " and denies besides: " + strings.Join(d.Denies, ", ") + ".", Cure: applyAgain}
	case len(d.More) > 0 || len(read.further) > 0:
		return Check{Name: CheckPolicy, Verdict: Warning, Evidence: applies + " and was edited: the role may do more than we need.", Cure: applyAgain}
	case read.furtherErr != nil:
		return unanswered(CheckPolicy, "the list of the role's policies", read.furtherErr)
	}
	return Check{Name: CheckPolicy, Verdict: Passed, Evidence: applies + ", unedited."}
}

// statements to add, as text for the customer.
func statements(missing []rolepolicy.Statement) string {
	b, err := json.Marshal(missing)
	if err != nil {
		return applyAgain
	}
	return applyAgain + " Or add to the role's policy " + rolepolicy.Name + ": " + string(b)
}
