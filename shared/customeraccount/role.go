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
	"byoc/shared/preflight"
	"byoc/shared/template/rolepolicy"
)

// roleAsRead is what the role tells of itself, each part with its own error.
type roleAsRead struct {
	role       *iamtypes.Role
	roleErr    error
	roleSeen   preflight.Evidence
	policy     string
	policyErr  error
	policySeen preflight.Evidence
	// further are other policies that the role has.
	further     []string
	furtherErr  error
	furtherSeen []preflight.Evidence
}

// readRole reads the role through the role itself, which the template allows.
// One page of each list is enough: IAM's default limits are below it.
func readRole(ctx context.Context, s *Session, name string) roleAsRead {
	var r roleAsRead
	var inlineErr, attachedErr error
	var inline, attached []string
	var inlineSeen, attachedSeen preflight.Evidence
	var group sync.WaitGroup
	group.Go(func() {
		out, err := s.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
		if r.roleErr = err; err == nil {
			r.role = out.Role
		}
		r.roleSeen = asked("iam:GetRole of "+name, out, err)
	})
	group.Go(func() { r.readPolicy(ctx, s, name) })
	group.Go(func() {
		out, err := s.IAM.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name})
		if inlineErr = err; err == nil {
			inline = slices.DeleteFunc(out.PolicyNames, func(n string) bool { return n == rolepolicy.Name })
		}
		inlineSeen = asked("iam:ListRolePolicies of "+name, out, err)
	})
	group.Go(func() {
		out, err := s.IAM.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
		if attachedErr = err; err == nil {
			for _, p := range out.AttachedPolicies {
				attached = append(attached, aws.ToString(p.PolicyArn))
			}
		}
		attachedSeen = asked("iam:ListAttachedRolePolicies of "+name, out, err)
	})
	group.Wait()
	r.further = append(inline, attached...)
	r.furtherSeen = []preflight.Evidence{inlineSeen, attachedSeen}
	if r.furtherErr = inlineErr; attachedErr != nil {
		r.furtherErr = attachedErr
	}
	return r
}

// readPolicy reads the one policy that the template gives the role.
func (r *roleAsRead) readPolicy(ctx context.Context, s *Session, name string) {
	out, err := s.IAM.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: aws.String(rolepolicy.Name)})
	if r.policyErr = err; err == nil {
		r.policy, r.policyErr = url.PathUnescape(aws.ToString(out.PolicyDocument))
	}
	r.policySeen = asked("iam:GetRolePolicy "+rolepolicy.Name+" of "+name, out, err)
}

// checkRole judges the role by what it tells of itself.
func (a *Assumer) checkRole(ctx context.Context, r Request, s *Session) []Check {
	role, err := cloud.ParseRoleARN(r.RoleARN)
	if err != nil {
		return nil
	}
	read := readRole(ctx, s, role.Name)
	return []Check{checkTrust(read, r, a.accessRole), checkBoundary(read, r), checkPolicy(read, r, a.versions), checkTemplate(read, r, a.versions)}
}

func checkTrust(read roleAsRead, r Request, principal string) Check {
	if read.roleErr != nil || read.role == nil {
		return r.unanswered(preflight.Trust, read.roleSeen, read.roleErr)
	}
	// A cure gets into mails, which carry no external ID.
	cure := applyAgain + " Or make this the one Allow of the role's trust policy, with the external_id of the variables file: " +
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"` + principal + `"},"Condition":{"StringEquals":{"sts:ExternalId":"EXTERNAL_ID"}}}`
	text, err := url.PathUnescape(aws.ToString(read.role.AssumeRolePolicyDocument))
	if err != nil {
		text = "a trust policy that cannot be read"
	}
	e := answer(read.roleSeen, "trust policy "+shortened(text))
	trust, err := parseTrust(aws.ToString(read.role.AssumeRolePolicyDocument))
	if err != nil {
		return unknown(preflight.Trust, "The role's trust policy holds something that the template does not write and that we do not judge.", cure, e)
	}
	if others := trust.others(principal); len(others) > 0 {
		return failed(preflight.Trust, cloud.ExternalIDNotEnforced,
			"The role trusts more than "+principal+": "+strings.Join(others, ", ")+".", cure, e)
	}
	if !trust.demands(r.ExternalID) {
		return failed(preflight.Trust, cloud.ExternalIDNotEnforced,
			"The role's trust policy accepts more than this custom cloud's external ID.", cure, e)
	}
	return passed(preflight.Trust, "The role trusts only "+principal+", with this custom cloud's external ID.", e)
}

func checkBoundary(read roleAsRead, r Request) Check {
	if read.roleErr != nil || read.role == nil {
		return r.unanswered(preflight.Boundary, read.roleSeen, read.roleErr)
	}
	if b := read.role.PermissionsBoundary; b != nil && aws.ToString(b.PermissionsBoundaryArn) != "" {
		return unknown(preflight.Boundary,
			"The role has the permissions boundary "+aws.ToString(b.PermissionsBoundaryArn)+", which the role cannot read.",
			"Make sure that it allows what the template's policy allows, or apply the template without a boundary.",
			answer(read.roleSeen, "permissions boundary "+aws.ToString(b.PermissionsBoundaryArn)))
	}
	return passed(preflight.Boundary, "The role has no permissions boundary.", answer(read.roleSeen, "no permissions boundary"))
}

const applyAgain = "Apply this custom cloud's template again."

// checkPolicy says whether the role may do what the steps of the network need,
// as far as its own policy tells.
func checkPolicy(read roleAsRead, r Request, versions rolepolicy.Versions) Check {
	evidence := append([]preflight.Evidence{read.policySeen}, read.furtherSeen...)
	if code := errorCode(read.policyErr); code == "NoSuchEntity" {
		return failed(preflight.Policy, cloud.Denied, "The role has no inline policy "+rolepolicy.Name+".", applyAgain, evidence...)
	}
	if read.policyErr != nil {
		return r.unanswered(preflight.Policy, read.policySeen, read.policyErr)
	}
	want, ok := versions.Of(versions.Newest(), cloud.Stem(r.Ref.CloudID), r.Region)
	if !ok {
		return unknown(preflight.Policy, "There is no template to hold the role's policy against.", "", evidence...)
	}
	applied, err := rolepolicy.Parse(read.policy)
	if err != nil {
		return unknown(preflight.Policy, "The role's policy holds something that the template does not write and that we do not judge.", applyAgain, evidence...)
	}
	d := rolepolicy.Compare(applied, want)
	lacks := "The role's policy " + rolepolicy.Name + " lacks " + strings.Join(d.MissingActions(), ", ")
	switch {
	case len(d.Denied) > 0:
		// No other policy can allow what one denies.
		message := "The role's policy " + rolepolicy.Name + " denies " + strings.Join(d.Denied, ", ") + " (" + strings.Join(d.Denies, ", ") + ")"
		cure := "Take these statements out of it. " + applyAgain
		if len(d.Missing) > 0 {
			message += ", and lacks " + strings.Join(d.MissingActions(), ", ")
			cure = "Take these statements out of it. " + statements(d.Missing)
		}
		return failed(preflight.Policy, cloud.Denied, message+".", cure, evidence...)
	case len(d.Missing) > 0 && (len(read.further) > 0 || read.furtherErr != nil):
		return unknown(preflight.Policy, lacks+"; other policies of the role may allow it.", statements(d.Missing), evidence...)
	case len(d.Missing) > 0:
		return failed(preflight.Policy, cloud.Denied, lacks+".", statements(d.Missing), evidence...)
	case len(d.Denies) > 0:
		return warning(preflight.Policy, "The role's policy denies, under some condition, what the network needs: "+strings.Join(d.Denies, ", ")+".",
			"Take these statements out of it. "+applyAgain, evidence...)
	case len(read.further) > 0:
		return warning(preflight.Policy, "The role has policies besides the template's, which may deny what the network needs: "+strings.Join(read.further, ", ")+".",
			"Take them off the role, unless they are meant to be there.", evidence...)
	case read.furtherErr != nil:
		return r.unanswered(preflight.Policy, firstUnanswered(read.furtherSeen), read.furtherErr)
	}
	return passed(preflight.Policy, "The role's own policy allows all that the network needs.", evidence...)
}

func firstUnanswered(list []preflight.Evidence) preflight.Evidence {
	for _, e := range list {
		if e.Answered != "OK" {
			return e
		}
	}
	return preflight.Evidence{}
}

// statements to add, as text for the customer.
func statements(missing []rolepolicy.Statement) string {
	b, err := json.Marshal(missing)
	if err != nil {
		return applyAgain
	}
	return applyAgain + " Or add to the role's policy " + rolepolicy.Name + ": " + string(b)
}
