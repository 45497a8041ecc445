package httpapi

import "byoc/shared/cloud"

// nextStep is something for the person to do now.
type nextStep struct {
	Title    string   `json:"title"`
	Text     string   `json:"text"`
	Commands []string `json:"commands"`
	// URL to open instead of the commands.
	URL string `json:"url,omitempty"`
}

// nextSteps of a cloud in its state. The commands take API_URL and TOKEN from
// the environment; nothing in them was typed by a customer.
func (s *server) nextSteps(x cloud.Cloud) []nextStep {
	url := `"$API_URL` + cloudURL(x.OrganizationID, x.ID)
	stem := x.Stem()
	tf, vars := stem+".tf", stem+".tfvars"
	curl := `curl -fsS -H "Authorization: Bearer $TOKEN" `
	apply := "terraform apply -var-file=" + vars
	destroy := nextStep{
		Title:    "Remove the role",
		Text:     "Nothing uses the role any more. Destroy it with the template that made it.",
		Commands: []string{"terraform destroy -var-file=" + vars},
	}
	provision := func(title, text string) nextStep {
		return step(title, text,
			curl+`-X POST -H "Content-Type: application/json" -d '{"aws_iam_role_arn": "`+roleOr(x)+`"}' `+url+`/provision"`,
		)
	}
	keepRole := nextStep{
		Title:    "Keep the role",
		Text:     s.Settings.Vendor + " manages the network through the role " + x.RoleName() + ". Without it nothing can be repaired, changed or removed, and the custom cloud becomes disconnected. Keep the Terraform state and " + vars + ".",
		Commands: []string{},
	}

	download := func() []string {
		return []string{
			curl + `-H "Accept: text/plain" -o ` + tf + " " + url + `/infra-templates/terraform/template"`,
			curl + `-H "Accept: text/plain" -o ` + vars + " " + url + `/infra-templates/terraform/variables"`,
		}
	}
	// ofTheRole is what the last look at it advises.
	var ofTheRole []nextStep
	switch seen := templateOf(x.Template, s.newest); {
	case seen.Newer:
		ofTheRole = []nextStep{step("Apply the newer template", "The role is of version "+*seen.Applied+" of the template; version "+s.newest+" is the newest.", append(download(), apply)...)}
	case seen.Edits != nil:
		ofTheRole = []nextStep{step("Check the role", "It is not as the template makes it. "+*seen.Edits+" If that was not meant to be, apply the template again.", apply)}
	}

	switch x.State {
	case cloud.Draft:
		steps := []nextStep{
			step("Download the template", "One file is the same for everyone, the other belongs to this custom cloud.", download()...),
			step("Create the role", "In your AWS account, with your own credentials. It prints aws-iam-role-arn.", "terraform init", apply),
		}
		// Values that no link can be made of are told by the template's own answer.
		if link, err := s.quickCreateURL(s.templateValues(x)); err == nil && link != "" {
			steps = append(steps, nextStep{
				Title: "Or create it in the AWS console", Commands: []string{}, URL: link,
				Text: "Without Terraform: open the link while you are signed in to your AWS account, and create the stack. Its output RoleArn is the role ARN.",
			})
		}
		return append(steps, provision("Create the custom cloud", "With the role ARN that the template printed."))
	case cloud.Validating, cloud.Creating, cloud.Reconnecting, cloud.Deleting:
		return []nextStep{step("Wait", "You need not do anything. The contacts are mailed when it is over.", curl+url+`"`)}
	case cloud.CreationFailed:
		return []nextStep{
			step("Put right what failed", "errors says what went wrong. If it is about the role, apply the template again.", apply),
			provision("Try again", "What the last attempt had to leave behind is adopted or removed first."),
		}
	case cloud.Active:
		return append(ofTheRole,
			step("Create a service in it", "Choose this cloud name for the service: "+firstOr(x.Names(), "see custom_cloud_names")+"."),
			step("Choose who may use it", "By its permissions: organizational units and projects, or the organization's own account for all projects.", curl+url+`/permissions"`),
			keepRole,
			step("After a deletion", "Once this custom cloud is deleted, and not before, destroy the role with the template that made it.", destroy.Commands...),
		)
	case cloud.Disconnected:
		return append(ofTheRole,
			step("Put right what errors says", "If it is about the role, apply the template again. The custom cloud is connected again by itself within an hour.", apply),
			step("Repair it", "If resources are missing or altered, or you do not want to wait: a repair puts back what is missing.", curl+"-X POST "+url+`/repair"`),
			keepRole,
		)
	case cloud.DeletionFailed:
		return []nextStep{
			step("Put right what errors says", "If the role is gone, apply the template again. What is left is listed under provisioning, each with a command that removes it by hand.", apply),
			step("Delete it again", "The deletion goes on from where it stopped.", curl+"-X DELETE "+url+`"`),
			step("Or remove what is left by hand", "With your own credentials, in this order.", commandsOf(x)...),
			step("Or close it anyway", "It becomes deleted whatever is left in your AWS account; leftovers goes on listing that for 30 days.", curl+"-X DELETE "+url+`?force=true"`),
		}
	}
	if len(x.Network.Leftovers) > 0 {
		return []nextStep{step("Remove what is left", "The deletion was forced. With your own credentials, in this order.", commandsOf(x)...), destroy}
	}
	if x.RoleARN == "" {
		return []nextStep{}
	}
	return []nextStep{destroy}
}

// commandsOf a cloud's leftovers, in the order in which they have to be run.
func commandsOf(x cloud.Cloud) []string {
	commands := []string{}
	for _, l := range x.Network.Leftovers {
		commands = append(commands, l.Command)
	}
	return commands
}

func step(title, text string, commands ...string) nextStep {
	return nextStep{Title: title, Text: text, Commands: list(commands)}
}

// roleOr is the role ARN, or what it will look like.
func roleOr(x cloud.Cloud) string {
	if x.RoleARN != "" {
		return x.RoleARN
	}
	return "arn:aws:iam::123456789012:role/" + x.RoleName()
}

func firstOr(values []string, other string) string {
	if len(values) == 0 {
		return other
	}
	return values[0]
}
