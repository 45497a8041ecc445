package cloud

import (
	"context"
	"net/netip"

	"byoc/shared/address"
)

// maxOverlaps is how many other clouds are named.
const maxOverlaps = 5

// withOverlaps notes which other clouds of the organization share addresses
// with c, when c's range is written: reading c then costs no look at the others.
// It is a warning, so that failing to look is no failure of the write.
func (u *Clouds) withOverlaps(ctx context.Context, c Cloud) Cloud {
	c.Overlaps, c.FreeCIDR = nil, ""
	own, err := address.Parse(c.CIDR)
	if err != nil {
		return c
	}
	others, _, err := u.Store.List(ctx, c.OrganizationID, Page{Limit: MaxClouds})
	if err != nil {
		u.Log.WarnContext(ctx, "looking for overlapping ranges", "cloud", c.ID, "error", err)
		return c
	}
	var taken []netip.Prefix
	for _, o := range others {
		p, err := netip.ParsePrefix(o.CIDR)
		if err != nil || o.ID == c.ID {
			continue
		}
		taken = append(taken, p)
		if own.Overlaps(p) && len(c.Overlaps) < maxOverlaps {
			c.Overlaps = append(c.Overlaps, Overlap{o.DisplayName, o.CIDR})
		}
	}
	if len(c.Overlaps) == 0 {
		return c
	}
	for _, peer := range c.PeerCIDRs {
		if p, err := netip.ParsePrefix(peer); err == nil {
			taken = append(taken, p)
		}
	}
	if free := address.SuggestFree(taken, own.Bits()); free.IsValid() {
		c.FreeCIDR = free.String()
	}
	return c
}
