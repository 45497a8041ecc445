// Package ec2behaviour adds to an EC2 emulator what AWS's EC2 does and the
// emulator does not: refusals, dry runs, NAT gateways that take their time,
// client tokens, and reads that lag behind writes.
//
// The emulator keeps every resource, so tags and inventories can be read from
// it directly. This package keeps only what the emulator has no place for: when
// a NAT gateway changes state and why it failed, which client tokens were used,
// and how long a new id stays unknown. A NAT gateway that is being deleted
// stays in the emulator, with its network interface and its address, until its
// time is up; then it is deleted there too, by a timer or by the next EC2 call
// in its region, whichever comes first.
//
// Calls that change something are taken one at a time per account and region:
// a refusal and the call it lets through are one step. To decide, the package
// asks the emulator through the handler behind it; whatever judges, counts or
// delays calls belongs in front.
package ec2behaviour

import (
	"context"
	"time"

	"byoc/infra/local/awscall"
)

// Options switches each behaviour on or off. The zero value switches all of
// them off; Defaults is AWS.
type Options struct {
	// DryRuns answers DryRun=true with DryRunOperation instead of acting, and
	// with the NotFound error of an id that the call names and that does not
	// exist.
	DryRuns bool

	// NATGateways gives NAT gateways their life: pending for NATPending, then
	// available or failed; deleting for NATDeleting, then deleted and visible
	// for NATVisible. A gateway without an internet gateway in its VPC fails
	// with Gateway.NotAttached, one whose address is taken with
	// Resource.AlreadyAssociated. Describe knows every filter of the API
	// reference and pages.
	NATGateways bool
	NATPending  time.Duration
	NATDeleting time.Duration
	NATVisible  time.Duration

	// Tokens answers a CreateNatGateway or CreateRouteTable that repeats a
	// ClientToken with the resource that the token made, dead or alive, and
	// with IdempotentParameterMismatch where other parameters differ.
	Tokens bool

	// Addresses refuses to release an address in use, and to disassociate the
	// address of a NAT gateway.
	Addresses bool
	// InternetGateways refuses to detach a gateway from a VPC with mapped
	// public addresses, and to attach a second one.
	InternetGateways bool
	// NetworkInterfaces refuses to delete the interface of a NAT gateway.
	NetworkInterfaces bool
	// Routes checks the target of a route: it exists and is of the same VPC.
	Routes bool
	// Blackholes shows a route whose target is gone as a blackhole.
	Blackholes bool
	// RouteTables refuses to delete a main table, and to associate a subnet
	// that is associated with another table or is of another VPC.
	RouteTables bool
	// SecurityGroups refuses to delete a default group, and one that another
	// group's rules or a network interface use.
	SecurityGroups bool
	// Subnets refuses blocks smaller than /28, zones of other regions, and to
	// delete a subnet that holds network interfaces; deleting a subnet ends its
	// association with a route table.
	Subnets bool
	// Tags refuses duplicate and reserved keys, tags too long or too many, and
	// specifications for another type of resource.
	Tags bool
	// VPCs refuses to delete a VPC that has an internet gateway or security
	// groups of its own. (The emulator itself refuses for subnets and tables.)
	VPCs bool

	// Quotas limits how much an account may have in a region; nil is no limit.
	Quotas *Quotas

	// StaleReads is how long an id stays unknown to describes after the call
	// that made it: named, it is answered with its NotFound error; filtered or
	// listed, it is absent. StaleCalls is the same for every other call that
	// names the id. Both begin when the creating call is answered and end for
	// every caller at once: the model is a lagging replica that is read by
	// everybody. Associations, routes, rules and tags added later, and
	// deletions, are seen at once.
	StaleReads time.Duration
	StaleCalls time.Duration

	// Override changes the course of single calls; may be nil.
	// An override in the context (WithOverride) goes first.
	Override func(*awscall.Call) Override
}

// Defaults is EC2 as AWS runs it, with the waits shortened.
func Defaults() Options {
	return Options{
		DryRuns:     true,
		NATGateways: true,
		NATPending:  2 * time.Second,
		NATDeleting: 2 * time.Second,
		// https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-working-with.html:
		// a deleted gateway stays visible "for a short while (usually about an hour)".
		NATVisible:        time.Hour,
		Tokens:            true,
		Addresses:         true,
		InternetGateways:  true,
		NetworkInterfaces: true,
		Routes:            true,
		Blackholes:        true,
		RouteTables:       true,
		SecurityGroups:    true,
		Subnets:           true,
		Tags:              true,
		VPCs:              true,
		StaleReads:        300 * time.Millisecond,
		StaleCalls:        300 * time.Millisecond,
	}
}

// Quotas are limits per account and region; zero is no limit.
type Quotas struct {
	VPCs      int
	Addresses int
}

// DefaultQuotas are the limits of a new account
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
// The default VPC counts.
func DefaultQuotas() *Quotas { return &Quotas{VPCs: 5, Addresses: 5} }

// Override is what happens differently to what one call makes. Zero fields
// leave the options in force.
type Override struct {
	// Stale replaces StaleReads and StaleCalls for the id that the call makes.
	Stale time.Duration
	// NATPending and NATDeleting replace the option of the same name.
	NATPending  time.Duration
	NATDeleting time.Duration
	// NATFailure makes the gateway that the call creates end as failed.
	NATFailure *NATFailure
}

// NATFailure is why a NAT gateway failed, in the words of DescribeNatGateways.
type NATFailure struct {
	Code    string
	Message string
}

type overrideKey struct{}

// WithOverride is a context in which a call is answered with the override.
// Fields set by an override further out stay set.
func WithOverride(ctx context.Context, o Override) context.Context {
	outer, _ := ctx.Value(overrideKey{}).(Override)
	return context.WithValue(ctx, overrideKey{}, outer.or(o))
}

// or fills the fields that o leaves open.
func (o Override) or(other Override) Override {
	if o.Stale == 0 {
		o.Stale = other.Stale
	}
	if o.NATPending == 0 {
		o.NATPending = other.NATPending
	}
	if o.NATDeleting == 0 {
		o.NATDeleting = other.NATDeleting
	}
	if o.NATFailure == nil {
		o.NATFailure = other.NATFailure
	}
	return o
}
