package inventory

import "fmt"

// Made counts what is in after beyond before, without what comes with each VPC:
// a main route table and a default security group.
func Made(before, after Inventory) string {
	vpcs := len(after.VPCs) - len(before.VPCs)
	return fmt.Sprintf("%d VPC, %d subnets, %d internet gateways, %d NAT gateways, %d addresses, %d security groups, %d route tables",
		vpcs, len(after.Subnets)-len(before.Subnets),
		len(after.InternetGateways)-len(before.InternetGateways), len(after.NATGateways)-len(before.NATGateways),
		len(after.Addresses)-len(before.Addresses), len(after.SecurityGroups)-len(before.SecurityGroups)-vpcs,
		len(after.RouteTables)-len(before.RouteTables)-vpcs)
}
