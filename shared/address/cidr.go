// Package address knows the rules of a custom cloud's address space: what a
// reserved range may look like, how it is split over availability zones, and
// which ranges are still free. It imports nothing of AWS.
package address

import (
	"fmt"
	"net/netip"
	"strings"
)

const (
	// largest and smallest range of a VPC that a custom cloud may reserve, as
	// prefix lengths. AWS allows /28; a /24 is the least that holds three zones.
	largest  = 16
	smallest = 24
)

// private is RFC 1918, in the order in which free ranges are suggested.
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"),
	netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"),
}

// Parse reads the reserved range of a custom cloud: canonical IPv4 CIDR
// notation, inside RFC 1918, /16 to /24, a true network address. The error is a
// sentence for the customer.
func Parse(s string) (netip.Prefix, error) {
	p, err := ParsePeer(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	if p.Bits() < largest || p.Bits() > smallest {
		return netip.Prefix{}, fmt.Errorf("%s is a /%d: the range has to be between /%d (65,536 addresses) and /%d (256 addresses).", p, p.Bits(), largest, smallest)
	}
	if !isPrivate(p) {
		return netip.Prefix{}, fmt.Errorf("%s is not a private range: it has to lie inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16 (RFC 1918).", p)
	}
	return p, nil
}

// ParsePeer reads a range that the network will be peered with: any IPv4 range
// in canonical notation, a true network address. The error is a sentence for
// the customer.
func ParsePeer(s string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil && strings.TrimSpace(s) != s:
		return netip.Prefix{}, fmt.Errorf("%q has spaces around it: write it without.", s)
	case err != nil:
		return netip.Prefix{}, fmt.Errorf("%q is not a range in CIDR notation: write four numbers from 0 to 255 without leading zeros and a prefix length, such as 10.0.0.0/20.", s)
	case !p.Addr().Is4():
		return netip.Prefix{}, fmt.Errorf("%q is not an IPv4 range: write it like 10.0.0.0/20.", s)
	case p != p.Masked():
		return netip.Prefix{}, fmt.Errorf("%s is an address inside a network, not the network's own address: did you mean %s?", s, p.Masked())
	}
	return p, nil
}

// Overlap names the pairs of a and each of others that share addresses.
func Overlap(a netip.Prefix, others []netip.Prefix) []netip.Prefix {
	var shared []netip.Prefix
	for _, o := range others {
		if a.Overlaps(o) {
			shared = append(shared, o)
		}
	}
	return shared
}

// SuggestFree is the first RFC 1918 range of the given prefix length that
// overlaps none of taken, or the zero Prefix where there is none.
func SuggestFree(taken []netip.Prefix, bits int) netip.Prefix {
	for _, space := range private {
		if bits < space.Bits() || bits > 32 {
			continue
		}
		p := netip.PrefixFrom(space.Addr(), bits)
		for p.IsValid() && space.Contains(p.Addr()) {
			hit := Overlap(p, taken)
			if len(hit) == 0 {
				return p
			}
			// Jump behind what is in the way, which may be smaller or larger than p.
			end := last(p)
			for _, h := range hit {
				if last(h).Compare(end) > 0 {
					end = last(h)
				}
			}
			next := end.Next()
			if !next.IsValid() {
				break
			}
			p = netip.PrefixFrom(next, bits).Masked()
			if p.Addr() != next {
				p = netip.PrefixFrom(last(p).Next(), bits)
			}
		}
	}
	return netip.Prefix{}
}

func isPrivate(p netip.Prefix) bool {
	for _, space := range private {
		if space.Bits() <= p.Bits() && space.Contains(p.Addr()) {
			return true
		}
	}
	return false
}

// Size is how many addresses p has.
func Size(p netip.Prefix) int { return 1 << (32 - p.Bits()) }

// Usable is how many addresses of a subnet AWS leaves to its user: it keeps
// the first four and the last one of each.
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
func Usable(subnet netip.Prefix) int { return max(0, Size(subnet)-5) }

func last(p netip.Prefix) netip.Addr { return at(p, Size(p)-1) }

// at is the address that lies offset addresses behind the start of p.
func at(p netip.Prefix, offset int) netip.Addr {
	b := p.Addr().As4()
	n := uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	n += uint32(offset)
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)})
}
