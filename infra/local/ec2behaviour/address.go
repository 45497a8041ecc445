package ec2behaviour

import (
	"net/http"

	"byoc/infra/local/awscall"
)

// address is the address that the call names, by allocation, association or
// public IP; nil where there is none, which the emulator reports.
func (q *request) address() *node {
	for parameter, filter := range map[string]string{
		"AllocationId": "allocation-id", "AssociationId": "association-id", "PublicIp": "public-ip",
	} {
		if value := q.param(parameter); value != "" {
			for _, item := range q.list("eipalloc", filter, value) {
				return item
			}
		}
	}
	return nil
}

// isAssociated tells whether something uses the address. The emulator leaves
// an address with the interface of a deleted NAT gateway.
func (q *request) isAssociated(address *node) bool {
	return address.at("associationId") != "" && !q.abandoned()[address.at("networkInterfaceId")]
}

// abandoned are the interfaces that the emulator keeps of NAT gateways it
// deleted at once. There are none where gateways are given their life here.
func (q *request) abandoned() map[string]bool {
	left := map[string]bool{}
	if q.options.NATGateways {
		return left
	}
	for _, g := range q.natGateways() {
		for _, address := range g.items("natGatewayAddressSet") {
			if g.at("state") == deleted {
				left[address.at("networkInterfaceId")] = true
			}
		}
	}
	return left
}

// gatewayOf is the NAT gateway that lives on the interface, empty where none
// does.
func (q *request) gatewayOf(networkInterface string) string {
	for _, g := range q.ask("DescribeNatGateways").items("natGatewaySet") {
		for _, address := range g.items("natGatewayAddressSet") {
			if g.at("state") != deleted && address.at("networkInterfaceId") == networkInterface {
				return g.at("natGatewayId")
			}
		}
	}
	return ""
}

// refuseAddressInUse: "You must disassociate [the address] before you release
// it", InvalidIPAddress.InUse
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html).
func (q *request) refuseAddressInUse() *awscall.Response {
	address := q.address()
	if address == nil || !q.isAssociated(address) {
		return nil
	}
	return q.badRequest("InvalidIPAddress.InUse", "Address %s is in use.", address.at("publicIp"))
}

// refuseGatewaysAddress: the interface of a NAT gateway is AWS's, not the
// caller's, and so is its association with an address.
func (q *request) refuseGatewaysAddress() *awscall.Response {
	address := q.address()
	if address == nil || !q.isAssociated(address) || q.gatewayOf(address.at("networkInterfaceId")) == "" {
		return nil
	}
	return q.refuse(http.StatusForbidden, "AuthFailure", "You do not have permission to access the specified resource.")
}

// refuseInterfaceInUse: the interface of a NAT gateway goes with the gateway.
func (q *request) refuseInterfaceInUse() *awscall.Response {
	id := q.param("NetworkInterfaceId")
	if q.gatewayOf(id) == "" {
		return nil
	}
	return q.badRequest("InvalidParameterValue", "Network interface '%s' is currently in use.", id)
}
