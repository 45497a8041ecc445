package address

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		"10.0.0.0/16":         "",
		"10.255.0.0/24":       "",
		"172.16.0.0/20":       "",
		"172.31.255.0/24":     "",
		"192.168.0.0/16":      "",
		"10.0.0.1/16":         "did you mean 10.0.0.0/16?",
		"10.0.0.0/15":         "between /16",
		"10.0.0.0/25":         "between /16",
		"172.32.0.0/16":       "RFC 1918",
		"192.169.0.0/16":      "RFC 1918",
		"100.64.0.0/16":       "RFC 1918",
		"8.8.8.0/24":          "RFC 1918",
		"010.0.0.0/16":        "leading zeros",
		"10.0.0.0/016":        "leading zeros",
		"10.0.0.0":            "prefix length",
		"10.0/16":             "four numbers",
		"":                    "CIDR notation",
		" 10.0.0.0/16":        "spaces",
		"10.0.0.0/16\n":       "spaces",
		"10.0.0.0/-1":         "CIDR notation",
		"10.0.0.0/33":         "CIDR notation",
		"fd00::/16":           "IPv4",
		"::ffff:10.0.0.0/112": "IPv4",
	} {
		p, err := Parse(in)
		switch {
		case want == "" && (err != nil || p.String() != in):
			t.Errorf("Parse(%q) = %v, %v", in, p, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("Parse(%q) = %v, %v; want an error with %q", in, p, err, want)
		}
	}
}

func TestParsePeerTakesAnyNetwork(t *testing.T) {
	for _, in := range []string{"0.0.0.0/0", "8.8.8.8/32", "10.0.0.0/8"} {
		if _, err := ParsePeer(in); err != nil {
			t.Errorf("ParsePeer(%q): %v", in, err)
		}
	}
	if _, err := ParsePeer("10.0.0.1/8"); err == nil {
		t.Error("a host address was taken for a network")
	}
}

// check holds a plan against everything that is true of all plans.
func check(t interface{ Fatalf(string, ...any) }, p Plan) {
	all := p.ranges()
	for i, a := range all {
		if a.Bits() < p.Block.Bits() || !p.Block.Contains(a.Addr()) || a != a.Masked() {
			t.Fatalf("%s is not a network inside %s", a, p.Block)
		}
		if a.Bits() > smallestSubnet {
			t.Fatalf("%s is smaller than a /28", a)
		}
		for _, b := range all[i+1:] {
			if a.Overlaps(b) {
				t.Fatalf("%s: %s overlaps %s", p.Block, a, b)
			}
		}
	}
}

func workload(p Plan) int {
	n := 0
	for _, z := range p.Zones {
		n += Size(z.Workload)
	}
	return n
}

func smallestWorkload(p Plan) int {
	n := Size(p.Block)
	for _, z := range p.Zones {
		n = min(n, Size(z.Workload))
	}
	return n
}

// roomForAnother tries every place: one for a bastion range as large as the others,
// and one beside it for at least half of the smallest workload range.
func roomForAnother(p Plan) bool {
	free := func(bits int, used []netip.Prefix) (places []netip.Prefix) {
		for c := netip.PrefixFrom(p.Block.Addr(), bits); p.Block.Contains(c.Addr()); c = netip.PrefixFrom(at(c, Size(c)), bits) {
			if len(Overlap(c, used)) == 0 {
				places = append(places, c)
			}
		}
		return places
	}
	longest := 0
	for _, z := range p.Zones {
		longest = max(longest, z.Workload.Bits())
	}
	for _, b := range free(p.Zones[0].Bastion.Bits(), p.ranges()) {
		if len(free(min(longest+1, smallestSubnet), append(p.ranges(), b))) > 0 {
			return true
		}
	}
	return false
}

// Every size and number of zones: few enough to try all; the place of the
// block is what rapid varies.
func TestEveryPlan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 2, 2).Draw(t, "place")
		for bits := largest; bits <= smallest; bits++ {
			block := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, b[0], b[1], 0}), bits).Masked()
			for zones := MinZones; zones <= MaxZones; zones++ {
				p, err := PlanSubnets(block, zones)
				if err != nil {
					t.Fatalf("%s with %d zones: %v", block, zones, err)
				}
				check(t, p)
				if len(p.Zones) != zones {
					t.Fatalf("%s: %d zones instead of %d", block, len(p.Zones), zones)
				}
				if zones == 3 && workload(p)*4 < Size(block)*3 {
					t.Fatalf("%s: three zones use %d of %d addresses", block, workload(p), Size(block))
				}
				for n := zones; n < MaxZones; n++ {
					q, err := p.Extend()
					if room := roomForAnother(p); (err == nil) != room {
						t.Fatalf("%s with %d zones has room for another: %t; Extend: %v", block, n, room, err)
					}
					if err != nil {
						break
					}
					check(t, q)
					if added := q.Zones[len(q.Zones)-1].Workload; Size(added)*2 < smallestWorkload(p) {
						t.Fatalf("%s: the zone that was added has %s, less than half of %v", block, added, p.Zones)
					}
					if !slices.Equal(q.Zones[:len(p.Zones)], p.Zones) || len(q.Zones) != len(p.Zones)+1 {
						t.Fatalf("%s: adding a zone moved others: %v, %v", block, p.Zones, q.Zones)
					}
					p = q
				}
			}
		}
	})
}

func TestExtend(t *testing.T) {
	for _, c := range []struct {
		block string
		zones int
		want  bool
	}{
		{"10.0.0.0/24", 2, true}, {"10.0.0.0/24", 3, false}, {"10.0.0.0/24", 4, true},
		{"10.0.0.0/24", 5, false}, {"10.0.0.0/23", 3, true}, {"10.0.0.0/16", 3, true},
		{"10.0.0.0/16", 4, true}, {"10.0.0.0/16", 5, true}, {"10.0.0.0/16", 6, false},
	} {
		p, err := PlanSubnets(netip.MustParsePrefix(c.block), c.zones)
		if err != nil {
			t.Fatal(err)
		}
		q, err := p.Extend()
		if (err == nil) != c.want {
			t.Errorf("%s with %d zones: Extend: %v, %v", c.block, c.zones, q.Zones, err)
		}
	}
	two, _ := PlanSubnets(netip.MustParsePrefix("10.0.0.0/20"), 2)
	three, _ := PlanSubnets(netip.MustParsePrefix("10.0.0.0/20"), 3)
	if grown, err := two.Extend(); err != nil || !slices.Equal(grown.Zones, three.Zones) {
		t.Errorf("two zones and one more are %v, %v; three are %v", grown.Zones, err, three.Zones)
	}
}

func TestPlanOfASmallBlock(t *testing.T) {
	p, err := PlanSubnets(netip.MustParsePrefix("10.1.2.0/24"), 3)
	if err != nil {
		t.Fatal(err)
	}
	want := []Zone{
		{netip.MustParsePrefix("10.1.2.240/28"), netip.MustParsePrefix("10.1.2.0/26")},
		{netip.MustParsePrefix("10.1.2.224/28"), netip.MustParsePrefix("10.1.2.64/26")},
		{netip.MustParsePrefix("10.1.2.208/28"), netip.MustParsePrefix("10.1.2.128/26")},
	}
	if !slices.Equal(p.Zones, want) {
		t.Errorf("got %v", p.Zones)
	}
	if n := p.ServiceNodes(); n != 3*59 {
		t.Errorf("%d service nodes", n)
	}
}

// A bastion's range is a sixty-fourth of the block, between a /28 and a /24.
func TestSizeOfABastionsRange(t *testing.T) {
	for block, want := range map[string]string{
		"10.4.0.0/16": "10.4.255.0/24", "10.4.0.0/17": "10.4.127.0/24", "10.4.0.0/20": "10.4.15.192/26",
		"10.4.0.0/22": "10.4.3.240/28", "10.4.0.0/24": "10.4.0.240/28",
	} {
		p, err := PlanSubnets(netip.MustParsePrefix(block), 3)
		if err != nil || p.Zones[0].Bastion.String() != want {
			t.Errorf("%s: %v, %v; want %s first", block, p.Zones, err, want)
		}
	}
}

func TestPlanRefusesWhatItCannotSplit(t *testing.T) {
	for _, c := range []struct {
		block netip.Prefix
		zones int
	}{
		{netip.MustParsePrefix("10.0.0.0/16"), 1}, {netip.MustParsePrefix("10.0.0.0/16"), 7},
		{netip.MustParsePrefix("10.0.0.0/25"), 3}, {netip.MustParsePrefix("10.0.0.1/16"), 3},
		{netip.MustParsePrefix("fd00::/16"), 3}, {netip.Prefix{}, 3},
	} {
		if p, err := PlanSubnets(c.block, c.zones); err == nil {
			t.Errorf("PlanSubnets(%s, %d) = %v", c.block, c.zones, p)
		}
	}
}

func TestSuggestFree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(largest, smallest).Draw(t, "bits")
		var taken []netip.Prefix
		for range rapid.IntRange(0, 40).Draw(t, "n") {
			b := rapid.IntRange(9, 28).Draw(t, "taken bits")
			a := [4]byte{10, rapid.Byte().Draw(t, "b"), rapid.Byte().Draw(t, "c"), rapid.Byte().Draw(t, "d")}
			taken = append(taken, netip.PrefixFrom(netip.AddrFrom4(a), b).Masked())
		}
		p := SuggestFree(taken, bits)
		if !p.IsValid() || p.Bits() != bits || p != p.Masked() || !isPrivate(p) || len(Overlap(p, taken)) > 0 {
			t.Fatalf("SuggestFree(%v, %d) = %v", taken, bits, p)
		}
	})
	all := []netip.Prefix{netip.MustParsePrefix("0.0.0.0/0")}
	if p := SuggestFree(all, 16); p.IsValid() {
		t.Errorf("nothing is free, yet %s was suggested", p)
	}
	if p := SuggestFree(nil, 20); p.String() != "10.0.0.0/20" {
		t.Errorf("got %s", p)
	}
}
