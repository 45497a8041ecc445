package ec2behaviour

import (
	"time"

	"byoc/infra/local/awscall"
)

// natGateway is what the emulator does not know of a NAT gateway.
type natGateway struct {
	id           string
	pendingUntil time.Time
	failure      *NATFailure
	// allocation is the address that the gateway asked for.
	allocation string
	// association and networkInterface are what it holds in the emulator.
	association      string
	networkInterface string
	// private says that the emulator was given a gateway without an address,
	// because this one can only fail and the emulator would not take it.
	private bool

	deletedAt time.Time
	goneAt    time.Time
	// settled says that the emulator has let go of what the gateway held.
	settled bool
}

// The states of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html.
const (
	pending   = "pending"
	available = "available"
	failed    = "failed"
	deleting  = "deleting"
	deleted   = "deleted"
)

func (g *natGateway) state(now time.Time) string {
	switch {
	case !g.deletedAt.IsZero() && now.Before(g.goneAt):
		return deleting
	case !g.deletedAt.IsZero():
		return deleted
	case now.Before(g.pendingUntil):
		return pending
	case g.failure != nil:
		return failed
	default:
		return available
	}
}

// ended is when the gateway failed or was gone, zero where it lives.
func (g *natGateway) ended(now time.Time) time.Time {
	switch g.state(now) {
	case deleted:
		return g.goneAt
	case failed:
		return g.pendingUntil
	default:
		return time.Time{}
	}
}

// createNATGateway makes the gateway in the emulator and answers that it is
// pending. Failures that AWS finds out later
// (https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html)
// show when it is pending no more.
func (q *request) createNATGateway() *awscall.Response {
	subnet := q.find(q.param("SubnetId"))
	if subnet == nil {
		return q.notFound(q.param("SubnetId"))
	}
	g := &natGateway{failure: q.override.NATFailure, allocation: q.param("AllocationId")}
	if q.param("ConnectivityType") != "private" {
		if g.allocation == "" {
			return q.badRequest("MissingParameter", "The request must contain the parameter AllocationId")
		}
		address := q.find(g.allocation)
		if address == nil {
			return q.notFound(g.allocation)
		}
		if doom := q.natDoom(subnet.at("vpcId"), address); doom != nil {
			g.failure, g.private = doom, true
			q.forward = q.changed("ConnectivityType", "private", "AllocationId", "")
		}
	}
	if q.err != nil {
		return nil
	}
	response := q.next(q.ctx, q.forward)
	if response == nil || response.Status >= 400 {
		return response
	}
	root, err := parseXML(response.Body)
	if err != nil {
		q.err = err
		return nil
	}
	made := root.child("natGateway")
	g.id = made.at("natGatewayId")
	g.holds(made)
	g.pendingUntil = time.Now().Add(either(q.override.NATPending, q.options.NATPending))
	q.region.mu.Lock()
	q.region.gateways[g.id] = g
	q.region.mu.Unlock()
	if g.failure != nil {
		q.settleAt(g.pendingUntil)
	}
	return q.answerNATGateway(g.id)
}

// natDoom is why a public gateway with the address can only fail, nil where it
// can become available.
func (q *request) natDoom(vpc string, address *node) *NATFailure {
	if q.isAssociated(address) {
		return &NATFailure{"Resource.AlreadyAssociated",
			"Elastic IP address [" + address.at("allocationId") + "] is already associated"}
	}
	if len(q.list("igw", "attachment.vpc-id", vpc)) == 0 {
		return &NATFailure{"Gateway.NotAttached", "Network " + vpc + " has no Internet gateway attached"}
	}
	return nil
}

func (g *natGateway) holds(made *node) {
	for _, address := range made.items("natGatewayAddressSet") {
		g.networkInterface = address.at("networkInterfaceId")
		g.association = address.at("associationId")
	}
}

// answerNATGateway answers CreateNatGateway with the gateway as it is now.
func (q *request) answerNATGateway(id string) *awscall.Response {
	for _, item := range q.natGateways() {
		if item.at("natGatewayId") == id {
			item.name = "natGateway"
			return q.respond(text("clientToken", q.param("ClientToken")), item)
		}
	}
	return q.notFound(id)
}

// deleteNATGateway begins a gateway's deletion. Deleting it again changes
// nothing and is no error while it is visible.
func (q *request) deleteNATGateway() *awscall.Response {
	id := q.param("NatGatewayId")
	item := q.visibleNATGateway(id)
	if item == nil {
		return q.notFound(id)
	}
	q.region.mu.Lock()
	g := q.region.gateways[id]
	if g == nil {
		// Made behind this package's back, by a template for instance.
		g = &natGateway{id: id}
		g.holds(item)
		q.region.gateways[id] = g
	}
	if g.deletedAt.IsZero() && item.at("state") != deleted {
		g.deletedAt = time.Now()
		g.goneAt = g.deletedAt.Add(either(q.override.NATDeleting, q.options.NATDeleting))
		q.settleAt(g.goneAt)
	}
	q.region.mu.Unlock()
	return q.respond(text("natGatewayId", id))
}

// settleAt makes the emulator let go of what a gateway held when its time is
// up, for those who read the emulator directly.
func (q *request) settleAt(when time.Time) {
	time.AfterFunc(time.Until(when), q.settleIfDue)
}

// settleIfDue settles from outside the lock of changing calls.
func (q *request) settleIfDue() {
	if len(q.region.due()) == 0 {
		return
	}
	q.region.act.Lock()
	defer q.region.act.Unlock()
	q.settle()
}

// settle lets gateways that failed or are gone release their address and
// interface. The caller holds the region's act lock.
func (q *request) settle() {
	for _, g := range q.region.due() {
		q.tell("DeleteNatGateway", "NatGatewayId", g.id)
		if g.association != "" {
			q.tell("DisassociateAddress", "AssociationId", g.association)
		}
		if g.networkInterface != "" {
			q.tell("DeleteNetworkInterface", "NetworkInterfaceId", g.networkInterface)
		}
		q.region.mu.Lock()
		g.settled = true
		q.region.mu.Unlock()
	}
}

func (r *region) due() []*natGateway {
	r.mu.Lock()
	defer r.mu.Unlock()
	var due []*natGateway
	for _, g := range r.gateways {
		if !g.settled && !g.ended(time.Now()).IsZero() {
			due = append(due, g)
		}
	}
	return due
}

func either(override, option time.Duration) time.Duration {
	if override > 0 {
		return override
	}
	return option
}
