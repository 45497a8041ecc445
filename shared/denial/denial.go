// Package denial reads out of AWS's words what denied a call, and says to the
// customer what to do about it.
package denial

import (
	"encoding/json"
	"regexp"
	"strings"

	"byoc/shared/template/rolepolicy"
)

// Policy is the type of policy that decided.
type Policy string

const (
	// Unknown: AWS does not say.
	Unknown  Policy = ""
	Identity Policy = "identity-based policy"
	Boundary Policy = "permissions boundary"
	Session  Policy = "session policy"
	Service  Policy = "service control policy"
	Resource Policy = "resource control policy"
	Endpoint Policy = "VPC endpoint policy"
)

// Denial is what AWS told of a denied call.
type Denial struct {
	// Action as policies name it: ec2:CreateVpc.
	Action string
	// Role is the name of the role; empty where it is not known.
	Role string
	// Region the call was made in; empty where it is not known.
	Region string
	// By is the type of policy that denied.
	By Policy
	// Explicit: a Deny denies it. Otherwise nothing allows it.
	Explicit bool
	// ARN of the very policy, where AWS names it.
	ARN string
}

var (
	encoded  = regexp.MustCompile(`(?is)\.?\s*Encoded authorization failure message:.*`)
	explicit = regexp.MustCompile(`explicit deny in an? ([A-Za-z -]+)`)
	implicit = regexp.MustCompile(`because no ([A-Za-z -]+) allows`)
	byARN    = regexp.MustCompile(`policy: (arn:aws:[A-Za-z0-9:/_+=,.@-]+)`)
	roleName = regexp.MustCompile(`assumed-role/([A-Za-z0-9+=,.@_-]+)/`)
	inRegion = regexp.MustCompile(`arn:aws:ec2:([a-z]{2}(?:-[a-z]+)+-[0-9]):`)
)

// Plain is AWS's message without the encoded part, which only the account's
// owner could decode.
func Plain(message string) string {
	return strings.TrimSpace(encoded.ReplaceAllString(message, ""))
}

// Read takes AWS's message apart. What it does not say stays empty.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func Read(action, message string) Denial {
	message = Plain(message)
	d := Denial{Action: action, Role: first(roleName, message), Region: first(inRegion, message), ARN: first(byARN, message)}
	by := first(explicit, message)
	d.Explicit = by != ""
	if !d.Explicit {
		by = first(implicit, message)
	}
	for _, p := range []Policy{Identity, Boundary, Session, Service, Resource, Endpoint} {
		if strings.HasPrefix(strings.TrimSpace(by), string(p)) {
			d.By = p
		}
	}
	return d
}

func first(pattern *regexp.Regexp, text string) string {
	if m := pattern.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

// Message says in one sentence which role may not do what, and which type of
// policy it is that denies it.
func (d Denial) Message() string {
	s := "AWS denied the role " + d.Role + " the action " + d.Action + ": "
	if d.Role == "" {
		s = "AWS denied the role the action " + d.Action + ": "
	}
	return s + d.because() + "."
}

func (d Denial) because() string {
	which := ""
	if d.ARN != "" {
		which = " (" + d.ARN + ")"
	}
	switch {
	case d.By == Unknown && d.Explicit:
		return "a policy denies it explicitly, and AWS does not say which"
	case d.By == Unknown:
		return "AWS does not say whether the role's own policy, its permissions boundary or a service control policy of your AWS organization"
	case d.By == Service || d.By == Resource:
		if d.Explicit {
			return "a " + string(d.By) + " of your AWS organization" + which + " denies it explicitly"
		}
		return "no " + string(d.By) + " of your AWS organization allows it"
	case d.By == Boundary && d.Explicit:
		return "the role's permissions boundary" + which + " denies it explicitly"
	case d.By == Boundary:
		return "the role's permissions boundary" + which + " does not allow it"
	case d.By == Identity && d.Explicit:
		return "a policy of the role" + which + " denies it explicitly"
	case d.By == Identity:
		return "no policy of the role allows it"
	case d.Explicit:
		return "a " + string(d.By) + which + " denies it explicitly"
	}
	return "no " + string(d.By) + " allows it"
}

// Cure is what the customer should do: the exact statement to add, or what to
// take away.
func (d Denial) Cure() string {
	switch {
	case d.By == Identity && d.Explicit:
		return "Take the Deny of " + d.Action + " out of the role's policies."
	case d.By == Identity:
		return "Apply this custom cloud's template again." + d.statements(" Or add to the role's policy "+rolepolicy.Name+": ")
	case d.By == Boundary && d.Explicit:
		return "Take the Deny of " + d.Action + " out of the permissions boundary, at least for this role."
	case d.By == Boundary:
		return "Allow " + d.Action + " in the permissions boundary." + d.statements(" Add: ")
	case (d.By == Service || d.By == Resource) && d.Explicit:
		return "Ask who administers your AWS organization to except the role from the Deny of " + d.Action + ", with this in its Condition: " + d.exception()
	case d.By == Service || d.By == Resource:
		return "Ask who administers your AWS organization to allow " + d.Action + " for this account." + d.statements(" The role needs: ")
	case d.By == Unknown:
		return "Apply this custom cloud's template again. If that does not help, look for " + d.Action +
			" in the role's permissions boundary and in the service control policies of your AWS organization." + d.statements(" The role needs: ")
	}
	return "Allow " + d.Action + " in that policy." + d.statements(" Add: ")
}

// exception is a condition that exempts the role from a Deny.
func (d Denial) exception() string {
	role := d.Role
	if role == "" {
		role = "cce-*-iam-role"
	}
	return `"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/` + role + `"}`
}

// statements of the template's policy that allow the action, as JSON after a
// lead; empty where role and region are not known, or the template has none.
func (d Denial) statements(lead string) string {
	stem, ok := strings.CutSuffix(d.Role, "-iam-role")
	if !ok || d.Region == "" {
		return ""
	}
	policy, err := rolepolicy.For(stem, d.Region)
	if err != nil {
		return ""
	}
	allowing := policy.Allowing(d.Action)
	if len(allowing) == 0 {
		return ""
	}
	text, err := json.Marshal(allowing)
	if err != nil {
		return ""
	}
	return lead + string(text)
}
