package httpapi

import (
	"net/netip"

	"byoc/shared/address"
	"byoc/shared/cloud"
)

// planView is how the reserved range is, or will be, split over zones.
type planView struct {
	ReservedCIDR string `json:"reserved_cidr"`
	// Assumed: the zones are not fixed yet, and are known by position only.
	Assumed bool       `json:"assumed"`
	Zones   []zoneView `json:"zones"`
	// ServiceNodes is how many service nodes fit at most, in all zones.
	ServiceNodes int `json:"service_nodes"`
}

type zoneView struct {
	Position int       `json:"position"`
	ID       string    `json:"availability_zone_id,omitempty"`
	Name     string    `json:"availability_zone,omitempty"`
	Bastion  rangeView `json:"bastion"`
	Workload rangeView `json:"workload"`
	Nodes    int       `json:"service_nodes"`
}

type rangeView struct {
	CIDR   string `json:"cidr"`
	Usable int    `json:"usable_addresses"`
}

// usualZones is how many zones a network has where the region has as many.
const usualZones = 3

func planOf(x cloud.Cloud) planView {
	v := planView{ReservedCIDR: x.CIDR, Zones: make([]zoneView, 0, usualZones)}
	zones := x.Network.Zones
	if len(zones) == 0 {
		v.Assumed = true
		block, err := address.Parse(x.CIDR)
		if err != nil {
			return v
		}
		plan, err := address.PlanSubnets(block, usualZones)
		if err != nil {
			return v
		}
		for _, z := range plan.Zones {
			zones = append(zones, cloud.Zone{Bastion: z.Bastion.String(), Workload: z.Workload.String()})
		}
	}
	for i, z := range zones {
		zone := zoneView{Position: i + 1, ID: z.ID, Name: z.Name, Bastion: rangeOf(z.Bastion), Workload: rangeOf(z.Workload)}
		zone.Nodes = zone.Workload.Usable
		v.ServiceNodes += zone.Nodes
		v.Zones = append(v.Zones, zone)
	}
	return v
}

func rangeOf(cidr string) rangeView {
	v := rangeView{CIDR: cidr}
	if p, err := netip.ParsePrefix(cidr); err == nil && p.Addr().Is4() {
		v.Usable = address.Usable(p)
	}
	return v
}
