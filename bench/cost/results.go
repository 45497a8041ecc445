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
		// Name, unit, how many there are, the least, the median.
		m := regexp.MustCompile(`(?m)^\| ` + run + ", " + row + ` \| \w+ \| \d+ \| [\d.]+ \| ([\d.]+) \|`).FindStringSubmatch(results)
		if m == nil {
			return c, fmt.Errorf("the results say nothing of %q of a %s: measure the section on provision and deletion first", row, run)
		}
		if *v, err = strconv.ParseFloat(m[1], 64); err != nil {
			return c, err
		}
	}
	return c, nil
}
