package network

import (
	"byoc/shared/cloud"
)

// Names of the steps, as they stand on record.
const (
	stepVPC                = "vpc"
	stepDNSSupport         = "dns_support"
	stepDNSHostNames       = "dns_host_names"
	stepInternetGateway    = "internet_gateway"
	stepAttachment         = "internet_gateway_attachment"
	stepBastionSubnet      = "bastion_subnet"
	stepPublicAddresses    = "bastion_public_addresses"
	stepWorkloadSubnet     = "workload_subnet"
	stepAddress            = "address"
	stepNATGateway         = "nat_gateway"
	stepPublicTable        = "public_route_table"
	stepPublicRoute        = "public_route"
	stepPublicAssociation  = "public_association"
	stepPrivateTable       = "private_route_table"
	stepPrivateRoute       = "private_route"
	stepPrivateAssociation = "private_association"
	stepBastionGroup       = "bastion_security_group"
	stepBastionRules       = "bastion_rules"
	stepWorkloadGroup      = "workload_security_group"
	stepWorkloadRules      = "workload_rules"
)

// scope says how often a row of the table is there.
type scope int

const (
	single scope = iota
	perZone
	perNAT
)

type row struct {
	scope scope
	step  Step
	needs []string
}

// rows is the network. A step comes after what it needs; between steps that do
// not need each other there is no order. AWS wants the gateway attached before
// it makes a NAT gateway, and a NAT gateway before a route to it.
func rows() []row {
	return []row{
		{single, vpc(), nil},
		{single, dnsSupport(), []string{stepVPC}},
		{single, dnsHostNames(), []string{stepDNSSupport}},
		{single, internetGateway(), nil},
		{single, attachment(), []string{stepInternetGateway, stepVPC}},
		{perZone, bastionSubnet(), []string{stepVPC}},
		{perZone, publicAddresses(), []string{stepBastionSubnet}},
		{perZone, workloadSubnet(), []string{stepVPC}},
		{perNAT, elasticAddress(), nil},
		{perNAT, natGateway(), []string{stepAddress, stepBastionSubnet, stepAttachment}},
		{single, publicTable(), []string{stepVPC}},
		{single, publicRoute(), []string{stepPublicTable, stepAttachment}},
		{perZone, publicAssociation(), []string{stepPublicTable, stepBastionSubnet}},
		{perZone, privateTable(), []string{stepVPC}},
		{perZone, privateRoute(), []string{stepPrivateTable, stepNATGateway}},
		{perZone, privateAssociation(), []string{stepPrivateTable, stepWorkloadSubnet}},
		{single, bastionGroup(), []string{stepVPC}},
		{single, bastionRules(), []string{stepBastionGroup}},
		{single, workloadGroup(), []string{stepVPC}},
		{single, workloadRules(), []string{stepWorkloadGroup, stepBastionGroup}},
	}
}

// Steps is the table for a network in zones: one Step per row and, where a row
// is per zone, one per zone. What is needed comes before what needs it.
func Steps(zones []cloud.Zone, nat cloud.NATLayout) []Step {
	scopes := map[string]scope{}
	var steps []Step
	for _, r := range rows() {
		scopes[r.step.Name] = r.scope
		for _, zone := range r.zones(zones, nat) {
			s := r.step
			s.Zone = zone
			for _, need := range r.needs {
				switch {
				case scopes[need] == single:
					s.Needs = append(s.Needs, need)
				case scopes[need] == perNAT:
					s.Needs = append(s.Needs, key(need, natZone(zones, nat, zone)))
				default:
					s.Needs = append(s.Needs, key(need, zone))
				}
			}
			steps = append(steps, s)
		}
	}
	return steps
}

func (r row) zones(zones []cloud.Zone, nat cloud.NATLayout) []string {
	if r.scope == single {
		return []string{""}
	}
	var ids []string
	for _, z := range zones {
		if r.scope == perZone || natZone(zones, nat, z.ID) == z.ID {
			ids = append(ids, z.ID)
		}
	}
	return ids
}

// natZone is the zone whose NAT gateway serves zone.
func natZone(zones []cloud.Zone, nat cloud.NATLayout, zone string) string {
	if nat == cloud.NATSingle && len(zones) > 0 {
		return zones[0].ID
	}
	return zone
}

// Actions is every permission that the table takes, without duplicates, in the
// order of the table. sts:GetCallerIdentity needs none.
func Actions() []Action {
	var all []Action
	seen := map[Action]bool{}
	for _, a := range describe("DescribeAvailabilityZones") {
		all, seen[a] = append(all, a), true
	}
	for _, r := range rows() {
		for _, a := range r.step.Actions {
			if !seen[a] {
				all, seen[a] = append(all, a), true
			}
		}
	}
	return all
}

// TagKeys is every tag key that create calls set.
func TagKeys() []string { return []string{TagName, TagCloud, TagSecurityGroup, TagSubnet} }

func describe(names ...string) []Action {
	var all []Action
	for _, n := range names {
		all = append(all, Action{Name: "ec2:" + n, Resource: "*"})
	}
	return all
}

// creates is the action that makes a resource of type made, authorized also
// against the existing resources of the types on.
func creates(name, made string, on ...string) []Action {
	all := []Action{{Name: "ec2:" + name, Resource: made, NameTagInRequest: true, TagOnCreate: true}}
	for _, o := range on {
		all = append(all, changes(name, o)...)
	}
	return all
}

// changes is an action on existing resources of these types.
func changes(name string, on ...string) []Action {
	var all []Action
	for _, o := range on {
		all = append(all, Action{Name: "ec2:" + name, Resource: o, NameTagOnResource: true})
	}
	return all
}

// perZoneRow says whether there is one step of that name per zone.
func perZoneRow(name string) bool {
	for _, r := range rows() {
		if r.step.Name == name {
			return r.scope != single
		}
	}
	return false
}
