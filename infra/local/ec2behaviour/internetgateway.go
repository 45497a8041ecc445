package ec2behaviour

import "byoc/infra/local/awscall"

// attachedVPC is the VPC that an internet gateway is attached to, or empty.
func attachedVPC(gateway *node) string {
	for _, attachment := range gateway.items("attachmentSet") {
		return attachment.at("vpcId")
	}
	return ""
}

// refuseSecondGateway: a VPC has one internet gateway at most
// (https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html).
// That the gateway itself is attached already is the emulator's to refuse.
func (q *request) refuseSecondGateway() *awscall.Response {
	vpc, id := q.param("VpcId"), q.param("InternetGatewayId")
	for _, gateway := range q.list("igw", "attachment.vpc-id", vpc) {
		if gateway.at("internetGatewayId") != id {
			return q.badRequest("InvalidParameterValue", "Network %s already has an internet gateway attached", vpc)
		}
	}
	return nil
}

// refuseMappedAddresses: "The VPC must not contain any running instances with
// Elastic IP addresses or public IPv4 addresses"
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html);
// NAT gateways count.
func (q *request) refuseMappedAddresses() *awscall.Response {
	vpc := q.param("VpcId")
	if attachedVPC(q.find(q.param("InternetGatewayId"))) != vpc {
		return nil // Gateway.NotAttached, by the emulator
	}
	inside := map[string]bool{}
	for _, eni := range q.list("eni", "vpc-id", vpc) {
		inside[eni.at("networkInterfaceId")] = true
	}
	for _, address := range q.ask("DescribeAddresses").items("addressesSet") {
		if inside[address.at("networkInterfaceId")] && q.isAssociated(address) {
			return q.badRequest("DependencyViolation", "Network %s has some mapped public address(es). "+
				"Please unmap those public address(es) before detaching the gateway.", vpc)
		}
	}
	return nil
}
