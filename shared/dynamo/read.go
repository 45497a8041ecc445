package dynamo

import (
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// reader reads an item attribute by attribute: the cloud and its network, which
// almost every answer of the API is made of and which have dozens. decode, which
// reads all others, takes three times as long.
//
// What the item lacks is zero. An attribute of another kind than is asked for is
// zero, and err.
type reader struct {
	item record
	// size in bytes of what was read, nearly as DynamoDB counts it.
	size int
	err  error
}

// as is a value of the kind A; false where it is none.
func as[A types.AttributeValue](r *reader, name string, value types.AttributeValue) (A, bool) {
	a, ok := value.(A)
	if ok {
		r.size += len(name) + 1
	} else {
		r.refuse(name, value, a)
	}
	return a, ok
}

// refuse notes a value that is of another kind, unless it is none.
func (r *reader) refuse(name string, value, wanted types.AttributeValue) {
	if _, null := value.(*types.AttributeValueMemberNULL); value != nil && !null && r.err == nil {
		r.err = fmt.Errorf("%s: %T where %T should be", name, value, wanted)
	}
}

func (r *reader) asText(name string, value types.AttributeValue) string {
	// Not by as: being generic it is slower, and nearly all that is read is text.
	a, ok := value.(*types.AttributeValueMemberS)
	if !ok {
		r.refuse(name, value, a)
		return ""
	}
	r.size += len(name) + 1 + len(a.Value)
	return a.Value
}

func (r *reader) asTime(name string, value types.AttributeValue) time.Time {
	return parseTime(r.asText(name, value))
}

func (r *reader) asNumber(name string, value types.AttributeValue) int {
	a, ok := as[*types.AttributeValueMemberN](r, name, value)
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(a.Value)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	return n
}

func (r *reader) asFlag(name string, value types.AttributeValue) bool {
	a, ok := as[*types.AttributeValueMemberBOOL](r, name, value)
	return ok && a.Value
}

func (r *reader) asList(name string, value types.AttributeValue) []types.AttributeValue {
	if a, ok := as[*types.AttributeValueMemberL](r, name, value); ok {
		return a.Value
	}
	return nil
}

// fields of a value that is a map; none where it is none.
func (r *reader) fields(name string, value types.AttributeValue) record {
	if a, ok := as[*types.AttributeValueMemberM](r, name, value); ok {
		return a.Value
	}
	return nil
}

func (r *reader) asTexts(name string, value types.AttributeValue) []string {
	return each(r.asList(name, value), func(v types.AttributeValue) string { return r.asText(name, v) })
}

func (r *reader) asTextMap(name string, value types.AttributeValue) map[string]string {
	fields := r.fields(name, value)
	if fields == nil {
		return nil
	}
	texts := make(map[string]string, len(fields))
	for key, v := range fields {
		texts[key] = r.asText(key, v)
	}
	return texts
}

// asListOf maps, each read with its own attributes as the item.
func asListOf[T any](r *reader, name string, value types.AttributeValue, read func(*reader) T) []T {
	item := r.item
	values := each(r.asList(name, value), func(v types.AttributeValue) T {
		r.item = r.fields(name, v)
		return read(r)
	})
	r.item = item
	return values
}

func (r *reader) text(name string) string { return r.asText(name, r.item[name]) }

func (r *reader) time(name string) time.Time { return r.asTime(name, r.item[name]) }

func (r *reader) number(name string) int { return r.asNumber(name, r.item[name]) }

func (r *reader) flag(name string) bool { return r.asFlag(name, r.item[name]) }

func listOf[T any](r *reader, name string, read func(*reader) T) []T {
	return asListOf(r, name, r.item[name], read)
}
