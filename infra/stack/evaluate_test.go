package stack

import (
	"fmt"
	"strconv"
	"strings"
	"text/scanner"
)

// evaluate answers what an alarm compares with its threshold for one point of
// each of its metrics; there is none where one of them has no point. It knows as
// much of CloudWatch's metric math as our alarms use, and refuses the rest.
func evaluate(alarm resource, point map[string]float64) (value float64, there bool, err error) {
	known := map[string]float64{}
	expression := ""
	for _, m := range list(alarm.Properties["Metrics"]) {
		id := flat(at(m, "Id"))
		if text, ok := at(m, "Expression").(string); ok {
			expression = text
			continue
		}
		if _, ok := point[id]; !ok {
			return 0, false, nil
		}
		known[id] = point[id]
		if at(m, "ReturnData") == true {
			expression = id
		}
	}
	e := &evaluator{known: known}
	e.Init(strings.NewReader(expression))
	e.next()
	value = e.comparison()
	if e.err == nil && e.token != scanner.EOF {
		e.fail("%q is left over", e.TokenText())
	}
	return value, true, e.err
}

type evaluator struct {
	scanner.Scanner
	token rune
	known map[string]float64
	err   error
}

func (e *evaluator) next() { e.token = e.Scan() }

func (e *evaluator) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

func (e *evaluator) expect(r rune) {
	if e.token != r {
		e.fail("%q where %q has to be", e.TokenText(), string(r))
	}
	e.next()
}

func (e *evaluator) comparison() float64 {
	left := e.sum()
	if e.token != '<' && e.token != '>' {
		return left
	}
	operator := e.token
	e.next()
	equal := e.token == '='
	if equal {
		e.next()
	}
	right := e.sum()
	if (operator == '<' && left < right) || (operator == '>' && left > right) || (equal && left == right) {
		return 1
	}
	return 0
}

func (e *evaluator) sum() float64 {
	value := e.product()
	for e.token == '+' || e.token == '-' {
		operator := e.token
		e.next()
		if right := e.product(); operator == '+' {
			value += right
		} else {
			value -= right
		}
	}
	return value
}

func (e *evaluator) product() float64 {
	value := e.operand()
	for e.token == '*' || e.token == '/' {
		operator := e.token
		e.next()
		if right := e.operand(); operator == '*' {
			value *= right
		} else {
			value /= right
		}
	}
	return value
}

func (e *evaluator) operand() float64 {
	text := e.TokenText()
	switch e.token {
	case scanner.Int, scanner.Float:
		e.next()
		value, err := strconv.ParseFloat(text, 64)
		if err != nil {
			e.fail("%v", err)
		}
		return value
	case scanner.Ident:
		e.next()
		if text == "IF" {
			e.expect('(')
			condition := e.comparison()
			e.expect(',')
			yes := e.comparison()
			e.expect(',')
			no := e.comparison()
			e.expect(')')
			if condition != 0 {
				return yes
			}
			return no
		}
		value, ok := e.known[text]
		if !ok {
			e.fail("%s is no metric", text)
		}
		return value
	}
	e.fail("%q is nothing to calculate with", text)
	e.next()
	return 0
}
