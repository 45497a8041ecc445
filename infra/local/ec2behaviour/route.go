package ec2behaviour

import (
	"strings"

	"byoc/infra/local/awscall"
)

// refuseRouteTarget: the target of a route exists, lives, and is of the
// table's VPC. (AWS documents no code for the last; InvalidParameterValue with
// "belong to different networks" is what callers report.) A NAT gateway may
// still be pending.
func (q *request) refuseRouteTarget() *awscall.Response {
	tableID := q.param("RouteTableId")
	table := q.find(tableID)
	if table == nil {
		return nil
	}
	if id := q.param("NatGatewayId"); id != "" {
		gateway, state := q.natGatewayIn(id)
		if gateway == nil || state == deleted || state == failed {
			return q.notFound(id)
		}
		if gateway.at("vpcId") != table.at("vpcId") {
			return q.badRequest("InvalidParameterValue",
				"route table %s and NAT gateway %s belong to different networks", tableID, id)
		}
	}
	if id := q.param("GatewayId"); strings.HasPrefix(id, "igw-") {
		gateway := q.find(id)
		if gateway == nil {
			return q.notFound(id)
		}
		if attachedVPC(gateway) != table.at("vpcId") {
			return q.badRequest("InvalidParameterValue",
				"route table %s and network gateway %s belong to different networks", tableID, id)
		}
	}
	return nil
}

func (q *request) natGatewayIn(id string) (gateway *node, state string) {
	for _, item := range q.natGateways() {
		if item.at("natGatewayId") == id {
			return item, item.at("state")
		}
	}
	return nil, ""
}

// showBlackholes marks routes whose target is gone: "blackhole indicates that
// the route's target isn't available (for example, the specified gateway isn't
// attached to the VPC, or the specified NAT instance has been terminated)"
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html).
func (q *request) showBlackholes(response *awscall.Response) *awscall.Response {
	if response == nil || response.Status >= 400 {
		return response
	}
	root, err := parseXML(response.Body)
	if err != nil {
		q.err = err
		return response
	}
	nat, igw := []*node{}, []*node{}
	vpc := map[*node]string{}
	for _, table := range root.items("routeTableSet") {
		for _, route := range table.items("routeSet") {
			vpc[route] = table.at("vpcId")
			if route.at("natGatewayId") != "" {
				nat = append(nat, route)
			}
			if strings.HasPrefix(route.at("gatewayId"), "igw-") {
				igw = append(igw, route)
			}
		}
	}
	if len(nat)+len(igw) == 0 {
		return response
	}
	alive := map[string]bool{}
	if len(nat) > 0 {
		for _, gateway := range q.natGateways() {
			state := gateway.at("state")
			alive[gateway.at("natGatewayId")] = state != deleted && state != failed
		}
	}
	attached := map[string]string{}
	if len(igw) > 0 {
		for _, gateway := range q.ask("DescribeInternetGateways").items("internetGatewaySet") {
			attached[gateway.at("internetGatewayId")] = attachedVPC(gateway)
		}
	}
	for _, route := range nat {
		if !alive[route.at("natGatewayId")] {
			route.put(text("state", "blackhole"))
		}
	}
	for _, route := range igw {
		if attached[route.at("gatewayId")] != vpc[route] {
			route.put(text("state", "blackhole"))
		}
	}
	return q.respondRoot(root)
}
