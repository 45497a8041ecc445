package cost

import (
	"fmt"
	"regexp"
	"strconv"
)

// Measured are the medians that the results of `make bench` have of a provision
// and of a deletion.
func Measured(results string) (provision, deletion Counted, err error) {
	if provision, err = measured(results, "provision"); err != nil {
		return provision, deletion, err
	}
	deletion, err = measured(results, "deletion")
	return provision, deletion, err
}

func measured(results, run string) (c Counted, err error) {
	for row, v := range map[string]*float64{
		"state transitions": &c.Transitions, "function calls": &c.FunctionCalls, "function time": &c.FunctionSeconds,
		"table updates": &c.Updates, "table transactions": &c.Transactions, "table puts": &c.Puts, "table reads": &c.Reads,
	} {
		if _, *v, err = median(results, run+", "+row); err != nil {
			return c, err
		}
	}
	return c, nil
}

// Measured is the request with the medians that the results have of it.
func (r Request) Measured(results string) (Request, error) {
	for row, v := range map[string]*float64{"handler": &r.HandlerMS, "read units": &r.Reads, "write units": &r.Writes, "events": &r.Events} {
		var err error
		if _, *v, err = median(results, r.Name+", "+row); err != nil {
			return r, err
		}
	}
	row, _, err := median(results, r.Name+`, its \d+ SDK calls bare`)
	if err != nil {
		return r, err
	}
	calls := regexp.MustCompile(`its (\d+) SDK`).FindStringSubmatch(row)[1]
	r.Calls, err = strconv.ParseFloat(calls, 64)
	return r, err
}

// median of the first row of that name, a pattern, and the row.
func median(results, name string) (row string, v float64, err error) {
	// Name, unit, how many there are, the least, the median.
	m := regexp.MustCompile(`(?m)^\| ` + name + ` \| \w+ \| \d+ \| [\d.]+ \| ([\d.]+) \|.*`).FindStringSubmatch(results)
	if m == nil {
		return "", 0, fmt.Errorf("the results have no row %q: measure its section first", name)
	}
	v, err = strconv.ParseFloat(m[1], 64)
	return m[0], v, err
}
