package iampolicy

import (
	"fmt"
	"strings"
)

// Request is what one authorization asks.
type Request struct {
	// Action is service:Operation, Resource the ARN acted on, or *.
	Action, Resource string
	// Context holds the condition keys of the request. Key names are compared
	// without regard to case, the tag key in aws:RequestTag/Name included. A
	// key without values counts as missing.
	Context map[string][]string
	// Knows tells whether the maker of the request would have put a key into
	// Context if AWS did. A statement that applies and tests another key is an
	// error, because "missing" would be a guess. Nil knows every key.
	Knows func(key string) bool
}

// Policies are the policies that decide about a caller's requests.
type Policies struct {
	// Identity are the caller's identity-based policies.
	Identity []Policy
	// Boundary is the permissions boundary; nil when there is none.
	Boundary *Policy
	// Session are the session policies; nil when there are none.
	Session []Policy
	// ServiceControl are the policies attached to the caller's account, and
	// nothing else: FullAWSAccess has to be among them to count. Nil when the
	// account belongs to no organization.
	ServiceControl []Policy
	// Unlimited is set for the root user: service control policies are all
	// that limits it.
	Unlimited bool
	// Granted is set when a resource-based policy of the same account has
	// granted the request to the role itself. An identity-based policy is not
	// needed then; explicit denials and the other limits still count.
	Granted bool
	// GrantedToSession is set when it has granted the request to this very
	// session. Then boundary and session policies need not allow it either
	// ("Permissions boundaries: Evaluating effective permissions").
	GrantedToSession bool
}

// Source is the type of policy that decided.
type Source string

// The types of policy, in the words of AWS's messages.
const (
	ServiceControl Source = "service control policy"
	Identity       Source = "identity-based policy"
	Boundary       Source = "permissions boundary"
	Session        Source = "session policy"
	Resource       Source = "resource-based policy"
)

// Decision is the outcome for one request.
type Decision struct {
	Allowed bool
	// Explicit tells that a Deny statement matched; otherwise a denial means
	// that no policy of type Source allows the action.
	Explicit bool
	Source   Source
	// Policy and Sid name the statement that denied or, when Allowed, the
	// identity-based statement that allowed. Empty for implicit denials.
	Policy, Sid string
}

// Because gives the reason of a denial as the last part of AWS's message
// ("Access denied error message examples"). Empty when Allowed.
func (d Decision) Because(action string) string {
	switch {
	case d.Allowed:
		return ""
	case d.Explicit:
		article := "a"
		if d.Source == Identity {
			article = "an"
		}
		return fmt.Sprintf("with an explicit deny in %s %s", article, d.Source)
	default:
		return fmt.Sprintf("because no %s allows the %s action", d.Source, action)
	}
}

// evaluation is one request with its context keys in lower case.
type evaluation struct {
	Request
	context map[string][]string
}

func (r Request) prepare() *evaluation {
	e := &evaluation{Request: r, context: make(map[string][]string, len(r.Context))}
	for key, values := range r.Context {
		lower := strings.ToLower(key)
		e.context[lower] = append(e.context[lower], values...)
	}
	return e
}

// Evaluate decides: an explicit deny in any policy wins; then every type of
// policy that is present has to allow. When several types deny, the first in
// AWS's order (service control, identity, boundary, session) is reported.
func Evaluate(policies Policies, request Request) (Decision, error) {
	e := request.prepare()
	layers := []struct {
		source   Source
		policies []Policy
		present  bool
		granted  bool
	}{
		{ServiceControl, policies.ServiceControl, policies.ServiceControl != nil, false},
		{Identity, policies.Identity, !policies.Unlimited, policies.Granted || policies.GrantedToSession},
		{Boundary, boundary(policies.Boundary), policies.Boundary != nil, policies.GrantedToSession},
		{Session, policies.Session, policies.Session != nil, policies.GrantedToSession},
	}
	allowed := Decision{Allowed: true}
	var implicit *Decision
	for _, layer := range layers {
		if !layer.present {
			continue
		}
		allow, deny, err := e.search(layer.policies)
		if err != nil {
			return Decision{}, err
		}
		if deny != nil {
			return Decision{Explicit: true, Source: layer.source, Policy: deny.policy, Sid: deny.sid}, nil
		}
		if allow == nil && !layer.granted && implicit == nil {
			implicit = &Decision{Source: layer.source}
		}
		if allow != nil && layer.source == Identity {
			allowed.Source, allowed.Policy, allowed.Sid = Identity, allow.policy, allow.sid
		}
	}
	if implicit != nil {
		return *implicit, nil
	}
	return allowed, nil
}

func boundary(policy *Policy) []Policy {
	if policy == nil {
		return nil
	}
	return []Policy{*policy}
}

// found names a statement that applies.
type found struct{ policy, sid string }

// search looks for the first statement that denies, and the first that allows.
func (r *evaluation) search(policies []Policy) (allow, deny *found, err error) {
	for _, policy := range policies {
		for _, statement := range policy.Statements {
			applies, err := r.applies(policy, statement)
			if err != nil {
				return nil, nil, fmt.Errorf("policy %s, statement %q: %w", policy.Name, statement.Sid, err)
			}
			switch {
			case applies && statement.Deny:
				return nil, &found{policy.Name, statement.Sid}, nil
			case applies && allow == nil:
				allow = &found{policy.Name, statement.Sid}
			}
		}
	}
	return allow, nil, nil
}

func (r *evaluation) applies(policy Policy, statement Statement) (bool, error) {
	if !r.actionApplies(statement) {
		return false, nil
	}
	applies, err := r.resourceApplies(policy, statement)
	if err != nil || !applies {
		return false, err
	}
	return r.conditionsHold(policy, statement)
}

func (r *evaluation) actionApplies(statement Statement) bool {
	patterns, wanted := statement.Actions, true
	if len(statement.NotActions) > 0 {
		patterns, wanted = statement.NotActions, false
	}
	for _, pattern := range patterns {
		if matchesAction(pattern, r.Action) {
			return wanted
		}
	}
	return !wanted
}

func (r *evaluation) resourceApplies(policy Policy, statement Statement) (bool, error) {
	patterns, wanted := statement.Resources, true
	if len(statement.NotResource) > 0 {
		patterns, wanted = statement.NotResource, false
	}
	for _, pattern := range patterns {
		pattern, err := r.expand(policy, pattern)
		if err != nil {
			return false, err
		}
		if matchesARN(pattern, r.Resource) {
			return wanted, nil
		}
	}
	return !wanted, nil
}

// conditionsHold reads every condition even after one has failed, so that an
// unknown key is an error whatever the others say.
func (r *evaluation) conditionsHold(policy Policy, statement Statement) (bool, error) {
	all := true
	for _, condition := range statement.conditions {
		key := strings.ToLower(condition.key)
		if _, present := r.context[key]; !present && r.Knows != nil && !r.Knows(key) {
			return false, fmt.Errorf("condition key %s is not modelled for %s", condition.key, r.Action)
		}
		wanted := make([]string, len(condition.values))
		for i, value := range condition.values {
			var err error
			if wanted[i], err = r.expand(policy, value); err != nil {
				return false, err
			}
		}
		holds, err := condition.holds(wanted, r.context[key])
		if err != nil {
			return false, err
		}
		all = all && holds
	}
	return all, nil
}

// Tests reports whether a statement about the action tests a condition key
// that contains the text, without regard to case.
func (p Policy) Tests(action, text string) bool {
	e := &evaluation{Request: Request{Action: action}}
	for _, statement := range p.Statements {
		for _, condition := range statement.conditions {
			if strings.Contains(strings.ToLower(condition.key), strings.ToLower(text)) && e.actionApplies(statement) {
				return true
			}
		}
	}
	return false
}
