package httpapi

import (
	"byoc/shared/cloud"
)

// changes reads the fields of a custom cloud that a request may hold. Only their
// types are checked here; what they may be is for the domain.
func (o object) changes() cloud.Changes {
	return cloud.Changes{
		DisplayName:     o.text("display_name"),
		Provider:        o.text("cloud_provider"),
		Region:          o.text("cloud_region"),
		DeploymentModel: o.text("deployment_model"),
		CIDR:            o.text("reserved_cidr"),
		PeerCIDRs:       o.texts("peer_cidrs"),
		NATGateways:     convert(o.text("nat_gateways"), func(s string) cloud.NATLayout { return cloud.NATLayout(s) }),
		Contacts:        convert(o.objects("contact_emails", cloud.MaxContacts), contacts),
		Tags:            o.textMap("tags"),
		IngressRules:    convert(o.objects("ingress_rules", cloud.MaxIngressRules), ingressRules),
		RoleARN:         o.text("aws_iam_role_arn"),
	}
}

// description reads what a new custom cloud is to be. A role ARN has no place in
// it: the role is made with the external ID that creating the cloud gives.
func (o object) description() cloud.Description {
	c := o.changes()
	return cloud.Description{
		DisplayName: c.DisplayName.Value, Provider: c.Provider.Value, Region: c.Region.Value,
		DeploymentModel: c.DeploymentModel.Value, CIDR: c.CIDR.Value, PeerCIDRs: c.PeerCIDRs.Value,
		NATGateways: c.NATGateways.Value, Contacts: c.Contacts.Value, Tags: c.Tags.Value,
		IngressRules: c.IngressRules.Value,
	}
}

// hasChanges says whether a request names any field of a custom cloud.
func hasChanges(c cloud.Changes) bool {
	return c.DisplayName.Set || c.Provider.Set || c.Region.Set || c.DeploymentModel.Set || c.CIDR.Set ||
		c.PeerCIDRs.Set || c.NATGateways.Set || c.Contacts.Set || c.Tags.Set || c.IngressRules.Set || c.RoleARN.Set
}

func convert[A, B any](o cloud.Optional[A], f func(A) B) cloud.Optional[B] {
	if !o.Set {
		return cloud.Optional[B]{}
	}
	return cloud.Some(f(o.Value))
}

func contacts(list []object) []cloud.Contact {
	all := make([]cloud.Contact, len(list))
	for i, o := range list {
		all[i] = cloud.Contact{Email: o.textOr("email"), Name: o.textOr("real_name"), Role: o.textOr("role")}
	}
	return all
}

func ingressRules(list []object) []cloud.IngressRule {
	all := make([]cloud.IngressRule, len(list))
	for i, o := range list {
		all[i] = cloud.IngressRule{
			Protocol: o.textOr("protocol"), FromPort: o.port("from_port"), ToPort: o.port("to_port"),
			CIDR: o.textOr("cidr"), SecurityGroupID: o.textOr("security_group_id"), Description: o.textOr("description"),
		}
	}
	return all
}

// port has no default: one that was forgotten must not open every port up to the
// other one.
func (o object) port(name string) int {
	if o.fields != nil && !o.has(name) {
		o.problem("."+name, "Give both ports, 0 to 65535; with protocol icmp or -1 both are -1.")
	}
	return o.number(name).Value
}
