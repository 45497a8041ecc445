package httpapi

// A custom cloud writes itself, field by field: it is what nearly all answers
// are made of, and by reflection it takes two thirds longer. A test holds what is
// written here to the fields' tags.

// appender writes itself as JSON.
type appender interface{ appendTo(b []byte) []byte }

// cloudAnswered is the answer that has one custom cloud.
type cloudAnswered struct {
	Cloud cloudView `json:"custom_cloud_environment"`
}

func (v *cloudAnswered) appendTo(b []byte) []byte {
	b = append(b, `{"custom_cloud_environment":`...)
	return append(v.Cloud.appendTo(b), '}')
}

func (v *rowView) appendTo(b []byte) []byte { return append(v.appendFields(b), '}') }

// appendFields leaves the object open.
func (v *rowView) appendFields(b []byte) []byte {
	b = appendText(b, `{"custom_cloud_environment_id":`, v.ID)
	b = appendText(b, `,"organization_id":`, v.OrganizationID)
	b = appendText(b, `,"display_name":`, v.DisplayName)
	b = appendText(b, `,"state":`, string(v.State))
	b = appendList(b, `,"errors":`, v.Errors, (*errorView).appendTo)
	b = appendText(b, `,"create_time":`, v.CreateTime)
	b = appendText(b, `,"update_time":`, v.UpdateTime)
	b = appendText(b, `,"cloud_provider":`, v.CloudProvider)
	b = appendText(b, `,"cloud_region":`, v.CloudRegion)
	b = appendText(b, `,"deployment_model":`, v.DeploymentModel)
	b = appendText(b, `,"reserved_cidr":`, v.ReservedCIDR)
	b = appendText(b, `,"nat_gateways":`, string(v.NATGateways))
	b = appendList(b, `,"contact_emails":`, v.ContactEmails, (*contactView).appendTo)
	b = appendMap(b, `,"tags":`, v.Tags, quote)
	b = appendTextOrNull(b, `,"aws_iam_role_arn":`, v.RoleARN)
	b = appendList(b, `,"custom_cloud_names":`, v.CustomNames, quote)
	b = appendText(b, `,"availability":`, v.Availability)
	return appendNumber(b, `,"services":`, v.Services)
}

func (v *cloudView) appendTo(b []byte) []byte {
	b = v.rowView.appendFields(b)
	b = appendList(b, `,"peer_cidrs":`, v.PeerCIDRs, quote)
	b = appendList(b, `,"ingress_rules":`, v.IngressRules, (*ruleView).appendTo)
	b = appendText(b, `,"aiven_aws_account_principal":`, v.Principal)
	b = appendText(b, `,"aiven_aws_assume_role_external_id":`, v.ExternalID)
	b = appendList(b, `,"aiven_management_cidr_blocks":`, v.ManagementCIDRs, quote)
	b = appendMap(b, `,"aws_subnets_bastion":`, v.BastionSubnets, (*subnetView).appendTo)
	b = appendMap(b, `,"aws_subnets_workload":`, v.WorkloadSubnets, (*subnetView).appendTo)
	b = appendText(b, `,"byoc_unique_name":`, v.UniqueName)
	b = appendMap(b, `,"byoc_resource_tags":`, v.ResourceTags, quote)
	b = appendMap(b, `,"bucket_names":`, v.BucketNames, quote)
	b = appendFlag(b, `,"use_customer_owned_storage":`, v.CustomerStorage)
	b = v.Plan.appendTo(append(b, `,"plan":`...))
	b = v.MonthlyPrice.appendTo(append(b, `,"monthly_price":`...))
	b = appendList(b, `,"warnings":`, v.Warnings, (*warning).appendTo)
	b = appendList(b, `,"next_steps":`, v.NextSteps, (*nextStep).appendTo)
	b = v.Provisioning.appendTo(append(b, `,"provisioning":`...))
	b = appendList(b, `,"disconnected_reasons":`, v.Reasons, (*reasonView).appendTo)
	b = v.Template.appendTo(append(b, `,"template":`...))
	return append(b, '}')
}

func (v *errorView) appendTo(b []byte) []byte {
	b = appendText(b, `{"category":`, v.Category)
	b = appendText(b, `,"message":`, v.Message)
	return append(b, '}')
}

func (v *contactView) appendTo(b []byte) []byte {
	b = appendText(b, `{"email":`, v.Email)
	b = appendGiven(b, `,"real_name":`, v.Name)
	b = appendGiven(b, `,"role":`, v.Role)
	b = appendGiven(b, `,"bounced_at":`, v.BouncedAt)
	b = appendGiven(b, `,"complained_at":`, v.ComplainedAt)
	return append(b, '}')
}

func (v *ruleView) appendTo(b []byte) []byte {
	b = appendText(b, `{"protocol":`, v.Protocol)
	b = appendNumber(b, `,"from_port":`, v.FromPort)
	b = appendNumber(b, `,"to_port":`, v.ToPort)
	b = appendGiven(b, `,"cidr":`, v.CIDR)
	b = appendGiven(b, `,"security_group_id":`, v.SecurityGroupID)
	b = appendText(b, `,"description":`, v.Description)
	return append(b, '}')
}

func (v *subnetView) appendTo(b []byte) []byte {
	b = appendText(b, `{"cidr":`, v.CIDR)
	b = appendText(b, `,"availability_zone":`, v.AvailabilityZone)
	b = appendText(b, `,"subnet_id":`, v.SubnetID)
	return append(b, '}')
}

func (v *planView) appendTo(b []byte) []byte {
	b = appendText(b, `{"reserved_cidr":`, v.ReservedCIDR)
	b = appendFlag(b, `,"assumed":`, v.Assumed)
	b = appendList(b, `,"zones":`, v.Zones, (*zoneView).appendTo)
	b = appendNumber(b, `,"service_nodes":`, v.ServiceNodes)
	return append(b, '}')
}

func (v *zoneView) appendTo(b []byte) []byte {
	b = appendNumber(b, `{"position":`, v.Position)
	b = appendGiven(b, `,"availability_zone_id":`, v.ID)
	b = appendGiven(b, `,"availability_zone":`, v.Name)
	b = v.Bastion.appendTo(append(b, `,"bastion":`...))
	b = v.Workload.appendTo(append(b, `,"workload":`...))
	b = appendNumber(b, `,"service_nodes":`, v.Nodes)
	return append(b, '}')
}

func (v *rangeView) appendTo(b []byte) []byte {
	b = appendText(b, `{"cidr":`, v.CIDR)
	b = appendNumber(b, `,"usable_addresses":`, v.Usable)
	return append(b, '}')
}

func (v *priceView) appendTo(b []byte) []byte {
	b = appendText(b, `{"currency":`, v.Currency)
	b = appendText(b, `,"amount":`, v.Amount)
	b = appendList(b, `,"items":`, v.Items, (*priceItem).appendTo)
	b = appendText(b, `,"price_list_date":`, v.PriceListDate)
	b = appendFlag(b, `,"estimate":`, v.Estimate)
	b = appendText(b, `,"not_included":`, v.NotIncluded)
	b = appendText(b, `,"alternative":{"nat_gateways":`, string(v.Alternative.NATGateways))
	b = appendText(b, `,"amount":`, v.Alternative.Amount)
	return append(b, "}}"...)
}

func (v *priceItem) appendTo(b []byte) []byte {
	b = appendText(b, `{"name":`, v.Name)
	b = appendNumber(b, `,"quantity":`, v.Quantity)
	b = appendText(b, `,"per_hour":`, v.PerHour)
	b = appendText(b, `,"amount":`, v.Amount)
	return append(b, '}')
}

func (v *warning) appendTo(b []byte) []byte {
	b = appendText(b, `{"code":`, v.Code)
	b = appendText(b, `,"message":`, v.Message)
	b = appendText(b, `,"action":`, v.Action)
	return append(b, '}')
}

func (v *nextStep) appendTo(b []byte) []byte {
	b = appendText(b, `{"title":`, v.Title)
	b = appendText(b, `,"text":`, v.Text)
	b = appendList(b, `,"commands":`, v.Commands, quote)
	b = appendGiven(b, `,"url":`, v.URL)
	return append(b, '}')
}

func (v *progressView) appendTo(b []byte) []byte {
	b = appendNumber(b, `{"attempt":`, v.Attempt)
	b = appendNumber(b, `,"percentage":`, v.Percentage)
	b = appendText(b, `,"now":`, v.Now)
	b = appendList(b, `,"steps":`, v.Steps, (*stepView).appendTo)
	b = appendList(b, `,"leftovers":`, v.Left, (*leftoverView).appendTo)
	return append(b, '}')
}

func (v *stepView) appendTo(b []byte) []byte {
	b = appendText(b, `{"key":`, v.Key)
	b = appendText(b, `,"title":`, v.Title)
	b = appendGiven(b, `,"availability_zone_id":`, v.Zone)
	b = appendText(b, `,"state":`, string(v.State))
	b = appendGiven(b, `,"resource_id":`, v.ResourceID)
	b = appendGiven(b, `,"reason":`, v.Reason)
	b = appendGiven(b, `,"started":`, v.Started)
	b = appendGiven(b, `,"ended":`, v.Ended)
	b = appendNumber(b, `,"usual_seconds":`, v.UsualSeconds)
	return append(b, '}')
}

func (v *leftoverView) appendTo(b []byte) []byte {
	b = appendText(b, `{"kind":`, v.Kind)
	b = appendText(b, `,"id":`, v.ID)
	b = appendText(b, `,"reason":`, v.Reason)
	b = appendText(b, `,"command":`, v.Command)
	return append(b, '}')
}

func (v *reasonView) appendTo(b []byte) []byte {
	b = appendText(b, `{"reason":`, string(v.Reason))
	b = appendGiven(b, `,"resource":`, v.Resource)
	b = appendGiven(b, `,"action":`, v.Action)
	b = appendGiven(b, `,"property":`, v.Property)
	b = appendText(b, `,"message":`, v.Message)
	b = appendText(b, `,"since":`, v.Since)
	return append(b, '}')
}

func (v *templateView) appendTo(b []byte) []byte {
	b = appendText(b, `{"version":`, v.Version)
	b = appendText(b, `,"sha256":`, v.SHA256)
	b = appendTextOrNull(b, `,"applied_version":`, v.Applied)
	b = appendTextOrNull(b, `,"edits":`, v.Edits)
	b = appendFlag(b, `,"newer_should_be_applied":`, v.Newer)
	return append(b, '}')
}
