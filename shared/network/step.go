package network

import (
	"context"
	"time"

	"byoc/shared/cloud"
)

// Step is one row of the table: one AWS resource, or one property of a
// resource that another step made (an attachment, a route, a rule).
type Step struct {
	Name string
	// Zone is the id of the zone (euw1-az1) where there is one step per zone.
	Zone string
	// Title is what people read: NAT gateway.
	Title string
	// Needs are the keys of the steps that come before. Tear-down is the reverse.
	Needs []string
	// Actions is what the role has to allow for the step, describes included.
	Actions []Action
	// Usually is how long the step takes on AWS, for the display of progress.
	Usually time.Duration

	// Ensure makes it as it should be, from any state. A non-empty pending says
	// what it waits for.
	Ensure func(context.Context, *Pass, Step) (pending string, err error)
	// Status compares it with what it should be; it changes nothing.
	Status func(context.Context, *Pass, Step) ([]Finding, error)
	// Delete removes r (for a property: takes it off r). Gone already is
	// success. Nil where it goes with the resource that carries it.
	Delete func(ctx context.Context, p *Pass, r Resource) (pending string, err error)

	// kind is what the step makes; for a property, what carries it.
	kind *kind
	// property says that the step makes no resource of its own.
	property bool
	// of is the name of the step that makes what carries a property.
	of string
	// label is the part of the Name tag between stem and zone.
	label string
}

// Key names the step on record: vpc, nat_gateway/euw1-az1.
func (s Step) Key() string { return key(s.Name, s.Zone) }

func key(name, zone string) string {
	if zone == "" {
		return name
	}
	return name + "/" + zone
}

// tagName is the Name tag of the resource that the step makes.
func (s Step) tagName(stem string) string {
	name := stem + "-" + s.label
	if s.Zone != "" {
		name += "-" + s.Zone
	}
	return name
}

// Action is one permission that a step needs: an API action on one EC2
// resource type. An action that AWS authorizes against several resources has
// one Action for each.
type Action struct {
	// Name as in a policy: ec2:CreateSubnet.
	Name string
	// Resource is the type in the ARN (subnet, elastic-ip, natgateway), or "*"
	// for describes, which know no resource.
	Resource string
	// NameTagInRequest: the resource is being created, and its Name is in the
	// request (aws:RequestTag/Name).
	NameTagInRequest bool
	// NameTagOnResource: the resource exists and carries its Name
	// (ec2:ResourceTag/Name).
	NameTagOnResource bool
	// TagOnCreate: the call tags this resource, which takes ec2:CreateTags with
	// ec2:CreateAction being this action.
	TagOnCreate bool
}

// Verdict is what the drift check says of a step.
type Verdict string

const (
	OK      Verdict = "ok"
	Pending Verdict = "pending"
	Missing Verdict = "missing"
	Altered Verdict = "altered"
)

// Finding is one result of the drift check. A step has one Finding with
// verdict OK, or one per difference.
type Finding struct {
	Key        string
	Verdict    Verdict
	ResourceID string
	// Property, Want and Got say what differs, for Altered.
	Property string
	Want     string
	Got      string
}

// Outcome is what a pass came to. It is terminal where Done, or where nothing
// is Pending.
type Outcome struct {
	// Done: the network is complete, or (deletion) proven to be gone.
	Done bool
	// Pending are the steps that wait for AWS, with their reasons. In a
	// deletion that only waits for its second empty sweep, it holds one Step
	// with key "sweep".
	Pending []cloud.Step
	// Leftovers is everything that still exists after a pass of Delete, with
	// the reason and the command that removes it.
	Leftovers []cloud.Leftover
	// Wait is when to come back, in AWS's time; zero where terminal.
	Wait time.Duration
}
