// Package inventory lists everything that exists in one account and region, so
// that a leak shows as a difference. It reads through the SDK with whatever
// configuration it is given; given the emulator's own (awscall.Emulator), it
// sees behind every behaviour, authorization and delay.
package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Inventory is all that exists, each kind sorted by id. Two inventories of the
// same state are deeply equal.
//
// The VPC that an account has from the start is in it, marked as default, with
// all that came along: it is there before and after.
type Inventory struct {
	VPCs               []VPC
	Subnets            []Subnet
	InternetGateways   []InternetGateway
	NATGateways        []NATGateway
	Addresses          []Address
	RouteTables        []RouteTable
	SecurityGroups     []SecurityGroup
	SecurityGroupRules []SecurityGroupRule
	NetworkInterfaces  []NetworkInterface
	// Roles are the account's; IAM knows no regions.
	Roles []Role
}

// Tags are a resource's, as sorted key=value pairs in one string, so that what
// has them stays comparable.
type Tags string

// VPC is a VPC.
type VPC struct {
	ID, Block                string
	Default                  bool
	DNSSupport, DNSHostnames bool
	Tags                     Tags
}

// Subnet is a subnet.
type Subnet struct {
	ID, VPC, Block, Zone string
	PublicIPOnLaunch     bool
	Tags                 Tags
}

// InternetGateway is an internet gateway; VPC is empty while it is detached.
type InternetGateway struct {
	ID, VPC string
	Tags    Tags
}

// NATGateway is a NAT gateway that is neither deleted nor failed.
type NATGateway struct {
	ID, VPC, Subnet, State string
	// Addresses are its allocations, separated by commas.
	Addresses string
	Tags      Tags
}

// Address is an Elastic IP address; Association and NetworkInterface are empty
// while nothing uses it.
type Address struct {
	ID, IP, Association, NetworkInterface string
	Tags                                  Tags
}

// RouteTable is a route table.
type RouteTable struct {
	ID, VPC string
	Main    bool
	// Subnets are those explicitly associated, Routes "destination>target",
	// both sorted and separated by commas.
	Subnets, Routes string
	Tags            Tags
}

// SecurityGroup is a security group.
type SecurityGroup struct {
	ID, VPC, Name string
	Tags          Tags
}

// SecurityGroupRule is one rule of a security group.
type SecurityGroupRule struct {
	ID, Group, Protocol string
	Egress              bool
	From, To            int32
	// Peer is the block, prefix list or group that the rule lets through.
	Peer, Description string
}

// NetworkInterface is a network interface.
type NetworkInterface struct {
	ID, VPC, Subnet, Description string
	Tags                         Tags
}

// Role is an IAM role with what is attached to it.
type Role struct {
	ID, Trust string
	// Inline and Managed are policies, sorted and separated by commas.
	Inline, Managed string
}

// Lines are the inventory for a reader, one thing per line, sorted by kind and
// id.
func (i Inventory) Lines() []string {
	var lines []string
	for _, entry := range i.entries() {
		lines = append(lines, entry.String())
	}
	return lines
}

// Diff says what is different after: "+ subnet subnet-1 …" is new, "- …" is
// gone, and "~ …" has changed. No lines, no difference.
func Diff(before, after Inventory) []string {
	old := map[string]entry{}
	for _, e := range before.entries() {
		old[e.key()] = e
	}
	var lines []string
	for _, e := range after.entries() {
		was, existed := old[e.key()]
		delete(old, e.key())
		switch {
		case !existed:
			lines = append(lines, "+ "+e.String())
		case was != e:
			lines = append(lines, "~ "+e.String()+", was "+was.text)
		}
	}
	for _, e := range before.entries() {
		if _, gone := old[e.key()]; gone {
			lines = append(lines, "- "+e.String())
		}
	}
	return lines
}

// entry is one thing in words.
type entry struct{ kind, id, text string }

func (e entry) key() string    { return e.kind + "/" + e.id }
func (e entry) String() string { return e.kind + " " + e.id + " " + e.text }

func (i Inventory) entries() []entry {
	return slices.Concat(
		describe("vpc", i.VPCs, func(v VPC) string { return v.ID }),
		describe("subnet", i.Subnets, func(v Subnet) string { return v.ID }),
		describe("internet gateway", i.InternetGateways, func(v InternetGateway) string { return v.ID }),
		describe("NAT gateway", i.NATGateways, func(v NATGateway) string { return v.ID }),
		describe("address", i.Addresses, func(v Address) string { return v.ID }),
		describe("route table", i.RouteTables, func(v RouteTable) string { return v.ID }),
		describe("security group", i.SecurityGroups, func(v SecurityGroup) string { return v.ID }),
		describe("security group rule", i.SecurityGroupRules, func(v SecurityGroupRule) string { return v.ID }),
		describe("network interface", i.NetworkInterfaces, func(v NetworkInterface) string { return v.ID }),
		describe("role", i.Roles, func(v Role) string { return v.ID }),
	)
}

func describe[T any](kind string, all []T, id func(T) string) []entry {
	entries := make([]entry, 0, len(all))
	for _, one := range all {
		text := fmt.Sprintf("%+v", one)
		text = strings.Replace(text, "ID:"+id(one)+" ", "", 1)
		entries = append(entries, entry{kind, id(one), text})
	}
	return entries
}

func sortByID[T any](all []T, id func(T) string) {
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
}
