package iampolicy

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// condition is one operator applied to one key. All conditions of a statement
// have to hold; of the values of one condition, one has to.
type condition struct {
	key      string
	values   []string
	matches  func(want, got string) (bool, error)
	negated  bool
	ifExists bool
	null     bool
	// forAll and forAny are the set operators.
	forAll, forAny bool
}

// comparisons holds the operators that are not negations of others.
var comparisons = map[string]func(want, got string) (bool, error){
	"StringEquals":             func(want, got string) (bool, error) { return want == got, nil },
	"StringEqualsIgnoreCase":   func(want, got string) (bool, error) { return strings.EqualFold(want, got), nil },
	"StringLike":               func(want, got string) (bool, error) { return glob(want, got), nil },
	"ArnEquals":                matchARNValue,
	"ArnLike":                  matchARNValue,
	"Bool":                     func(want, got string) (bool, error) { return strings.EqualFold(want, got), nil },
	"IpAddress":                matchAddress,
	"NumericEquals":            numeric(func(order int) bool { return order == 0 }),
	"NumericLessThan":          numeric(func(order int) bool { return order < 0 }),
	"NumericLessThanEquals":    numeric(func(order int) bool { return order <= 0 }),
	"NumericGreaterThan":       numeric(func(order int) bool { return order > 0 }),
	"NumericGreaterThanEquals": numeric(func(order int) bool { return order >= 0 }),
	"DateEquals":               date(func(order int) bool { return order == 0 }),
	"DateLessThan":             date(func(order int) bool { return order < 0 }),
	"DateLessThanEquals":       date(func(order int) bool { return order <= 0 }),
	"DateGreaterThan":          date(func(order int) bool { return order > 0 }),
	"DateGreaterThanEquals":    date(func(order int) bool { return order >= 0 }),
}

// negations maps the negated operators to what they negate.
var negations = map[string]string{
	"StringNotEquals":           "StringEquals",
	"StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
	"StringNotLike":             "StringLike",
	"ArnNotEquals":              "ArnEquals",
	"ArnNotLike":                "ArnLike",
	"NotIpAddress":              "IpAddress",
	"NumericNotEquals":          "NumericEquals",
	"DateNotEquals":             "DateEquals",
}

func parseConditions(raw map[string]map[string]list) ([]condition, error) {
	var conditions []condition
	for operator, keys := range raw {
		for key, values := range keys {
			condition, err := parseCondition(operator, key, values)
			if err != nil {
				return nil, err
			}
			conditions = append(conditions, condition)
		}
	}
	return conditions, nil
}

func parseCondition(operator, key string, values []string) (condition, error) {
	c := condition{key: key, values: values}
	name := operator
	if rest, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, c.forAll = rest, true
	} else if rest, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, c.forAny = rest, true
	}
	if name == "Null" {
		c.null = true
		if c.forAll || c.forAny || len(values) != 1 || (values[0] != "true" && values[0] != "false") {
			return condition{}, fmt.Errorf("condition %s on %s is not understood", operator, key)
		}
		return c, nil
	}
	name, c.ifExists = strings.CutSuffix(name, "IfExists")
	if positive, ok := negations[name]; ok {
		name, c.negated = positive, true
	}
	if c.matches = comparisons[name]; c.matches == nil {
		return condition{}, fmt.Errorf("unknown condition operator %q", operator)
	}
	if len(values) == 0 {
		return condition{}, fmt.Errorf("condition %s on %s has no values", operator, key)
	}
	return c, nil
}

// holds applies the condition to the values that the request has for its key.
//
// A missing key fails an operator, satisfies a negated operator, satisfies
// IfExists and ForAllValues, and fails ForAnyValue.
func (c condition) holds(wanted []string, got []string) (bool, error) {
	missing := len(got) == 0
	switch {
	case c.null:
		return missing == (c.values[0] == "true"), nil
	case missing && (c.ifExists || c.forAll):
		return true, nil
	case missing && c.forAny:
		return false, nil
	case missing:
		return c.negated, nil
	case len(got) > 1 && !c.forAll && !c.forAny:
		// AWS leaves open what this means, so does this package.
		return false, fmt.Errorf("condition on %s meets %d values and has no set operator", c.key, len(got))
	}
	for _, value := range got {
		matched, err := c.anyOf(wanted, value)
		if err != nil {
			return false, err
		}
		satisfied := matched != c.negated
		if c.forAll && !satisfied {
			return false, nil
		}
		if !c.forAll && satisfied {
			return true, nil
		}
	}
	return c.forAll, nil
}

func (c condition) anyOf(wanted []string, got string) (bool, error) {
	for _, want := range wanted {
		matched, err := c.matches(want, got)
		if err != nil {
			return false, fmt.Errorf("condition on %s: %w", c.key, err)
		}
		if matched {
			return true, nil
		}
	}
	return false, nil
}

func matchARNValue(want, got string) (bool, error) {
	if want != "*" && !isARN(want) {
		return false, fmt.Errorf("%q is not an ARN", want)
	}
	return matchesARN(want, got), nil
}

func matchAddress(want, got string) (bool, error) {
	address, err := netip.ParseAddr(got)
	if err != nil {
		return false, err
	}
	if !strings.Contains(want, "/") {
		single, err := netip.ParseAddr(want)
		return err == nil && single == address, err
	}
	network, err := netip.ParsePrefix(want)
	return err == nil && network.Contains(address), err
}

func numeric(holds func(order int) bool) func(want, got string) (bool, error) {
	return func(want, got string) (bool, error) {
		w, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false, err
		}
		g, err := strconv.ParseFloat(got, 64)
		if err != nil {
			return false, err
		}
		return holds(cmp.Compare(g, w)), nil
	}
}

func date(holds func(order int) bool) func(want, got string) (bool, error) {
	return func(want, got string) (bool, error) {
		w, err := parseDate(want)
		if err != nil {
			return false, err
		}
		g, err := parseDate(got)
		if err != nil {
			return false, err
		}
		return holds(g.Compare(w)), nil
	}
}

// parseDate reads the ISO 8601 formats that IAM accepts, and epoch seconds.
func parseDate(text string) (time.Time, error) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 4 {
		return time.Unix(seconds, 0), nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date", text)
}
