package main

import (
	"strings"
	"testing"
)

func TestALimitIsMissedOnEitherSideOfIt(t *testing.T) {
	for _, c := range []struct {
		name  string
		f     figure
		holds bool
	}{
		{"at the limit", figure{values: []float64{1, 1.25, 9}, limit: 1.25}, true},
		{"the median above it", figure{values: []float64{1, 1.26, 1.3}, limit: 1.25}, false},
		{"not measured", figure{limit: 1.25}, false},
		{"not measured, without a limit", figure{}, false},
		{"within", figure{values: []float64{0.84}, within: 1.2}, true},
		{"above what it is to be within", figure{values: []float64{1.21}, within: 1.2}, false},
		{"below what it is to be within", figure{values: []float64{0.83}, within: 1.2}, false},
		{"exactly", figure{values: []float64{4, 4}, exactly: new(4.0)}, true},
		{"one value is another", figure{values: []float64{4, 4, 5}, exactly: new(4.0)}, false},
	} {
		if c.f.holds() != c.holds {
			t.Errorf("%s: holds is %v", c.name, !c.holds)
		}
		c.f.name = c.name
		if err := missed([]group{{figures: []figure{c.f}}}); (err == nil) != c.holds || err != nil && !strings.Contains(err.Error(), c.name) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
