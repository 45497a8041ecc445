// Package authorization makes the local AWS refuse what AWS would refuse.
//
// Required lists the authorizations that AWS makes for one call: which actions
// on which resources with which condition keys. The rules come from the
// Service Authorization Reference ("Actions, resources, and condition keys for
// …"), one file per service. An Enforcer evaluates them against the policies
// of the caller's role.
//
// An operation that is not listed is refused to role sessions, so that a gap
// in this package shows as an error and never as a permission.
package authorization
