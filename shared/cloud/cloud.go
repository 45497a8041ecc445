package cloud

import (
	"strings"
	"time"
)

// Cloud is a custom cloud: a network in a customer's AWS account, from the
// first draft until 30 days after its deletion.
type Cloud struct {
	ID             string
	OrganizationID string

	DisplayName     string
	Provider        string
	Region          string
	DeploymentModel string
	// CIDR is the VPC's range in canonical notation, RFC 1918, /16 to /24.
	CIDR         string
	PeerCIDRs    []string
	NATGateways  NATLayout
	Contacts     []Contact
	Tags         map[string]string
	IngressRules []IngressRule
	// Accounts and Projects are the organizational units and projects that may
	// use the cloud. The organization's own account among Accounts means every
	// project, existing and future.
	Accounts []string
	Projects []string

	// Overlaps are other clouds of the organization whose ranges shared addresses
	// with this one's when it was written last; FreeCIDR overlapped with none.
	Overlaps []Overlap
	FreeCIDR string

	// RoleARN is empty until the customer hands it in.
	RoleARN string
	// ExternalID is unguessable, one per cloud, and never changes.
	ExternalID string
	// Template is what the last look at the role told.
	Template SeenTemplate

	State   State
	Attempt int
	// AttemptAt is when the current attempt began; zero before the first.
	AttemptAt time.Time
	// Forced says that the deletion is to finish whatever is left in the account.
	Forced bool
	// Services is how many services are registered in it.
	Services int
	// Version rises with every write.
	Version int
	// Errors is what went wrong last, in sentences for people.
	Errors []string

	CreatedAt time.Time
	UpdatedAt time.Time

	Network Network
}

// SeenTemplate is what a role tells of the template that it was made by.
type SeenTemplate struct {
	// Version is 0 where it is not known: no look was had at the role yet, or its
	// policy is of no version.
	Version int
	// Edits says, in sentences, how the role's policy differs from what the
	// version gives; empty where it does not.
	Edits string
}

// Overlap is another cloud whose range shares addresses.
type Overlap struct {
	DisplayName string
	CIDR        string
}

// NATLayout says how many NAT gateways a network has.
type NATLayout string

const (
	NATPerZone NATLayout = "per_az"
	NATSingle  NATLayout = "single"
)

// Contact is a person whom mails about a cloud go to.
type Contact struct {
	Email string
	Name  string
	// Role is the job title.
	Role string
	// BouncedAt is when a mail came back for good, ComplainedAt when the person
	// said that they do not want such mails; zero where neither happened. Nothing
	// is sent to such a contact any more, until somebody changes it.
	BouncedAt    time.Time
	ComplainedAt time.Time
}

// IngressRule lets something outside into the workload security group.
type IngressRule struct {
	// Protocol is tcp, udp, icmp or -1 (all).
	Protocol string
	FromPort int
	ToPort   int
	// Exactly one of CIDR and SecurityGroupID is set.
	CIDR            string
	SecurityGroupID string
	Description     string
}

// Network is what a run knows of the network in the customer's account. It is
// an item of its own, so that persisting a step touches nothing an admin edits.
type Network struct {
	// Zones are fixed by id at the first provision.
	Zones []Zone
	// IngressRules are those that a run brought the workload group to last, or
	// tried to.
	IngressRules []IngressRule
	// Steps by their Key.
	Steps map[string]Step
	// Leftovers is what a failed run or a forced deletion left in the account.
	Leftovers []Leftover
	// CreateCalled says that a create call may have been made in the account
	// since it was last proven empty.
	CreateCalled bool
	// EmptySweeps and LastEmptySweep count sweeps in a row that found nothing
	// that is not on record.
	EmptySweeps    int
	LastEmptySweep time.Time
	// Defects is what the watch saw last, of an active or disconnected cloud.
	Defects []Defect
	// DisconnectedSince is when the cloud was last connected, zero while it is;
	// trying to reconnect does not change it.
	DisconnectedSince time.Time
	// DriftTold says that an event told of drift, and none that it is healed.
	DriftTold bool
	// Failure is why the current attempt failed; it is told to the customer
	// once rolling back is over.
	Failure string
	// Lease is who works on the account right now.
	Lease Lease
}

// Lease keeps two invocations from working on one account's network at once:
// most EC2 create calls take no token, so finding before creating is safe only
// for a single worker.
type Lease struct {
	Owner string
	Until time.Time
}

// Held says whether another owner than owner holds the lease at now.
func (l Lease) Held(owner string, now time.Time) bool {
	return l.Owner != "" && l.Owner != owner && now.Before(l.Until)
}

// Zone is an availability zone with its two ranges.
type Zone struct {
	// ID is the zone's id (euw1-az1), the same physical zone in every account.
	ID string
	// Name is what this account calls it (eu-west-1a).
	Name     string
	Bastion  string
	Workload string
}

// StepState is where a step stands. Values are wire format.
type StepState string

const (
	StepWaiting  StepState = "waiting"
	StepPending  StepState = "pending"
	StepReady    StepState = "ready"
	StepDeleting StepState = "deleting"
	StepGone     StepState = "gone"
	StepFailed   StepState = "failed"
)

// Step is what is on record of one resource of the network.
type Step struct {
	// Key names the step and, where there is one per zone, the zone's id:
	// vpc, nat_gateway/euw1-az1.
	Key   string
	State StepState
	// ResourceID is on record before anything waits on the resource.
	ResourceID string
	// Generation rises when the recorded resource failed or is gone: a client
	// token once used answers the dead resource.
	Generation int
	// Reason says what a pending step waits for, or why it failed.
	Reason    string
	StartedAt time.Time
	EndedAt   time.Time
}

// Leftover is a resource that could not be removed.
type Leftover struct {
	// Kind is the EC2 resource type: vpc, subnet, natgateway, elastic-ip, …
	Kind string
	ID   string
	// Step is the key of the step that has it on record; empty for what an
	// interrupted call left behind.
	Step string
	// Reason is a sentence on why it is still there.
	Reason string
	// Command removes it by hand with the AWS CLI.
	Command string
}

// Fence of the cloud as it was read.
func (c Cloud) Fence() Fence { return Fence{State: c.State, Attempt: c.Attempt} }

// Stem is what every resource's name starts with: cce- and the id without
// dashes. IAM allows 64 characters in a role's name; the longest is 45.
func Stem(id string) string { return "cce-" + strings.ReplaceAll(id, "-", "") }

// Stem of the names of the cloud's resources.
func (c Cloud) Stem() string { return Stem(c.ID) }

// RoleName is the name of the customer's role, as the template gives it.
func (c Cloud) RoleName() string { return c.Stem() + "-iam-role" }

// Names are the cloud names by which a service is placed in the cloud; empty
// before it is first active.
func (c Cloud) Names() []string {
	switch c.State {
	case Active, Disconnected, Reconnecting:
		return []string{"custom-" + c.ID + "-aws-" + c.Region}
	}
	return nil
}

// Zone by its id.
func (n Network) Zone(id string) (Zone, bool) {
	for _, z := range n.Zones {
		if z.ID == id {
			return z, true
		}
	}
	return Zone{}, false
}

// Step by its key; a step that is not on record is waiting.
func (n Network) Step(key string) Step {
	if s, ok := n.Steps[key]; ok {
		return s
	}
	return Step{Key: key, State: StepWaiting}
}
