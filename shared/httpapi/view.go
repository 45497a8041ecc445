package httpapi

import (
	"strconv"

	"byoc/shared/cloud"
	"byoc/shared/template"
)

// rowView is a custom cloud in a list.
type rowView struct {
	ID              string            `json:"custom_cloud_environment_id"`
	OrganizationID  string            `json:"organization_id"`
	DisplayName     string            `json:"display_name"`
	State           cloud.State       `json:"state"`
	Errors          []errorView       `json:"errors"`
	CreateTime      string            `json:"create_time"`
	UpdateTime      string            `json:"update_time"`
	CloudProvider   string            `json:"cloud_provider"`
	CloudRegion     string            `json:"cloud_region"`
	DeploymentModel string            `json:"deployment_model"`
	ReservedCIDR    string            `json:"reserved_cidr"`
	NATGateways     cloud.NATLayout   `json:"nat_gateways"`
	ContactEmails   []contactView     `json:"contact_emails"`
	Tags            map[string]string `json:"tags"`
	RoleARN         *string           `json:"aws_iam_role_arn"`
	CustomNames     []string          `json:"custom_cloud_names"`
	Availability    string            `json:"availability"`
	Services        int               `json:"services"`
}

// cloudView is a custom cloud by itself.
type cloudView struct {
	rowView
	PeerCIDRs       []string              `json:"peer_cidrs"`
	IngressRules    []ruleView            `json:"ingress_rules"`
	Principal       string                `json:"aiven_aws_account_principal"`
	ExternalID      string                `json:"aiven_aws_assume_role_external_id"`
	ManagementCIDRs []string              `json:"aiven_management_cidr_blocks"`
	BastionSubnets  map[string]subnetView `json:"aws_subnets_bastion"`
	WorkloadSubnets map[string]subnetView `json:"aws_subnets_workload"`
	UniqueName      string                `json:"byoc_unique_name"`
	ResourceTags    map[string]string     `json:"byoc_resource_tags"`
	// BucketNames is an object, because the compatible Go client reads one.
	BucketNames     map[string]string `json:"bucket_names"`
	CustomerStorage bool              `json:"use_customer_owned_storage"`
	Plan            planView          `json:"plan"`
	MonthlyPrice    priceView         `json:"monthly_price"`
	Warnings        []warning         `json:"warnings"`
	NextSteps       []nextStep        `json:"next_steps"`
	Provisioning    progressView      `json:"provisioning"`
	// Reasons why the cloud is disconnected, what lasted longest first.
	Reasons  []reasonView `json:"disconnected_reasons"`
	Template templateView `json:"template"`
}

type errorView struct {
	Category string `json:"category"`
	Message  string `json:"message"`
}

// contactView leaves out what is not known: the compatible Terraform provider
// takes an empty string for a change.
type contactView struct {
	Email string `json:"email"`
	Name  string `json:"real_name,omitempty"`
	Role  string `json:"role,omitempty"`
	// BouncedAt and ComplainedAt say since when no mail is sent there.
	BouncedAt    string `json:"bounced_at,omitempty"`
	ComplainedAt string `json:"complained_at,omitempty"`
}

type ruleView struct {
	Protocol        string `json:"protocol"`
	FromPort        int    `json:"from_port"`
	ToPort          int    `json:"to_port"`
	CIDR            string `json:"cidr,omitempty"`
	SecurityGroupID string `json:"security_group_id,omitempty"`
	Description     string `json:"description"`
}

type subnetView struct {
	CIDR             string `json:"cidr"`
	AvailabilityZone string `json:"availability_zone"`
	SubnetID         string `json:"subnet_id"`
}

// templateView is the template that can be downloaded now, beside what is known
// of the one that was applied.
type templateView struct {
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	// Applied is the version that the role was last seen with; null where that
	// is not known.
	Applied *string `json:"applied_version"`
	// Edits says how the role was seen to differ from that version; null where it
	// does not, or that is not known.
	Edits *string `json:"edits"`
	// Newer says that the role was seen with an older version than Version, which
	// should be applied now.
	Newer bool `json:"newer_should_be_applied"`
}

func templateOf(seen cloud.SeenTemplate, newest string) templateView {
	v := templateView{Version: newest, SHA256: template.SHA256()}
	if n, err := strconv.Atoi(newest); err == nil {
		v.Newer = seen.Version > 0 && seen.Version < n
	}
	if seen.Version > 0 {
		text := strconv.Itoa(seen.Version)
		v.Applied = &text
	}
	if edits := seen.Edits; edits != "" {
		v.Edits = &edits
	}
	return v
}

// Values of availability.
const (
	allProjects = "all_projects"
	bySelection = "by_selection"
)

// tagCloud is the tag, beside Name, that every resource of a cloud carries.
const tagCloud = "aiven_custom_cloud_environment_id"

func rowOf(x cloud.Cloud, o cloud.Organization, times *timeTexts) rowView {
	v := rowView{
		ID: x.ID, OrganizationID: x.OrganizationID, DisplayName: x.DisplayName, State: x.State,
		Errors: []errorView{}, CreateTime: times.of(x.CreatedAt), UpdateTime: times.of(x.UpdatedAt),
		CloudProvider: x.Provider, CloudRegion: x.Region, DeploymentModel: x.DeploymentModel,
		ReservedCIDR: x.CIDR, NATGateways: x.NATGateways, ContactEmails: contactViews(x.Contacts, times), Tags: x.Tags,
		CustomNames: list(x.Names()), Availability: bySelection, Services: x.Services,
	}
	for _, m := range x.Errors {
		v.Errors = append(v.Errors, errorView{"general_error", m})
	}
	if v.Tags == nil {
		v.Tags = map[string]string{}
	}
	if arn := x.RoleARN; arn != "" {
		v.RoleARN = &arn
	}
	for _, a := range x.Accounts {
		if a == o.AccountID {
			v.Availability = allProjects
		}
	}
	return v
}

func (s *server) view(x cloud.Cloud, o cloud.Organization) cloudView {
	times := new(timeTexts)
	// Two of each step, and those of the row.
	times.grow(2*len(x.Network.Steps) + 4)
	v := cloudView{
		rowView:   rowOf(x, o, times),
		PeerCIDRs: list(x.PeerCIDRs), IngressRules: []ruleView{},
		Principal: s.Settings.Principal, ExternalID: x.ExternalID, ManagementCIDRs: []string{},
		BastionSubnets: make(map[string]subnetView, len(x.Network.Zones)), WorkloadSubnets: make(map[string]subnetView, len(x.Network.Zones)),
		UniqueName: x.Stem(), ResourceTags: map[string]string{tagCloud: x.ID}, BucketNames: map[string]string{},
		Plan: planOf(x), MonthlyPrice: priceOf(x), Warnings: warningsOf(x), NextSteps: s.nextSteps(x),
		Provisioning: progressOf(x, times), Reasons: reasonsOf(x), Template: templateOf(x.Template, s.newest),
	}
	for _, p := range s.Settings.ManagementCIDRs {
		v.ManagementCIDRs = append(v.ManagementCIDRs, p.String())
	}
	for _, r := range x.IngressRules {
		v.IngressRules = append(v.IngressRules, ruleView(r))
	}
	for _, z := range x.Network.Zones {
		v.BastionSubnets[z.ID] = subnetView{z.Bastion, z.Name, x.Network.Step(bastionSubnetStep + "/" + z.ID).ResourceID}
		v.WorkloadSubnets[z.ID] = subnetView{z.Workload, z.Name, x.Network.Step(workloadSubnetStep + "/" + z.ID).ResourceID}
	}
	return v
}

func contactViews(contacts []cloud.Contact, times *timeTexts) []contactView {
	views := make([]contactView, 0, len(contacts))
	for _, c := range contacts {
		views = append(views, contactView{c.Email, c.Name, c.Role, times.of(c.BouncedAt), times.of(c.ComplainedAt)})
	}
	return views
}

// list is never null in JSON.
func list[T any](values []T) []T {
	if values == nil {
		return []T{}
	}
	return values
}
