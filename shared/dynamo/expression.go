package dynamo

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// expression collects an update and the condition it depends on. Every name
// and every value is a placeholder: step keys contain slashes and dashes, and
// DynamoDB reserves several hundred words.
type expression struct {
	names      map[string]string
	values     map[string]types.AttributeValue
	sets       []string
	removes    []string
	conditions []string
	// answer says what an update answers; nothing by default, because an item
	// with all its steps is large.
	answer types.ReturnValue
	err    error
}

func newExpression() *expression {
	return &expression{names: map[string]string{}, values: map[string]types.AttributeValue{}}
}

// path of an attribute, or of an entry in a map.
func (e *expression) path(attributes ...string) string {
	places := make([]string, len(attributes))
	for i, a := range attributes {
		place := ""
		for p, name := range e.names {
			if name == a {
				place = p
			}
		}
		if place == "" {
			place = "#n" + strconv.Itoa(len(e.names))
			e.names[place] = a
		}
		places[i] = place
	}
	return strings.Join(places, ".")
}

func (e *expression) value(v any) string {
	av, err := encodeValue(reflect.ValueOf(v))
	if err != nil && e.err == nil {
		e.err = err
	}
	place := ":v" + strconv.Itoa(len(e.values))
	e.values[place] = av
	return place
}

func (e *expression) set(v any, path ...string) *expression {
	e.sets = append(e.sets, e.path(path...)+" = "+e.value(v))
	return e
}

// setOnce sets where nothing is set yet.
func (e *expression) setOnce(v any, attribute string) *expression {
	p := e.path(attribute)
	e.sets = append(e.sets, fmt.Sprintf("%s = if_not_exists(%s, %s)", p, p, e.value(v)))
	return e
}

// add to a number, which counts as 0 where it is missing.
func (e *expression) add(n int, attribute string) *expression {
	p := e.path(attribute)
	e.sets = append(e.sets, fmt.Sprintf("%s = if_not_exists(%s, %s) + %s", p, p, e.value(0), e.value(n)))
	return e
}

func (e *expression) remove(attribute string) *expression {
	e.removes = append(e.removes, e.path(attribute))
	return e
}

// setString sets a string, or removes the attribute for an empty one: so
// setOnce can fill it again, and an index key is never empty.
func (e *expression) setString(s, attribute string) *expression {
	if s == "" {
		return e.remove(attribute)
	}
	return e.set(s, attribute)
}

// setNumber sets a number, or removes the attribute for 0.
func (e *expression) setNumber(n int, attribute string) *expression {
	if n == 0 {
		return e.remove(attribute)
	}
	return e.set(n, attribute)
}

// setList sets a list, or removes the attribute for an empty one.
func setList[T any](e *expression, list []T, attribute string) *expression {
	if len(list) == 0 {
		return e.remove(attribute)
	}
	return e.set(list, attribute)
}

// answered makes an update answer the item as it is then.
func (e *expression) answered() *expression {
	e.answer = types.ReturnValueAllNew
	return e
}

// where adds a condition; all of them have to hold.
func (e *expression) where(condition string) *expression {
	e.conditions = append(e.conditions, "("+condition+")")
	return e
}

func (e *expression) equal(attribute string, v any) *expression {
	return e.where(e.path(attribute) + " = " + e.value(v))
}

func (e *expression) exists() *expression {
	return e.where("attribute_exists(" + e.path(PartitionKey) + ")")
}

func (e *expression) absent() *expression {
	return e.where("attribute_not_exists(" + e.path(PartitionKey) + ")")
}

// read lets the write through only over the version that was read; 0 is an item
// that is not there.
func (e *expression) read(version int) *expression {
	if version == 0 {
		return e.absent()
	}
	return e.equal("version", version)
}

// absentOr lets the write through where there is no item, or condition holds.
func (e *expression) absentOr(condition string) *expression {
	return e.where("attribute_not_exists(" + e.path(PartitionKey) + ") OR " + condition)
}

func (e *expression) update() *string {
	var s string
	if len(e.sets) > 0 {
		s = "SET " + strings.Join(e.sets, ", ")
	}
	if len(e.removes) > 0 {
		s += " REMOVE " + strings.Join(e.removes, ", ")
	}
	return optional(s)
}

func (e *expression) condition() *string { return optional(strings.Join(e.conditions, " AND ")) }

// placeholders are absent rather than empty: DynamoDB refuses empty maps.
func (e *expression) placeholders() (map[string]string, map[string]types.AttributeValue) {
	names, values := e.names, e.values
	if len(names) == 0 {
		names = nil
	}
	if len(values) == 0 {
		values = nil
	}
	return names, values
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
