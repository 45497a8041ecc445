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
	} else if _, null := value.(*types.AttributeValueMemberNULL); value != nil && !null && r.err == nil {
		r.err = fmt.Errorf("%s: %T where %T should be", name, value, a)
	}
	return a, ok
}

func (r *reader) asText(name string, value types.AttributeValue) string {
	a, ok := as[*types.AttributeValueMemberS](r, name, value)
	if !ok {
		return ""
	}
	r.size += len(a.Value)
	return a.Value
}

func (r *reader) text(name string) string { return r.asText(name, r.item[name]) }

func (r *reader) time(name string) time.Time { return parseTime(r.text(name)) }

func (r *reader) number(name string) int {
	a, ok := as[*types.AttributeValueMemberN](r, name, r.item[name])
	if !ok {
		return 0
	}
	n, err := strconv.Atoi(a.Value)
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%s: %w", name, err)
	}
	return n
}

func (r *reader) flag(name string) bool {
	a, ok := as[*types.AttributeValueMemberBOOL](r, name, r.item[name])
	return ok && a.Value
}

func (r *reader) list(name string) []types.AttributeValue {
	if a, ok := as[*types.AttributeValueMemberL](r, name, r.item[name]); ok {
		return a.Value
	}
	return nil
}

// fields of a value that is a map, which become what is read.
func (r *reader) fields(name string, value types.AttributeValue) record {
	if a, ok := as[*types.AttributeValueMemberM](r, name, value); ok {
		return a.Value
	}
	return nil
}

func (r *reader) texts(name string) []string {
	return each(r.list(name), func(v types.AttributeValue) string { return r.asText(name, v) })
}

func (r *reader) textMap(name string) map[string]string {
	fields := r.fields(name, r.item[name])
	if fields == nil {
		return nil
	}
	texts := make(map[string]string, len(fields))
	for key, v := range fields {
		texts[key] = r.asText(key, v)
	}
	return texts
}

// listOf maps, each read with its own attributes as the item.
func listOf[T any](r *reader, name string, read func(*reader) T) []T {
	item := r.item
	values := each(r.list(name), func(v types.AttributeValue) T {
		r.item = r.fields(name, v)
		return read(r)
	})
	r.item = item
	return values
}
