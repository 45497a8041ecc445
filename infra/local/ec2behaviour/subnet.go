package ec2behaviour

import (
	"net/netip"
	"strings"

	"byoc/infra/local/awscall"
)

// refuseSubnet: "the allowed block size is between a /28 netmask and /16
// netmask" (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html),
// and the zone is one of the region's. The emulator takes every zone it knows,
// and the first subnet that names its zone by id only for a default one, so the
// zone is handed on by name.
func (q *request) refuseSubnet() *awscall.Response {
	block := q.param("CidrBlock")
	// What is no block at all, or outside the VPC, is the emulator's to refuse.
	if prefix, err := netip.ParsePrefix(block); err == nil && (prefix.Bits() > 28 || prefix.Bits() < 16) {
		return q.badRequest("InvalidSubnet.Range", "The CIDR '%s' is invalid.", block)
	}
	name, id := q.param("AvailabilityZone"), q.param("AvailabilityZoneId")
	if name == "" && id == "" {
		return nil
	}
	var names []string
	for _, zone := range q.zones() {
		if (name == "" || zone.at("zoneName") == name) && (id == "" || zone.at("zoneId") == id) {
			q.forward = q.changed("AvailabilityZone", zone.at("zoneName"), "AvailabilityZoneId", "")
			return nil
		}
		names = append(names, zone.at("zoneName"))
	}
	return q.badRequest("InvalidParameterValue", "Value (%s) for parameter availabilityZone is invalid. "+
		"Subnets can currently only be created in the following availability zones: %s.",
		name+id, strings.Join(names, ", "))
}

// zones are the region's. They never change.
func (q *request) zones() []*node {
	q.region.mu.Lock()
	known := q.region.zones
	q.region.mu.Unlock()
	if known != nil {
		return known
	}
	known = q.ask("DescribeAvailabilityZones").items("availabilityZoneInfo")
	q.region.mu.Lock()
	defer q.region.mu.Unlock()
	q.region.zones = known
	return known
}

// refuseSubnetInUse: a subnet goes after the last interface in it, a NAT
// gateway's included
// (https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html).
func (q *request) refuseSubnetInUse() *awscall.Response {
	id := q.param("SubnetId")
	abandoned := q.abandoned()
	for _, eni := range q.list("eni", "subnet-id", id) {
		if !abandoned[eni.at("networkInterfaceId")] {
			return q.inUse("subnet", id)
		}
	}
	return nil
}

// deleteSubnet deletes the subnet, and with it its association: the emulator
// would keep that and refuse to delete the table.
func (q *request) deleteSubnet() *awscall.Response {
	id := q.param("SubnetId")
	tables := q.list("rtb", "association.subnet-id", id)
	if q.err != nil {
		return nil
	}
	response := q.next(q.ctx, q.forward)
	if response == nil || response.Status >= 400 {
		return response
	}
	for _, table := range tables {
		for _, association := range table.items("associationSet") {
			if association.at("subnetId") == id {
				q.tell("DisassociateRouteTable", "AssociationId", association.at("routeTableAssociationId"))
			}
		}
	}
	return response
}
