package ec2behaviour

import "byoc/infra/local/awscall"

// refuseVPCInUse: a VPC goes after "all gateways and resources that are
// associated with it", security groups of its own among them
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html).
// The emulator refuses for subnets and route tables.
func (q *request) refuseVPCInUse() *awscall.Response {
	id := q.param("VpcId")
	if len(q.list("igw", "attachment.vpc-id", id)) > 0 {
		return q.inUse("vpc", id)
	}
	for _, group := range q.list("sg", "vpc-id", id) {
		if group.at("groupName") != "default" {
			return q.inUse("vpc", id)
		}
	}
	return nil
}

func (q *request) refuseMoreVPCs() *awscall.Response {
	limit := q.options.Quotas.VPCs
	if limit > 0 && len(q.ask("DescribeVpcs").items("vpcSet")) >= limit {
		return q.badRequest("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	return nil
}

func (q *request) refuseMoreAddresses() *awscall.Response {
	limit := q.options.Quotas.Addresses
	if limit > 0 && len(q.ask("DescribeAddresses").items("addressesSet")) >= limit {
		return q.badRequest("AddressLimitExceeded", "The maximum number of addresses has been reached.")
	}
	return nil
}
