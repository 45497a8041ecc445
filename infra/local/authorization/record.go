package authorization

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// Denial is one call that was denied, with the authorization that failed.
type Denial struct {
	// Call is service:Operation of the call, whose Authorization may be of
	// another action.
	Call   string
	Caller awscall.Principal
	Authorization
	Decision iampolicy.Decision
}

// Reason is the end of AWS's message, also where the answer withheld it.
func (d Denial) Reason() string { return d.Decision.Because(d.Action) }

// Use is an authorization that was granted.
type Use struct{ Action, Resource string }

// Unattributed is a call that a service made without a role.
type Unattributed struct{ Caller, Service, Operation string }

type record struct {
	denied []Denial
	// used is, by role ARN and then by what tells it from the others, every
	// authorization that was granted.
	used         map[string]map[string]Authorization
	unattributed []Unattributed
}

func (r *record) use(role string, list []Authorization) {
	if r.used[role] == nil {
		r.used[role] = map[string]Authorization{}
	}
	for _, authorization := range list {
		key := authorization.key()
		if _, known := r.used[role][key]; !known {
			r.used[role][key] = authorization
		}
	}
}

// key tells authorizations apart by all that policies judge but the time.
func (a Authorization) key() string {
	context := maps.Clone(a.Context)
	delete(context, "aws:CurrentTime")
	delete(context, "aws:EpochTime")
	return fmt.Sprint(a.Action, " ", a.Resource, " ", context)
}

// Granted lists every distinct authorization that a role was granted, sorted by
// action and resource.
func (e *Enforcer) Granted(role string) []Authorization {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := slices.Collect(maps.Values(e.record.used[role]))
	slices.SortFunc(list, func(a, b Authorization) int {
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
	})
	return list
}

// Denied lists the calls denied so far, oldest first.
func (e *Enforcer) Denied() []Denial {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.record.denied)
}

// Used lists, by role ARN, every distinct authorization of calls that were
// allowed as a whole, sorted. Root calls are under the empty ARN, where a
// service control policy made them be judged.
func (e *Enforcer) Used() map[string][]Use {
	e.mu.Lock()
	defer e.mu.Unlock()
	used := map[string][]Use{}
	for role, uses := range e.record.used {
		for _, a := range uses {
			used[role] = append(used[role], Use{a.Action, a.Resource})
		}
		slices.SortFunc(used[role], func(a, b Use) int {
			return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Resource, b.Resource))
		})
		used[role] = slices.Compact(used[role])
	}
	return used
}

// Unattributed lists the calls that services made without a role.
func (e *Enforcer) Unattributed() []Unattributed {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.record.unattributed)
}

// Reset forgets what Denied, Used and Unattributed list.
func (e *Enforcer) Reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.record = record{used: map[string]map[string]Authorization{}}
}

func callName(call *awscall.Call) string { return call.Service + ":" + operationOf(call) }
