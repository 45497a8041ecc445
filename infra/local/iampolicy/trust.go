package iampolicy

import (
	"fmt"
	"strings"
)

// Trust is what a role's trust policy says about one caller.
type Trust struct {
	// Allowed and Denied tell whether a statement of either effect applies.
	Allowed, Denied bool
	// Named tells that an allowing statement names the caller's role or session
	// (or everyone) rather than the caller's account. Within one account that
	// grants by itself; naming the account leaves it to the identity-based
	// policies ("Cross-account resource access in IAM", "AWS JSON policy
	// elements: Principal").
	Named bool
	// Session tells that the session itself is named: not even a permissions
	// boundary limits such a grant.
	Session bool
	Sid     string
}

// Caller is who wants to assume a role.
type Caller struct {
	// ARN is the session's ARN or the root's, Role the role's ARN or empty,
	// Account its account.
	ARN, Role, Account string
	// Service is set instead when an AWS service asks.
	Service string
}

// EvaluateTrust decides what a trust policy says about a caller. The request's
// Resource is not looked at.
func EvaluateTrust(policy Policy, caller Caller, request Request) (Trust, error) {
	e := request.prepare()
	var trust Trust
	for _, statement := range policy.Statements {
		named, session, matches := principalMatches(statement.Principals, caller)
		if !matches || !e.actionApplies(statement) {
			continue
		}
		holds, err := e.conditionsHold(policy, statement)
		if err != nil {
			return Trust{}, fmt.Errorf("policy %s, statement %q: %w", policy.Name, statement.Sid, err)
		}
		switch {
		case !holds:
		case statement.Deny:
			trust.Denied = true
		default:
			if !trust.Allowed || named {
				trust.Sid = statement.Sid
			}
			trust.Allowed = true
			trust.Named = trust.Named || named
			trust.Session = trust.Session || session
		}
	}
	return trust, nil
}

func principalMatches(principals map[string][]string, caller Caller) (named, session, matches bool) {
	if caller.Service != "" {
		for _, service := range principals["Service"] {
			matches = matches || service == caller.Service
		}
		return matches, false, matches
	}
	for _, principal := range principals["AWS"] {
		switch {
		case principal == "*" || (caller.Role != "" && principal == caller.Role):
			named, matches = true, true
		case principal == caller.ARN && caller.Role != "":
			named, session, matches = true, true, true
		case principal == caller.Account,
			strings.HasPrefix(principal, "arn:") && strings.HasSuffix(principal, ":iam::"+caller.Account+":root"):
			matches = true
		}
	}
	return named, session, matches
}
