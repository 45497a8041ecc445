package cloud

import (
	"fmt"
	"net/mail"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"byoc/shared/address"
)

// Description is what a customer says of a custom cloud, on creation and on
// every change: defaults filled, not yet validated.
type Description struct {
	DisplayName     string
	Provider        string
	Region          string
	DeploymentModel string
	CIDR            string
	PeerCIDRs       []string
	NATGateways     NATLayout
	Contacts        []Contact
	Tags            map[string]string
	IngressRules    []IngressRule
}

// Limits of a description.
const (
	MaxDisplayName  = 64
	MaxContacts     = 100
	MaxEmail        = 254
	MaxContactText  = 256
	MaxTags         = 30
	MaxTagValue     = 255
	MaxIngressRules = 50
	MaxPeerCIDRs    = 50
)

// Describe is the description that a cloud holds now.
func (c Cloud) Describe() Description {
	return Description{
		DisplayName: c.DisplayName, Provider: c.Provider, Region: c.Region,
		DeploymentModel: c.DeploymentModel, CIDR: c.CIDR, PeerCIDRs: c.PeerCIDRs,
		NATGateways: c.NATGateways, Contacts: c.Contacts, Tags: c.Tags, IngressRules: c.IngressRules,
	}
}

// apply puts a normalized, valid description into a cloud.
func (c *Cloud) apply(d Description) {
	c.DisplayName, c.Provider, c.Region = d.DisplayName, d.Provider, d.Region
	c.DeploymentModel, c.CIDR, c.PeerCIDRs = d.DeploymentModel, d.CIDR, d.PeerCIDRs
	c.NATGateways, c.Contacts, c.Tags, c.IngressRules = d.NATGateways, d.Contacts, d.Tags, d.IngressRules
}

// normalize trims what is trimmed before it is compared or kept.
func (d Description) normalize() Description {
	d.DisplayName = strings.TrimSpace(d.DisplayName)
	d.Contacts = slices.Clone(d.Contacts)
	for i := range d.Contacts {
		d.Contacts[i].Email = strings.TrimSpace(d.Contacts[i].Email)
	}
	if d.NATGateways == "" {
		d.NATGateways = NATPerZone
	}
	return d
}

// FoldName is the form in which display names are compared: without regard to
// case, to how accents are composed, and to compatible forms of one character
// (full width, ligatures, Roman numerals). Characters of other scripts that only
// look alike stay different: names are labels, and never decide who may do what.
func FoldName(name string) string {
	// ASCII has no other forms, and its cases are pairs.
	if ascii(name) {
		return strings.ToLower(strings.TrimSpace(name))
	}
	folded := norm.NFKC.String(strings.TrimSpace(name))
	return norm.NFKC.String(strings.ToLower(strings.ToUpper(folded)))
}

// problems collects the invalid fields of one request.
type problems []Field

func (p *problems) add(location, format string, args ...any) {
	*p = append(*p, Field{Location: location, Message: fmt.Sprintf(format, args...)})
}

// at is the location of an element of a list.
func at(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }

func (p problems) err() error {
	return InvalidFields(p)
}

// MaxReported is how many invalid fields an error names: more than a request that
// is meant well can have, and few enough to be answered by a Lambda function.
const MaxReported = 1000

// InvalidFields is the error that names them all, or the first MaxReported; nil
// for none. Its message holds the first few sentences, because some clients show
// nothing else.
func InvalidFields(fields []Field) error {
	const shown = 5
	switch n := len(fields); {
	case n == 0:
		return nil
	case n == 1:
		return &Error{Code: Invalid, Message: fields[0].Message, Fields: fields}
	}
	message := fmt.Sprintf("%d fields are not valid.", len(fields))
	for _, f := range fields[:min(shown, len(fields))] {
		message += fmt.Sprintf(" %s: %s", f.Location, f.Message)
	}
	if len(fields) > shown {
		message += " And more, in errors."
	}
	return &Error{Code: Invalid, Message: message, Fields: fields[:min(MaxReported, len(fields))]}
}

// Regions that this version knows: AWS's commercial regions with at least two
// ordinary availability zones. Whether the account has one of them enabled is
// for preflight to find out.
var regions = []string{
	"af-south-1",
	"ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
	"ap-south-1", "ap-south-2", "ap-southeast-1", "ap-southeast-2", "ap-southeast-3",
	"ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7",
	"ca-central-1", "ca-west-1",
	"eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2",
	"eu-west-1", "eu-west-2", "eu-west-3",
	"il-central-1", "me-central-1", "me-south-1", "mx-central-1",
	"sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

// Regions lists the AWS regions in which a custom cloud can be.
func Regions() []string { return slices.Clone(regions) }

var (
	otherProviders = []string{"google", "azure", "oracle"}
	otherModels    = []string{"standard_public", "hipaa", "pci_dss", "ipsec_ingress", "direct_ipsec_ingress"}
)

const (
	maxTagKey              = 63
	minGroupID, maxGroupID = len("sg-") + 8, len("sg-") + 17
)

// TagKeyPrefix is what the compatible command-line client puts before every
// tag key. It is kept and does not count.
const TagKeyPrefix = "byoc_resource_tag:"

// By makes the person who creates a cloud its contact, as Admin, where the
// description names none.
func (d Description) By(actor Principal) Description {
	d.Contacts = contactsOr(d.Contacts, actor)
	return d
}

func contactsOr(contacts []Contact, actor Principal) []Contact {
	if contacts == nil && actor.Email != "" {
		return []Contact{{Email: actor.Email, Name: actor.Name, Role: "Admin"}}
	}
	return contacts
}

// Problems are the invalid fields of a description.
func (d Description) Problems() []Field {
	var p problems
	d = d.normalize()
	p.description(d)
	p.contacts(d.Contacts)
	return p
}

// description is all but the contacts.
func (p *problems) description(d Description) {
	p.displayName(d.DisplayName)
	switch {
	case d.Provider == "aws":
	case slices.Contains(otherProviders, d.Provider):
		p.add("body.cloud_provider", "Self-service covers AWS. To have a custom cloud created on %s, send a request to custom-cloud-requests of your organization.", d.Provider)
	default:
		p.add("body.cloud_provider", "The cloud provider must be aws.")
	}
	if !slices.Contains(regions, d.Region) {
		p.add("body.cloud_region", "This is not an AWS region that a custom cloud can be in. Use a region's name without prefix, for example eu-west-1.")
	}
	switch {
	case d.DeploymentModel == "standard":
	case slices.Contains(otherModels, d.DeploymentModel):
		p.add("body.deployment_model", "Only the standard deployment model is supported.")
	default:
		p.add("body.deployment_model", "The deployment model must be standard.")
	}
	p.ranges(d)
	if d.NATGateways != NATPerZone && d.NATGateways != NATSingle {
		p.add("body.nat_gateways", "Must be per_az (a NAT gateway in each availability zone) or single.")
	}
	p.tags(d.Tags)
	p.ingressRules(d.IngressRules)
}

func (p *problems) displayName(name string) {
	if name == "" || utf8.RuneCountInString(name) > MaxDisplayName {
		p.add("body.display_name", "The name must have 1 to %d characters.", MaxDisplayName)
	}
	if !printable(name) {
		p.add("body.display_name", "The name must not contain control or invisible formatting characters.")
	}
}

func (p *problems) ranges(d Description) {
	own, err := address.Parse(d.CIDR)
	if err != nil {
		p.add("body.reserved_cidr", "%s", err)
	}
	if len(d.PeerCIDRs) > MaxPeerCIDRs {
		p.add("body.peer_cidrs", "At most %d ranges are possible.", MaxPeerCIDRs)
		return
	}
	for i, s := range d.PeerCIDRs {
		location := at("body.peer_cidrs", i)
		var peer netip.Prefix
		if peer, err = address.ParsePeer(s); err != nil {
			p.add(location, "%s", err)
		} else if own.IsValid() && peer.Overlaps(own) {
			p.add(location, "The range overlaps with %s. Two networks that are to be peered must not share addresses; the range of a custom cloud never changes after its creation.", own)
		}
	}
}

func (p *problems) contacts(contacts []Contact) {
	if len(contacts) < 1 || len(contacts) > MaxContacts {
		p.add("body.contact_emails", "1 to %d contacts are needed.", MaxContacts)
		return
	}
	seen := map[string]bool{}
	for i, c := range contacts {
		location := at("body.contact_emails", i)
		if !validEmail(c.Email) {
			p.add(location+".email", "This is not an email address of at most %d ASCII characters, such as ops@example.com.", MaxEmail)
		} else if key := strings.ToLower(c.Email); seen[key] {
			p.add(location+".email", "The address is there twice.")
		} else {
			seen[key] = true
		}
		if utf8.RuneCountInString(c.Name) > MaxContactText || !printable(c.Name) {
			p.add(location+".real_name", "At most %d characters, none of them control characters.", MaxContactText)
		}
		if utf8.RuneCountInString(c.Role) > MaxContactText || !printable(c.Role) {
			p.add(location+".role", "At most %d characters, none of them control characters.", MaxContactText)
		}
	}
}

func validEmail(s string) bool {
	// SES takes none with other letters: a domain has to be in its ASCII form.
	if len(s) > MaxEmail || !printable(s) || !ascii(s) {
		return false
	}
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && a.Name == ""
}

func (p *problems) tags(tags map[string]string) {
	if len(tags) > MaxTags {
		p.add("body.tags", "At most %d tags are possible.", MaxTags)
		return
	}
	for k, v := range tags {
		bare := strings.TrimPrefix(k, TagKeyPrefix)
		location := func() string { return fmt.Sprintf("body.tags.%.80s", k) }
		if len(bare) > maxTagKey || !madeOf(bare, lower+digits+"-") || bare != strings.Trim(bare, "-") {
			p.add(location(), "A key has 1 to 63 lower case ASCII letters, digits and inner dashes.")
		} else if strings.HasPrefix(bare, "aiven") || strings.HasPrefix(bare, "aws") {
			p.add(location(), "Keys that start with aiven or aws are reserved.")
		}
		if utf8.RuneCountInString(v) > MaxTagValue || !printable(v) {
			p.add(location(), "A value has at most %d characters, none of them control characters.", MaxTagValue)
		}
	}
}
