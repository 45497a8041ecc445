// Code generated from the step table in shared/network; DO NOT EDIT.

package httpapi

import "time"

// steps is the order in which progress is shown.
var steps = []shownStep{
	{"vpc", "VPC", once, 2 * time.Second},
	{"dns_support", "DNS support", once, 1 * time.Second},
	{"dns_host_names", "DNS host names", once, 1 * time.Second},
	{"internet_gateway", "Internet gateway", once, 1 * time.Second},
	{"internet_gateway_attachment", "Internet gateway's attachment", once, 1 * time.Second},
	{"bastion_subnet", "Bastion subnet", perZone, 1 * time.Second},
	{"bastion_public_addresses", "Bastion subnet's public addresses", perZone, 1 * time.Second},
	{"workload_subnet", "Workload subnet", perZone, 1 * time.Second},
	{"address", "Elastic IP address", perNAT, 1 * time.Second},
	{"nat_gateway", "NAT gateway", perNAT, 100 * time.Second},
	{"public_route_table", "Public route table", once, 1 * time.Second},
	{"public_route", "Public route", once, 1 * time.Second},
	{"public_association", "Public route table's association", perZone, 1 * time.Second},
	{"private_route_table", "Private route table", perZone, 1 * time.Second},
	{"private_route", "Private route", perZone, 1 * time.Second},
	{"private_association", "Private route table's association", perZone, 1 * time.Second},
	{"bastion_security_group", "Bastion security group", once, 1 * time.Second},
	{"bastion_rules", "Bastion security group's rules", once, 1 * time.Second},
	{"workload_security_group", "Workload security group", once, 1 * time.Second},
	{"workload_rules", "Workload security group's rules", once, 1 * time.Second},
}
