package httpapi

import (
	"fmt"
	"net/netip"
	"strings"

	"byoc/shared/cloud"
)

// warning is something that is allowed and may still be regretted.
type warning struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	// Action is what to do about it.
	Action string `json:"action"`
}

// smallRange is the shortest prefix that counts as small.
const smallRange = 23

// warningsOf a cloud, from what it says of itself.
func warningsOf(x cloud.Cloud) []warning {
	all := []warning{}
	if p, err := netip.ParsePrefix(x.CIDR); err == nil && p.Bits() >= smallRange {
		all = append(all, warning{
			Code:    "small_range",
			Message: fmt.Sprintf("%s has room for %d service nodes at most, and for half of that while a maintenance runs old and new nodes side by side.", p, planOf(x).ServiceNodes),
			Action:  ifDraft(x, "Choose a larger range, such as a /20, while this is a draft: the range never changes later.", "If you need more, create another custom cloud with a larger range."),
		})
	}
	if x.NATGateways == cloud.NATSingle {
		all = append(all, warning{
			Code:    "single_nat_gateway",
			Message: "With a single NAT gateway, services in all zones lose their way to the internet when its zone fails, and traffic between zones costs extra.",
			Action:  ifDraft(x, "Set nat_gateways to per_az while this is a draft.", "If you need one in each zone, create another custom cloud with nat_gateways per_az."),
		})
	}
	return append(append(all, overlaps(x)...), unreachable(x)...)
}

// unreachable warns of contacts to whom no mail is sent.
func unreachable(x cloud.Cloud) (all []warning) {
	for _, c := range x.Contacts {
		if c.Reachable() {
			continue
		}
		why := "a mail to it came back"
		if c.BouncedAt.IsZero() {
			why = "its reader called a mail unwanted"
		}
		all = append(all, warning{
			Code:    "contact_unreachable",
			Message: fmt.Sprintf("No mail is sent to %s any more: %s.", c.Email, why),
			Action:  "Correct the contact, or remove it. If the address is right and takes mail again, remove the contact and add it again.",
		})
	}
	return all
}

func ifDraft(x cloud.Cloud, draft, other string) string {
	if x.State == cloud.Draft {
		return draft
	}
	return other
}

// overlaps warns of the organization's other clouds whose ranges shared
// addresses with x's when x's was written.
func overlaps(x cloud.Cloud) []warning {
	if len(x.Overlaps) == 0 {
		return nil
	}
	var names []string
	for _, o := range x.Overlaps {
		names = append(names, fmt.Sprintf("%s (%s)", o.DisplayName, o.CIDR))
	}
	action := "Choose another range if they are ever to be peered."
	if x.FreeCIDR != "" {
		action = fmt.Sprintf("Choose another range if they are ever to be peered, for example %s, which overlaps with none of them.", x.FreeCIDR)
	}
	return []warning{{
		Code:    "overlapping_range",
		Message: fmt.Sprintf("%s overlaps with: %s. Networks that share addresses can never be peered.", x.CIDR, strings.Join(names, ", ")),
		Action:  ifDraft(x, action, "If they are ever to be peered, create another custom cloud with another range."),
	}}
}
