package ec2behaviour

import "byoc/infra/local/awscall"

// refuseGroupInUse: deleting a group "that is associated with an instance or
// network interface, or is referenced by another security group" fails with
// DependencyViolation
// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html),
// and a default group cannot be deleted. A rule that names its own group does
// not hold it.
func (q *request) refuseGroupInUse() *awscall.Response {
	id := q.param("GroupId")
	group := q.find(id)
	if group == nil {
		return nil
	}
	if group.at("groupName") == "default" {
		return q.badRequest("CannotDelete",
			`the specified group: "%s" name: "default" cannot be deleted by a user`, id)
	}
	used := len(q.list("eni", "group-id", id)) > 0
	for _, other := range q.list("sg", "vpc-id", group.at("vpcId")) {
		used = used || other.at("groupId") != id && refers(other, id)
	}
	if used {
		return q.badRequest("DependencyViolation", "resource %s has a dependent object", id)
	}
	return nil
}

// refers tells whether a rule of the group has the other as its source or
// target.
func refers(group *node, other string) bool {
	for _, set := range []string{"ipPermissions", "ipPermissionsEgress"} {
		for _, permission := range group.items(set) {
			for _, pair := range permission.items("groups") {
				if pair.at("groupId") == other {
					return true
				}
			}
		}
	}
	return false
}
