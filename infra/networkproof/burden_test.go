package networkproof

import (
	"slices"
	"strings"
)

// hit is one fault at one call.
type hit struct {
	call  call
	fault fault
}

func (h hit) String() string { return h.fault.name + " at " + h.call.String() }

func (h hit) kills() bool { return strings.HasPrefix(h.fault.name, "killed") }

// confuses says that of two faults in one run one could keep the other from its
// call, or that a function would be killed twice.
func (h hit) confuses(other hit) bool {
	a, b := h.call, other.call
	a.nth, b.nth = 0, 0
	return a == b || h.kills() && other.kills()
}

// burden is the faults that one run meets: one in the customer's account at the
// most, and what passes in ours beside it.
type burden []hit

// heaviest is how many faults one run meets at the most.
const heaviest = 3

func (b burden) String() string {
	var parts []string
	for _, h := range b {
		parts = append(parts, h.String())
	}
	return strings.Join(parts, " and ")
}

func (b burden) fails() bool {
	return slices.ContainsFunc(b, func(h hit) bool { return h.fault.fails })
}

// failed is the fault that keeps the run from its goal, if it was done.
func (b burden) failed(fired []int) *hit {
	for i, h := range b {
		if h.fault.fails && fired[i] > 0 {
			return &b[i]
		}
	}
	return nil
}

// and takes what the run can meet besides.
func (b burden) and(more []hit) (loaded burden, left []hit) {
	for _, h := range more {
		if len(b) < heaviest && !slices.ContainsFunc(b, h.confuses) {
			b = append(b, h)
		} else {
			left = append(left, h)
		}
	}
	return b, left
}

// burdens puts all hits on as few runs as can meet them. A run that does not
// reach its goal meets nothing else: it might end before.
func burdens(all []hit) (list []burden) {
	var ours []hit
	for _, h := range all {
		if h.call.vendors() {
			ours = append(ours, h)
		} else {
			list = append(list, burden{h})
		}
	}
	for i, b := range list {
		if !b.fails() {
			list[i], ours = b.and(ours)
		}
	}
	for len(ours) > 0 {
		var b burden
		b, ours = b.and(ours)
		list = append(list, b)
	}
	return list
}

// singly puts each hit on a run of its own.
func singly(all []hit) (list []burden) {
	for _, h := range all {
		list = append(list, burden{h})
	}
	return list
}
