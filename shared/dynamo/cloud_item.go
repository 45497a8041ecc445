package dynamo

import "byoc/shared/cloud"

// cloudItem is a cloud without its network: what an admin edits and what lists
// show.
type cloudItem struct {
	PK              string            `dynamodbav:"pk"`
	SK              string            `dynamodbav:"sk"`
	Entity          string            `dynamodbav:"entity"`
	ID              string            `dynamodbav:"id"`
	OrganizationID  string            `dynamodbav:"organization_id"`
	DisplayName     string            `dynamodbav:"display_name"`
	Provider        string            `dynamodbav:"provider"`
	Region          string            `dynamodbav:"region"`
	DeploymentModel string            `dynamodbav:"deployment_model"`
	CIDR            string            `dynamodbav:"cidr"`
	PeerCIDRs       []string          `dynamodbav:"peer_cidrs,omitempty"`
	NATGateways     string            `dynamodbav:"nat_gateways"`
	Contacts        []contactItem     `dynamodbav:"contacts,omitempty"`
	Tags            map[string]string `dynamodbav:"tags,omitempty"`
	IngressRules    []ingressRuleItem `dynamodbav:"ingress_rules,omitempty"`
	Accounts        []string          `dynamodbav:"accounts,omitempty"`
	Projects        []string          `dynamodbav:"projects,omitempty"`
	Overlaps        []overlapItem     `dynamodbav:"overlaps,omitempty"`
	FreeCIDR        string            `dynamodbav:"free_cidr,omitempty"`
	RoleARN         string            `dynamodbav:"role_arn,omitempty"`
	ExternalID      string            `dynamodbav:"external_id"`
	State           string            `dynamodbav:"state"`
	Attempt         int               `dynamodbav:"attempt"`
	AttemptAt       string            `dynamodbav:"attempt_at,omitempty"`
	Forced          bool              `dynamodbav:"forced,omitempty"`
	Services        int               `dynamodbav:"services,omitempty"`
	Version         int               `dynamodbav:"version"`
	Errors          []string          `dynamodbav:"errors,omitempty"`
	CreatedAt       string            `dynamodbav:"created_at"`
	UpdatedAt       string            `dynamodbav:"updated_at"`
	ExpiresAt       int64             `dynamodbav:"expires_at,omitempty"`
}

// The item types that mirror a domain type field by field are converted to and
// from it, so that a field the domain gains does not compile until it is stored.
type contactItem struct {
	Email        string `dynamodbav:"email"`
	Name         string `dynamodbav:"name,omitempty"`
	Role         string `dynamodbav:"role,omitempty"`
	BouncedAt    string `dynamodbav:"bounced_at,omitempty"`
	ComplainedAt string `dynamodbav:"complained_at,omitempty"`
}

func newContactItem(c cloud.Contact) contactItem {
	return contactItem{c.Email, c.Name, c.Role, formatTime(c.BouncedAt), formatTime(c.ComplainedAt)}
}

func (i contactItem) contact() cloud.Contact {
	return cloud.Contact{Email: i.Email, Name: i.Name, Role: i.Role, BouncedAt: parseTime(i.BouncedAt), ComplainedAt: parseTime(i.ComplainedAt)}
}

type ingressRuleItem struct {
	Protocol        string `dynamodbav:"protocol"`
	FromPort        int    `dynamodbav:"from_port"`
	ToPort          int    `dynamodbav:"to_port"`
	CIDR            string `dynamodbav:"cidr,omitempty"`
	SecurityGroupID string `dynamodbav:"security_group_id,omitempty"`
	Description     string `dynamodbav:"description,omitempty"`
}

type overlapItem struct {
	DisplayName string `dynamodbav:"display_name"`
	CIDR        string `dynamodbav:"cidr"`
}

// keyOfCloud is where a cloud is kept: a deleted one is out of the lists' way.
func keyOfCloud(c cloud.Cloud) key {
	if c.State == cloud.Deleted {
		return deletedKey(c.OrganizationID, c.ID)
	}
	return cloudKey(c.OrganizationID, c.ID)
}

func newCloudItem(c cloud.Cloud) cloudItem {
	k := keyOfCloud(c)
	item := cloudItem{
		PK: k.pk, SK: k.sk, Entity: "cloud",
		ID: c.ID, OrganizationID: c.OrganizationID, DisplayName: c.DisplayName,
		Provider: c.Provider, Region: c.Region, DeploymentModel: c.DeploymentModel,
		CIDR: c.CIDR, PeerCIDRs: c.PeerCIDRs, NATGateways: string(c.NATGateways),
		Contacts:     each(c.Contacts, newContactItem),
		Tags:         c.Tags,
		IngressRules: newIngressRuleItems(c.IngressRules),
		Accounts:     c.Accounts, Projects: c.Projects,
		Overlaps: each(c.Overlaps, func(o cloud.Overlap) overlapItem { return overlapItem(o) }), FreeCIDR: c.FreeCIDR,
		RoleARN: c.RoleARN, ExternalID: c.ExternalID,
		State: string(c.State), Attempt: c.Attempt, AttemptAt: formatTime(c.AttemptAt), Forced: c.Forced, Services: c.Services, Version: c.Version, Errors: c.Errors,
		CreatedAt: formatTime(c.CreatedAt), UpdatedAt: formatTime(c.UpdatedAt),
	}
	if c.State == cloud.Deleted {
		item.ExpiresAt = c.UpdatedAt.Add(keepDeleted).Unix()
	}
	return item
}

// readCloud reads a cloudItem, without its network. It goes over what the item
// has: a list has hundreds of rows, and to look for each attribute takes twice as
// long.
func readCloud(r *reader) (c cloud.Cloud) {
	for name, v := range r.item {
		switch name {
		case "id":
			c.ID = r.asText(name, v)
		case "organization_id":
			c.OrganizationID = r.asText(name, v)
		case "display_name":
			c.DisplayName = r.asText(name, v)
		case "provider":
			c.Provider = r.asText(name, v)
		case "region":
			c.Region = r.asText(name, v)
		case "deployment_model":
			c.DeploymentModel = r.asText(name, v)
		case "cidr":
			c.CIDR = r.asText(name, v)
		case "peer_cidrs":
			c.PeerCIDRs = r.asTexts(name, v)
		case "nat_gateways":
			c.NATGateways = cloud.NATLayout(r.asText(name, v))
		case "contacts":
			c.Contacts = asListOf(r, name, v, readContact)
		case "tags":
			c.Tags = r.asTextMap(name, v)
		case "ingress_rules":
			c.IngressRules = asListOf(r, name, v, readIngressRule)
		case "accounts":
			c.Accounts = r.asTexts(name, v)
		case "projects":
			c.Projects = r.asTexts(name, v)
		case "overlaps":
			c.Overlaps = asListOf(r, name, v, readOverlap)
		case "free_cidr":
			c.FreeCIDR = r.asText(name, v)
		case "role_arn":
			c.RoleARN = r.asText(name, v)
		case "external_id":
			c.ExternalID = r.asText(name, v)
		case "state":
			c.State = cloud.State(r.asText(name, v))
		case "attempt":
			c.Attempt = r.asNumber(name, v)
		case "attempt_at":
			c.AttemptAt = r.asTime(name, v)
		case "forced":
			c.Forced = r.asFlag(name, v)
		case "services":
			c.Services = r.asNumber(name, v)
		case "version":
			c.Version = r.asNumber(name, v)
		case "errors":
			c.Errors = r.asTexts(name, v)
		case "created_at":
			c.CreatedAt = r.asTime(name, v)
		case "updated_at":
			c.UpdatedAt = r.asTime(name, v)
		}
	}
	return c
}

func readOverlap(r *reader) cloud.Overlap {
	return cloud.Overlap{DisplayName: r.text("display_name"), CIDR: r.text("cidr")}
}

func readContact(r *reader) (c cloud.Contact) {
	for name, v := range r.item {
		switch name {
		case "email":
			c.Email = r.asText(name, v)
		case "name":
			c.Name = r.asText(name, v)
		case "role":
			c.Role = r.asText(name, v)
		case "bounced_at":
			c.BouncedAt = r.asTime(name, v)
		case "complained_at":
			c.ComplainedAt = r.asTime(name, v)
		}
	}
	return c
}

func readIngressRule(r *reader) cloud.IngressRule {
	return cloud.IngressRule{
		Protocol: r.text("protocol"), FromPort: r.number("from_port"), ToPort: r.number("to_port"),
		CIDR: r.text("cidr"), SecurityGroupID: r.text("security_group_id"), Description: r.text("description"),
	}
}

func newIngressRuleItems(rules []cloud.IngressRule) []ingressRuleItem {
	return each(rules, func(r cloud.IngressRule) ingressRuleItem { return ingressRuleItem(r) })
}

// each converts a list; nil stays nil, so that what is read is what was written.
func each[From, To any](list []From, convert func(From) To) []To {
	if list == nil {
		return nil
	}
	out := make([]To, len(list))
	for i, v := range list {
		out[i] = convert(v)
	}
	return out
}
