package authorization

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// addTrust asks the trust policy of a role in the caller's own account whether
// it grants by itself. For a role of another account the caller's policies
// have to allow in any case. Whether the trust policy lets the caller in at
// all is not decided here.
func (e *Enforcer) addTrust(ctx context.Context, call *awscall.Call, assume Authorization, policies *iampolicy.Policies) error {
	parts := strings.SplitN(assume.Resource, ":", 6)
	if len(parts) != 6 || parts[4] != call.Caller.Account || call.Caller.RoleARN == "" {
		return nil
	}
	role, err := e.account(call.Caller.Account, call.Region).Role(ctx, assume.Resource[strings.LastIndexByte(assume.Resource, '/')+1:])
	if err != nil || role.ARN != assume.Resource {
		return err
	}
	policy, err := iampolicy.ParseTrust("trust policy of "+role.ARN, role.Trust)
	if err != nil {
		return err
	}
	trust, err := iampolicy.EvaluateTrust(policy, iampolicy.Caller{
		ARN: call.Caller.ARN, Role: call.Caller.RoleARN, Account: call.Caller.Account,
	}, iampolicy.Request{Action: assume.Action, Context: assume.Context, Knows: knows(assume.Action)})
	if err != nil || trust.Denied {
		return err
	}
	policies.Granted, policies.GrantedToSession = trust.Named, trust.Session
	return nil
}

var accessKey = regexp.MustCompile(`<AccessKeyId>\s*(\w+)\s*</AccessKeyId>`)

// rememberSession keeps the session policies that an AssumeRole call passed,
// under the access key that it was answered: they limit that session ("Session
// policies").
func (e *Enforcer) rememberSession(ctx context.Context, call *awscall.Call, answer *awscall.Response) *awscall.Response {
	if call.Service != "sts" || call.Operation != "AssumeRole" || answer == nil || answer.Status >= 300 {
		return answer
	}
	policies, err := e.sessionPolicies(ctx, call)
	if err != nil {
		return e.undecided(call, err)
	}
	if key := accessKey.FindSubmatch(answer.Body); key != nil && policies != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.sessions[string(key[1])] = policies
	}
	return answer
}

func (e *Enforcer) sessionPolicies(ctx context.Context, call *awscall.Call) ([]iampolicy.Policy, error) {
	var policies []iampolicy.Policy
	if document := call.Query.Get("Policy"); document != "" {
		policy, err := iampolicy.Parse("session policy", document)
		if err != nil {
			return nil, err
		}
		policies = append(policies, policy)
	}
	for i := 1; call.Query.Has(fmt.Sprintf("PolicyArns.member.%d.arn", i)); i++ {
		parts := strings.SplitN(call.Query.Get("RoleArn"), ":", 6)
		if len(parts) != 6 {
			return nil, fmt.Errorf("%q is not the ARN of a role", call.Query.Get("RoleArn"))
		}
		policy, err := e.policies.readManaged(ctx, e.account(parts[4], call.Region), call.Query.Get(fmt.Sprintf("PolicyArns.member.%d.arn", i)))
		if err != nil {
			return nil, err
		}
		policies = append(policies, policy)
	}
	return policies, nil
}
