package notify

import (
	"fmt"
	"html"
	"net/url"
	"strings"

	"byoc/shared/cloud"
)

// Mail is one message to one contact.
type Mail struct {
	To      string
	Subject string
	Text    string
	HTML    string
	// OrganizationID and CloudID travel with it, and come back with what becomes of it.
	OrganizationID string
	CloudID        string
}

// Mailed says whether entering a state is told to the contacts, by the states
// before and after.
func Mailed(from, to cloud.State) bool {
	switch to {
	case cloud.CreationFailed, cloud.Disconnected, cloud.DeletionFailed:
		return true
	case cloud.Active:
		return from == cloud.Creating || from == cloud.Reconnecting
	case cloud.Deleted:
		return from == cloud.Deleting
	}
	return false
}

// Writer writes mails.
type Writer struct {
	// Vendor is the name that people know.
	Vendor string
	// CloudURL is where a custom cloud is to be seen, with OrganizationInURL and
	// CloudInURL in place of the ids.
	CloudURL string
}

// What stands for the ids in a Writer's CloudURL.
const (
	OrganizationInURL = "{organization_id}"
	CloudInURL        = "{custom_cloud_environment_id}"
)

// Compose writes the mail about an event to one contact. What a customer typed
// (the cloud's name, the contact's name) is only ever text of one line, and the
// HTML part escapes everything.
func (w Writer) Compose(c cloud.Cloud, e cloud.Event, contact cloud.Contact) Mail {
	name, link := oneLine(c.DisplayName), w.link(c)
	subject, paragraphs := content(c, e)
	if contact.Name != "" {
		paragraphs = append([]string{"Hello " + oneLine(contact.Name) + ","}, paragraphs...)
	}
	paragraphs = append(paragraphs,
		fmt.Sprintf("Custom cloud: %s\nId: %s\nRegion: AWS %s\nAWS account: %s\nState: %s\nTime: %s\nDetails and next steps: %s",
			name, c.ID, c.Region, orDash(c.AccountID()), e.To, e.At.UTC().Format("2006-01-02 15:04:05 UTC"), link),
		fmt.Sprintf("You get this mail because you are a contact of this custom cloud. Administrators of your organization can change its contacts.\n%s", w.Vendor))
	return Mail{
		To:      contact.Email,
		Subject: oneLine(fmt.Sprintf("[%s BYOC] %s: %s", w.Vendor, name, subject)),
		Text:    strings.Join(paragraphs, "\n\n") + "\n",
		HTML:    markup(paragraphs, link),

		OrganizationID: c.OrganizationID, CloudID: c.ID,
	}
}

func (w Writer) link(c cloud.Cloud) string {
	return strings.NewReplacer(OrganizationInURL, url.PathEscape(c.OrganizationID), CloudInURL, url.PathEscape(c.ID)).Replace(w.CloudURL)
}

// content tells of the event, and of the cloud only what never changes: it may
// be written late.
func content(c cloud.Cloud, e cloud.Event) (subject string, paragraphs []string) {
	switch e.To {
	case cloud.Active:
		if e.From == cloud.Reconnecting {
			return "connected again", []string{
				"Your custom cloud is connected again and active. There is nothing for you to do.",
			}
		}
		c.State = cloud.Active
		return "active", []string{
			"Your custom cloud is active and ready to use.",
			"To create a service in it, choose this cloud name: " + strings.Join(c.Names(), ", "),
			fmt.Sprintf("Keep the IAM role %s. The custom cloud is managed through it: without it we can neither check, repair nor remove the network. Run terraform destroy only after the custom cloud is deleted.", c.RoleName()),
		}
	case cloud.CreationFailed:
		return "creation failed", append(append([]string{"Your custom cloud could not be created."}, reasons(e)...),
			"When you have mended that, provision the custom cloud again: it starts a new attempt with the same settings.")
	case cloud.Disconnected:
		return "disconnected", disconnected(e)
	case cloud.Deleted:
		if len(e.Leftovers) > 0 {
			return "deleted, resources are left", append(append([]string{"Your custom cloud is deleted, and some of its resources are left in your AWS account. They go on costing money until you remove them."}, reasons(e)...),
				"Run the commands in this order. The IAM role is not used any more: run terraform destroy with the same variables file, or delete the CloudFormation stack, if it is still there.")
		}
		return "deleted", []string{
			"Your custom cloud is deleted. " + e.Message,
			"You can remove the IAM role now: run terraform destroy with the same variables file, or delete the CloudFormation stack.",
		}
	case cloud.DeletionFailed:
		return "deletion failed", append(append([]string{"Your custom cloud could not be deleted completely."}, reasons(e)...),
			"When you have mended that, delete the custom cloud again. If the role is gone for good, run the commands in this order, or apply the template again, and then delete the custom cloud once more. An administrator of your organization can also close it by force: what is left stays in your account then.")
	}
	return string(e.To), []string{e.Message}
}

// disconnected tells drift from a role that was lost: a repair mends the one,
// the template the other.
func disconnected(e cloud.Event) []string {
	drift := len(cloud.Drift(e.Defects))
	what := "We have lost the connection to your custom cloud. Services in it keep running, but we cannot manage the network."
	if drift > 0 && drift == len(e.Defects) {
		what = "The network of your custom cloud is not as it should be. Services in it may be affected, and we manage it no more until that is mended."
	}
	list := append([]string{what}, reasons(e)...)
	if drift < len(e.Defects) {
		list = append(list, "If the role is gone or was changed, apply the template again with the same variables file.")
	}
	if drift > 0 {
		list = append(list, "An administrator of your organization can repair the custom cloud: that puts back what is missing or altered.")
	}
	return append(list, "Once that is mended the custom cloud connects again by itself.")
}

// reasons are why it happened, and what is left in the account.
func reasons(e cloud.Event) []string {
	why := []string{"Reason: " + e.Message}
	for _, d := range e.Defects {
		if d.Message != e.Message {
			why = append(why, d.Message)
		}
	}
	if more := len(why) - maxReasons; more > 0 {
		why = append(why[:maxReasons], fmt.Sprintf("%d more differences.", more))
	}
	list := []string{strings.Join(why, "\n")}
	for _, l := range e.Leftovers {
		list = append(list, fmt.Sprintf("Left in the account: %s %s. %s\n%s", l.Kind, l.ID, l.Reason, l.Command))
	}
	return list
}

// maxReasons in a mail: a VPC that is gone takes everything with it.
const maxReasons = 20

// markup renders paragraphs as HTML that plain clients show well too.
func markup(paragraphs []string, link string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><body>\n")
	address := html.EscapeString(link)
	for _, p := range paragraphs {
		p = html.EscapeString(p)
		if text, is := strings.CutSuffix(p, address); is {
			p = text + `<a href="` + address + `">` + address + "</a>"
		}
		b.WriteString("<p>" + strings.ReplaceAll(p, "\n", "<br>\n") + "</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

// oneLine keeps a text from becoming a second header, or a paragraph of ours.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
