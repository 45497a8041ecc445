package notify

import (
	"fmt"
	"html"
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

// Compose writes the mail about an event to one contact. What a customer typed
// (the cloud's name, the contact's name) is only ever text: newlines are folded
// for the subject, and the HTML part escapes everything.
func Compose(vendor string, c cloud.Cloud, e cloud.Event, contact cloud.Contact) Mail {
	// The mail tells of the event, however late it is written.
	c.State = e.To
	subject, paragraphs := content(c, e)
	if contact.Name != "" {
		paragraphs = append([]string{"Hello " + contact.Name + ","}, paragraphs...)
	}
	paragraphs = append(paragraphs,
		fmt.Sprintf("Custom cloud: %s\nId: %s\nRegion: AWS %s\nAWS account: %s\nState: %s\nTime: %s",
			c.DisplayName, c.ID, c.Region, orDash(c.AccountID()), e.To, e.At.UTC().Format("2006-01-02 15:04:05 UTC")),
		fmt.Sprintf("You get this mail because you are a contact of this custom cloud. Administrators of your organization can change its contacts.\n%s", vendor))
	return Mail{
		To:      contact.Email,
		Subject: oneLine(fmt.Sprintf("[%s BYOC] %s: %s", vendor, c.DisplayName, subject)),
		Text:    strings.Join(paragraphs, "\n\n") + "\n",
		HTML:    markup(paragraphs),

		OrganizationID: c.OrganizationID, CloudID: c.ID,
	}
}

func content(c cloud.Cloud, e cloud.Event) (subject string, paragraphs []string) {
	switch e.To {
	case cloud.Active:
		if e.From == cloud.Reconnecting {
			return "connected again", []string{
				"Your custom cloud is connected again and active. There is nothing for you to do.",
			}
		}
		return "active", []string{
			"Your custom cloud is active and ready to use.",
			"To create a service in it, choose this cloud name: " + strings.Join(c.Names(), ", "),
			fmt.Sprintf("Keep the IAM role %s. The custom cloud is managed through it: without it we can neither check, repair nor remove the network. Run terraform destroy only after the custom cloud is deleted.", c.RoleName()),
		}
	case cloud.CreationFailed:
		return "creation failed", append(append([]string{"Your custom cloud could not be created."}, reasons(c, e)...),
			"When you have mended that, provision the custom cloud again: it starts a new attempt with the same settings.")
	case cloud.Disconnected:
		return "disconnected", append(append([]string{"We have lost the connection to your custom cloud. Services in it keep running, but we cannot manage the network."}, reasons(c, e)...),
			"Once that is mended the custom cloud connects again by itself.")
	case cloud.Deleted:
		if len(c.Network.Leftovers) > 0 {
			return "deleted, resources are left", append(append([]string{"Your custom cloud is deleted, and some of its resources are left in your AWS account. They go on costing money until you remove them."}, reasons(c, e)...),
				"Run the commands in this order. The IAM role is not used any more: run terraform destroy with the same variables file, or delete the CloudFormation stack, if it is still there.")
		}
		return "deleted", []string{
			"Your custom cloud is deleted. " + e.Message,
			"You can remove the IAM role now: run terraform destroy with the same variables file, or delete the CloudFormation stack.",
		}
	case cloud.DeletionFailed:
		return "deletion failed", append(append([]string{"Your custom cloud could not be deleted completely."}, reasons(c, e)...),
			"When you have mended that, delete the custom cloud again. If the role is gone for good, run the commands in this order, or apply the template again, and then delete the custom cloud once more.")
	}
	return string(e.To), []string{e.Message}
}

func reasons(c cloud.Cloud, e cloud.Event) []string {
	list := []string{"Reason: " + e.Message}
	for _, l := range c.Network.Leftovers {
		list = append(list, fmt.Sprintf("Left in the account: %s %s. %s\n%s", l.Kind, l.ID, l.Reason, l.Command))
	}
	return list
}

// markup renders paragraphs as HTML that plain clients show well too.
func markup(paragraphs []string) string {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><body>\n")
	for _, p := range paragraphs {
		b.WriteString("<p>" + strings.ReplaceAll(html.EscapeString(p), "\n", "<br>\n") + "</p>\n")
	}
	b.WriteString("</body></html>\n")
	return b.String()
}

// oneLine keeps a text from becoming a second header.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
