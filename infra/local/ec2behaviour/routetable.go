package ec2behaviour

import "byoc/infra/local/awscall"

// refuseMainTable: "You can't delete the main route table"
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html).
// Explicit associations are the emulator's to refuse.
func (q *request) refuseMainTable() *awscall.Response {
	id := q.param("RouteTableId")
	for _, association := range q.find(id).items("associationSet") {
		if association.at("main") == "true" {
			return q.inUse("routeTable", id)
		}
	}
	return nil
}

// refuseAssociation: a subnet has one table, of its own VPC
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html).
// Associating it again with the table that it has changes nothing and is
// answered with the association there is.
func (q *request) refuseAssociation() *awscall.Response {
	tableID, subnetID := q.param("RouteTableId"), q.param("SubnetId")
	table := q.find(tableID)
	subnet := q.find(subnetID)
	if table == nil || subnet == nil {
		return nil
	}
	if table.at("vpcId") != subnet.at("vpcId") {
		return q.badRequest("InvalidParameterValue",
			"route table %s and subnet %s belong to different networks", tableID, subnetID)
	}
	for _, other := range q.list("rtb", "association.subnet-id", subnetID) {
		if other.at("routeTableId") != tableID {
			return q.badRequest("Resource.AlreadyAssociated",
				"the specified association for route table %s conflicts with an existing association", tableID)
		}
	}
	return nil
}
