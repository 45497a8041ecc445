package httpapi

import (
	"fmt"
	"net/netip"
	"strings"

	"byoc/shared/address"
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
	return all
}

func ifDraft(x cloud.Cloud, draft, other string) string {
	if x.State == cloud.Draft {
		return draft
	}
	return other
}

// overlaps warns of the organization's other clouds whose ranges share
// addresses with x. It takes a query more, so that it answers writes of drafts,
// when the range can still be changed. The write is done: failing to look is no
// failure of it.
func (s *server) overlaps(c *call, x cloud.Cloud) []warning {
	if x.State != cloud.Draft {
		return nil
	}
	own, err := address.Parse(x.CIDR)
	if err != nil {
		return nil
	}
	others, _, err := s.Clouds.List(c.Context(), x.OrganizationID, cloud.Page{Limit: maxLimit})
	if err != nil {
		s.Log.WarnContext(c.Context(), "looking for overlapping ranges", "request_id", c.id, "cloud", x.ID, "error", err)
		return nil
	}
	const most = 5
	var taken []netip.Prefix
	var names []string
	hits := 0
	for _, o := range others {
		p, err := netip.ParsePrefix(o.CIDR)
		if err != nil || o.ID == x.ID {
			continue
		}
		taken = append(taken, p)
		if own.Overlaps(p) {
			if hits++; hits <= most {
				names = append(names, fmt.Sprintf("%s (%s)", o.DisplayName, p))
			}
		}
	}
	if hits == 0 {
		return nil
	}
	if hits > most {
		names = append(names, fmt.Sprintf("%d more", hits-most))
	}
	for _, peer := range x.PeerCIDRs {
		if p, err := netip.ParsePrefix(peer); err == nil {
			taken = append(taken, p)
		}
	}
	w := warning{
		Code:    "overlapping_range",
		Message: fmt.Sprintf("%s overlaps with: %s. Networks that share addresses can never be peered.", own, strings.Join(names, ", ")),
		Action:  "Choose another range if they are ever to be peered.",
	}
	if free := address.SuggestFree(taken, own.Bits()); free.IsValid() {
		w.Action = fmt.Sprintf("Choose another range if they are ever to be peered, for example %s, which overlaps with none of them.", free)
	}
	return []warning{w}
}
