package address

import (
	"fmt"
	"net/netip"
)

const (
	// MinZones and MaxZones bound how many zones one range is split over.
	MinZones = 2
	MaxZones = 6
	// smallestSubnet is AWS's.
	smallestSubnet = 28
)

// Plan is how a range is split: two subnets per zone.
type Plan struct {
	Block netip.Prefix
	Zones []Zone
}

// Zone is one zone's share of the range.
type Zone struct {
	// Bastion is public: bastion hosts and the NAT gateway.
	Bastion netip.Prefix
	// Workload is private: the nodes of the services.
	Workload netip.Prefix
}

// PlanSubnets splits block over 2 to 6 zones. Workload ranges are equal and
// grow from the start of the block: quarters for up to three zones, eighths for
// more (sixteenths for six zones in a /24, where eighths and bastions do not fit
// together). Bastion ranges are small and grow from its end, so that what is
// free lies in one piece between the two and a zone can be added later.
//
//	/20, three zones:  |--workload 1--|--workload 2--|--workload 3--|--free--|b3|b2|b1|
func PlanSubnets(block netip.Prefix, zones int) (Plan, error) {
	if zones < MinZones || zones > MaxZones {
		return Plan{}, fmt.Errorf("a network has %d to %d zones, not %d", MinZones, MaxZones, zones)
	}
	if !block.IsValid() || !block.Addr().Is4() || block != block.Masked() || block.Bits() < largest || block.Bits() > smallest {
		return Plan{}, fmt.Errorf("%s is not an IPv4 network between /%d and /%d", block, largest, smallest)
	}
	bits := block.Bits() + 2
	switch {
	case zones == MaxZones && block.Bits() == smallest:
		bits = block.Bits() + 4
	case zones > 3:
		bits = block.Bits() + 3
	}
	plan := Plan{Block: block}
	for i := range zones {
		workload := netip.PrefixFrom(block.Addr(), bits)
		plan.Zones = append(plan.Zones, Zone{
			Bastion:  bastion(block, i),
			Workload: netip.PrefixFrom(at(workload, i*Size(workload)), bits),
		})
	}
	return plan, nil
}

// Extend is p with one more zone. What is there stays as it is. The new
// workload range is at least half of the smallest that exists: a zone with less
// would fill up while the others are empty. Where that does not fit, the error
// is a sentence for the customer and p is unchanged.
func (p Plan) Extend() (Plan, error) {
	if len(p.Zones) >= MaxZones {
		return Plan{}, fmt.Errorf("The network has %d zones, and cannot have more.", len(p.Zones))
	}
	noRoom := fmt.Errorf("There is no room for another zone in %s: its %d zones take what there is. A larger range needs a new custom cloud.", p.Block, len(p.Zones))
	used := p.ranges()
	var b netip.Prefix
	for i := range MaxZones {
		if c := bastion(p.Block, i); len(Overlap(c, used)) == 0 {
			b = c
			break
		}
	}
	if !b.IsValid() {
		return Plan{}, noRoom
	}
	used = append(used, b)
	shortest, longest := 32, 0
	for _, z := range p.Zones {
		shortest, longest = min(shortest, z.Workload.Bits()), max(longest, z.Workload.Bits())
	}
	for bits := shortest; bits <= min(longest+1, smallestSubnet); bits++ {
		if w := firstFree(p.Block, used, bits); w.IsValid() {
			zones := append(append([]Zone(nil), p.Zones...), Zone{Bastion: b, Workload: w})
			return Plan{Block: p.Block, Zones: zones}, nil
		}
	}
	return Plan{}, noRoom
}

// ServiceNodes is how many service nodes fit: one address each, over all
// workload ranges. A maintenance runs old and new nodes side by side, so that a
// network filled to this number cannot be maintained.
func (p Plan) ServiceNodes() int {
	n := 0
	for _, z := range p.Zones {
		n += Usable(z.Workload)
	}
	return n
}

func (p Plan) ranges() []netip.Prefix {
	var all []netip.Prefix
	for _, z := range p.Zones {
		all = append(all, z.Bastion, z.Workload)
	}
	return all
}

// bastion is the range of the i-th bastion, counted from the end of block: a
// sixty-fourth of it, at least a /28 and at most a /24 (more hosts than that
// nobody enters through).
func bastion(block netip.Prefix, i int) netip.Prefix {
	bits := min(max(block.Bits()+6, 24), smallestSubnet)
	size := 1 << (32 - bits)
	return netip.PrefixFrom(at(block, Size(block)-(i+1)*size), bits)
}

func firstFree(block netip.Prefix, used []netip.Prefix, bits int) netip.Prefix {
	size := 1 << (32 - bits)
	for offset := 0; offset < Size(block); offset += size {
		if p := netip.PrefixFrom(at(block, offset), bits); len(Overlap(p, used)) == 0 {
			return p
		}
	}
	return netip.Prefix{}
}
