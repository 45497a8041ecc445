package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// figure is one thing measured, several times where it varies.
type figure struct {
	name   string
	unit   string
	values []float64
	// limit is the most that the median may be; zero where there is none.
	limit float64
	// within is by what factor the median may be above one or below; zero where
	// there is none.
	within float64
	// exactly is what every value has to be; nil where there is no such thing.
	exactly *float64
}

func (f figure) median() float64 { return median(f.values) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

func (f figure) holds() bool {
	if len(f.values) == 0 {
		return false
	}
	if f.exactly != nil && (slices.Min(f.values) != *f.exactly || slices.Max(f.values) != *f.exactly) {
		return false
	}
	if f.within != 0 && (f.median() > f.within || f.median() < 1/f.within) {
		return false
	}
	return f.limit == 0 || f.median() <= f.limit
}

// limits in words; empty where there are none.
func (f figure) limits() string {
	text := ""
	switch {
	case f.exactly != nil:
		text = "= " + number(*f.exactly)
	case f.within != 0:
		text = number(1/f.within) + " to " + number(f.within)
	case f.limit != 0:
		text = "≤ " + number(f.limit)
	}
	if !f.holds() {
		text += " **missed**"
	}
	return text
}

// group is a section of the results.
type group struct {
	title, method string
	// when and how it was measured.
	when    string
	figures []figure
	notes   []string
}

func (g *group) add(f figure) { g.figures = append(g.figures, f) }

// String is the section in Markdown.
func (g group) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n%s\n\n%s\n\n| | unit | n | min | median | max | limit |\n|---|---|---|---|---|---|---|\n", g.title, g.method, g.when)
	for _, f := range g.figures {
		if len(f.values) == 0 {
			fmt.Fprintf(&b, "| %s | %s | 0 | | | | not measured |\n", f.name, f.unit)
			continue
		}
		fmt.Fprintf(&b, "| %s | %s | %d | %s | %s | %s | %s |\n", f.name, f.unit, len(f.values),
			number(slices.Min(f.values)), number(f.median()), number(slices.Max(f.values)), f.limits())
	}
	for _, n := range g.notes {
		fmt.Fprintf(&b, "\n%s\n", n)
	}
	return b.String() + "\n"
}

// number has three digits that mean something, and whole ones whole.
func number(v float64) string {
	switch {
	case v == float64(int64(v)):
		return strconv.FormatInt(int64(v), 10)
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 0.1:
		return strconv.FormatFloat(v, 'f', 3, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// ratios of what was measured side by side.
func ratios(of, to []float64) []float64 {
	r := make([]float64, len(of))
	for i := range of {
		r[i] = of[i] / to[i]
	}
	return r
}

// missed names the limits that do not hold.
func missed(groups []group) error {
	var list []string
	for _, g := range groups {
		for _, f := range g.figures {
			if !f.holds() {
				is := "not measured"
				if len(f.values) > 0 {
					is = number(f.median())
				}
				list = append(list, fmt.Sprintf("%s: %s is %s, wanted %s", g.title, f.name, is, f.limits()))
			}
		}
	}
	if len(list) > 0 {
		return fmt.Errorf("limits do not hold:\n  %s", strings.Join(list, "\n  "))
	}
	return nil
}
