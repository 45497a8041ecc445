package authorization

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/iampolicy"
)

// policyStore reads the policies of roles and keeps them for a short while:
// CloudFormation changes roles behind our back.
type policyStore struct {
	account func(account, region string) *emulated
	keep    time.Duration

	mu sync.Mutex
	// changes counts, per account, what invalidates the policies read before.
	changes map[string]int
	roles   map[string]*storedRole
	// managed holds AWS's own policies, which nobody can change.
	managed map[string]iampolicy.Policy
}

type storedRole struct {
	// mu lets one caller read while the others wait for the same answer.
	mu       sync.Mutex
	policies rolePolicies
	read     time.Time
	change   int
}

type rolePolicies struct {
	identity []iampolicy.Policy
	boundary *iampolicy.Policy
}

// invalidate forgets the policies of an account.
func (s *policyStore) invalidate(account string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes[account]++
}

// of reads the policies of a role. A role that no longer exists has none: its
// sessions live on, without any permission.
func (s *policyStore) of(ctx context.Context, account, roleARN string) (rolePolicies, error) {
	s.mu.Lock()
	role := s.roles[roleARN]
	if role == nil {
		role = &storedRole{}
		s.roles[roleARN] = role
	}
	s.mu.Unlock()

	role.mu.Lock()
	defer role.mu.Unlock()
	s.mu.Lock()
	change := s.changes[account]
	s.mu.Unlock()
	if !role.read.IsZero() && role.change == change && time.Since(role.read) < s.keep {
		return role.policies, nil
	}
	read := time.Now()
	policies, err := s.read(ctx, account, roleARN[strings.LastIndexByte(roleARN, '/')+1:])
	if err != nil {
		return rolePolicies{}, fmt.Errorf("read the policies of %s: %w", roleARN, err)
	}
	role.policies, role.read, role.change = policies, read, change
	return policies, nil
}

func (s *policyStore) read(ctx context.Context, account, name string) (rolePolicies, error) {
	var policies rolePolicies
	emulated := s.account(account, "us-east-1")
	role, err := emulated.Role(ctx, name)
	if err != nil || role.ARN == "" {
		return policies, err
	}
	inline, err := emulated.iam.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &name})
	if err != nil {
		return policies, err
	}
	for _, policy := range inline.PolicyNames {
		out, err := emulated.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &name, PolicyName: aws.String(policy)})
		if err != nil {
			return policies, err
		}
		parsed, err := decoded(policy, aws.ToString(out.PolicyDocument))
		if err != nil {
			return policies, err
		}
		policies.identity = append(policies.identity, parsed)
	}
	attached, err := emulated.iam.ListAttachedRolePolicies(ctx, &iam.ListAttachedRolePoliciesInput{RoleName: &name})
	if err != nil {
		return policies, err
	}
	for _, policy := range attached.AttachedPolicies {
		parsed, err := s.readManaged(ctx, emulated, aws.ToString(policy.PolicyArn))
		if err != nil {
			return policies, err
		}
		policies.identity = append(policies.identity, parsed)
	}
	if role.Boundary != "" {
		parsed, err := s.readManaged(ctx, emulated, role.Boundary)
		if err != nil {
			return policies, err
		}
		policies.boundary = &parsed
	}
	return policies, nil
}

func (s *policyStore) readManaged(ctx context.Context, emulated *emulated, arn string) (iampolicy.Policy, error) {
	ofAWS := strings.HasPrefix(arn, "arn:aws:iam::aws:")
	if ofAWS {
		s.mu.Lock()
		policy, found := s.managed[arn]
		s.mu.Unlock()
		if found {
			return policy, nil
		}
	}
	out, err := emulated.iam.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: &arn})
	if err != nil {
		if ofAWS && isMissing(err) {
			return iampolicy.Policy{}, fmt.Errorf("%w (moto has AWS's managed policies only with MOTO_IAM_LOAD_MANAGED_POLICIES=true)", err)
		}
		return iampolicy.Policy{}, err
	}
	version, err := emulated.iam.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{
		PolicyArn: &arn, VersionId: out.Policy.DefaultVersionId,
	})
	if err != nil {
		return iampolicy.Policy{}, err
	}
	policy, err := decoded(arn, aws.ToString(version.PolicyVersion.Document))
	if err == nil && ofAWS {
		s.mu.Lock()
		s.managed[arn] = policy
		s.mu.Unlock()
	}
	return policy, err
}

// decoded parses a document as IAM's answers carry it, in URL encoding.
func decoded(name, document string) (iampolicy.Policy, error) {
	text, err := url.QueryUnescape(document)
	if err != nil {
		return iampolicy.Policy{}, err
	}
	return iampolicy.Parse(name, text)
}
