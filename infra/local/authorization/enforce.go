package authorization

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// Options change how an Enforcer answers. The zero value is AWS's behaviour.
type Options struct {
	// KeepPolicies is how long a role's policies are kept; zero means ten
	// seconds. Calls that change IAM through the Enforcer take effect at once.
	KeepPolicies time.Duration
	// EncodedMessages adds the encoded authorization failure message that EC2
	// ends its denials with.
	EncodedMessages bool
	// Logger hears of what the Enforcer cannot decide; nil means slog.Default.
	Logger *slog.Logger
}

// Enforcer authorizes calls as IAM does, against the roles, policies and tags
// that the emulator holds. It is safe for concurrent use.
type Enforcer struct {
	emulator awscall.Emulator
	options  Options
	accounts sync.Map // of *emulated, by account and region
	policies *policyStore

	mu       sync.Mutex
	control  map[string][]iampolicy.Policy
	sessions map[string][]iampolicy.Policy
	record   record
}

// New makes an Enforcer that looks up roles and tags in the emulator.
func New(emulator awscall.Emulator, options Options) *Enforcer {
	if options.KeepPolicies == 0 {
		options.KeepPolicies = 10 * time.Second
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	e := &Enforcer{
		emulator: emulator, options: options,
		control: map[string][]iampolicy.Policy{}, sessions: map[string][]iampolicy.Policy{},
		record: record{used: map[string]map[string]Authorization{}},
	}
	e.policies = &policyStore{
		account: e.account, keep: options.KeepPolicies, changes: map[string]int{},
		roles: map[string]*storedRole{}, managed: map[string]iampolicy.Policy{},
	}
	return e
}

// SetSCP attaches service control policies to an account: exactly these, so
// iampolicy.FullAWSAccess has to be among them unless they allow by
// themselves. No documents detach all, as if the account were in no
// organization. They limit the root of the account too.
func (e *Enforcer) SetSCP(account string, documents ...string) error {
	var policies []iampolicy.Policy
	for i, document := range documents {
		policy, err := iampolicy.Parse(fmt.Sprintf("scp-%d", i+1), document)
		if err != nil {
			return err
		}
		policies = append(policies, policy)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.control[account] = policies
	return nil
}

// Enforce is an awscall.Behaviour: it lets through what the caller's policies
// allow and answers everything else as AWS denies it. It belongs in front of
// whatever answers dry runs.
//
// The root of an account is limited by service control policies only. Services
// that act without a role pass and are counted in Unattributed.
func (e *Enforcer) Enforce(next awscall.Handler) awscall.Handler {
	return func(ctx context.Context, call *awscall.Call) *awscall.Response {
		if answer := e.authorize(ctx, call); answer != nil {
			return answer
		}
		if changesIAM(call) {
			// Twice: a policy read while the change is under way must not stay.
			e.policies.invalidate(call.Caller.Account)
			defer e.policies.invalidate(call.Caller.Account)
		}
		answer := next(ctx, call)
		return e.rememberSession(ctx, call, answer)
	}
}

func changesIAM(call *awscall.Call) bool {
	switch call.Service {
	case "iam":
		return !strings.HasPrefix(call.Operation, "Get") && !strings.HasPrefix(call.Operation, "List")
	case "cloudformation":
		return !strings.HasPrefix(call.Operation, "Describe")
	}
	return false
}

// authorize answers calls that must not pass.
func (e *Enforcer) authorize(ctx context.Context, call *awscall.Call) *awscall.Response {
	caller := call.Caller
	e.mu.Lock()
	control := e.control[caller.Account]
	session := e.sessions[caller.AccessKeyID]
	if caller.Service != "" && caller.RoleARN == "" {
		e.record.unattributed = append(e.record.unattributed, Unattributed{caller.Service, call.Service, operationOf(call)})
		e.mu.Unlock()
		return nil
	}
	e.mu.Unlock()
	if caller.RoleARN == "" && control == nil {
		return nil
	}

	account := e.account(caller.Account, call.Region)
	list, err := Required(ctx, call, account)
	if err != nil {
		return e.undecided(call, err)
	}
	if len(list) == 0 {
		return nil
	}
	policies := iampolicy.Policies{ServiceControl: control, Session: session, Unlimited: caller.RoleARN == ""}
	if caller.RoleARN != "" {
		own, err := e.policies.of(ctx, caller.Account, caller.RoleARN)
		if err != nil && ctx.Err() == nil {
			// A connection to the emulator that had just been closed.
			own, err = e.policies.of(ctx, caller.Account, caller.RoleARN)
		}
		if err != nil {
			return e.undecided(call, err)
		}
		policies.Identity, policies.Boundary = own.identity, own.boundary
	}
	if err := addTags(ctx, account, list, judged(policies)); err != nil {
		return e.undecided(call, err)
	}
	if err := addLeadingKeys(ctx, account, list, judged(policies)); err != nil {
		return e.undecided(call, err)
	}
	return e.evaluate(ctx, call, list, policies)
}

// evaluate asks for one authorization after the other.
func (e *Enforcer) evaluate(ctx context.Context, call *awscall.Call, list []Authorization, policies iampolicy.Policies) *awscall.Response {
	now := time.Now()
	for i := range list {
		authorization := &list[i]
		addGlobalKeys(authorization, call, now)
		asked := policies
		if authorization.Action == "sts:AssumeRole" {
			if err := e.addTrust(ctx, call, *authorization, &asked); err != nil {
				return e.undecided(call, err)
			}
		}
		decision, err := iampolicy.Evaluate(asked, iampolicy.Request{
			Action: authorization.Action, Resource: authorization.Resource,
			Context: authorization.Context, Knows: knows(authorization.Action),
		})
		if err != nil {
			return e.undecided(call, err)
		}
		if !decision.Allowed {
			e.mu.Lock()
			e.record.denied = append(e.record.denied, Denial{Call: callName(call), Caller: call.Caller, Authorization: *authorization, Decision: decision})
			e.mu.Unlock()
			return denied(call, *authorization, decision, e.options.EncodedMessages)
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.record.use(call.Caller.RoleARN, list)
	return nil
}

// undecided refuses what cannot be judged, and says so aloud: nothing is
// allowed because the local AWS does not understand it.
func (e *Enforcer) undecided(call *awscall.Call, err error) *awscall.Response {
	code := "LocalAWSCannotAuthorize"
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		code = "LocalAWSUnknownAuthorization"
	}
	if errors.Is(err, context.Canceled) {
		// Whoever called is gone and hears nothing; the call goes no further.
		return awscall.ErrorResponse(call, 503, "RequestCanceled", "the caller hung up")
	}
	e.options.Logger.Error("call refused by the local AWS", "code", code, "call", callName(call), "caller", call.Caller.ARN, "error", err)
	return awscall.ErrorResponse(call, 501, code, err.Error())
}

// account has the clients for one account and region.
func (e *Enforcer) account(account, region string) *emulated {
	key := account + "/" + region
	if known, ok := e.accounts.Load(key); ok {
		return known.(*emulated)
	}
	known, _ := e.accounts.LoadOrStore(key, newEmulated(e.emulator.Config(account, region)))
	return known.(*emulated)
}

// addTags reads the tags of the existing resources, all at once, and only
// where a policy about the action looks at any: it is the one look-up that
// every changing EC2 call would pay for.
//
// A resource that does not exist has no tags, so a policy that wants a tag
// denies calls on it before EC2 could say that it is missing.
func addTags(ctx context.Context, account *emulated, list []Authorization, against judged) error {
	var ids []string
	for _, authorization := range list {
		if authorization.TagsOf != "" && against.test(authorization.Action, "resourcetag/") {
			ids = append(ids, authorization.TagsOf)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	tags, err := account.tags(ctx, ids)
	if err != nil {
		return err
	}
	for _, authorization := range list {
		for key, value := range tags[authorization.TagsOf] {
			authorization.Context["ec2:ResourceTag/"+key] = []string{value}
			authorization.Context["aws:ResourceTag/"+key] = []string{value}
		}
	}
	return nil
}

// judged is all that a call is judged by.
type judged iampolicy.Policies

// test tells whether a policy about the action looks at the key.
func (j judged) test(action, key string) bool {
	tests := func(policy iampolicy.Policy) bool { return policy.Tests(action, key) }
	return slices.ContainsFunc(j.Identity, tests) || slices.ContainsFunc(j.Session, tests) ||
		slices.ContainsFunc(j.ServiceControl, tests) || j.Boundary != nil && tests(*j.Boundary)
}
