package dynamo

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// decode reads an item into the struct that out points to, by the tags by which
// encode writes it, as attributevalue does; a test holds the two together. The
// library goes over the item and looks each name up; going over the struct's
// fields, which are known, takes a fifth of the time.
//
// What the item lacks stays as it is in out. An attribute of another kind than
// its field is an error.
func decode(item record, out any) error {
	v := reflect.ValueOf(out).Elem()
	for _, f := range fieldsOf(v.Type()) {
		if a, ok := item[f.name]; ok {
			if err := decodeValue(a, v.FieldByIndex(f.index)); err != nil {
				return fmt.Errorf("%s: %w", f.name, err)
			}
		}
	}
	return nil
}

type itemField struct {
	name      string
	index     []int
	omitEmpty bool
}

var itemFields sync.Map

// fieldsOf a struct and of those that it embeds, by the names in their tags.
func fieldsOf(t reflect.Type) []itemField {
	if known, ok := itemFields.Load(t); ok {
		return known.([]itemField)
	}
	var fields []itemField
	for _, f := range reflect.VisibleFields(t) {
		if name, tagged := f.Tag.Lookup("dynamodbav"); tagged {
			name, option, _ := strings.Cut(name, ",")
			fields = append(fields, itemField{name, f.Index, option == "omitempty"})
		}
	}
	itemFields.Store(t, fields)
	return fields
}

func decodeValue(a types.AttributeValue, to reflect.Value) error {
	if to.Kind() == reflect.Pointer {
		to.Set(reflect.New(to.Type().Elem()))
		return decodeValue(a, to.Elem())
	}
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		if to.Kind() == reflect.String {
			to.SetString(a.Value)
			return nil
		}
	case *types.AttributeValueMemberN:
		if to.CanInt() {
			n, err := strconv.ParseInt(a.Value, 10, 64)
			to.SetInt(n)
			return err
		}
	case *types.AttributeValueMemberBOOL:
		if to.Kind() == reflect.Bool {
			to.SetBool(a.Value)
			return nil
		}
	case *types.AttributeValueMemberB:
		if to.Kind() == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8 {
			to.SetBytes(a.Value)
			return nil
		}
	case *types.AttributeValueMemberL:
		if to.Kind() == reflect.Slice {
			return decodeList(a.Value, to)
		}
	case *types.AttributeValueMemberM:
		switch to.Kind() {
		case reflect.Struct:
			return decode(a.Value, to.Addr().Interface())
		case reflect.Map:
			return decodeMap(a.Value, to)
		}
	case *types.AttributeValueMemberNULL:
		return nil
	}
	return fmt.Errorf("%T where %s should be", a, to.Type())
}

func decodeList(list []types.AttributeValue, to reflect.Value) error {
	values := reflect.MakeSlice(to.Type(), len(list), len(list))
	for i, a := range list {
		if err := decodeValue(a, values.Index(i)); err != nil {
			return err
		}
	}
	to.Set(values)
	return nil
}

func decodeMap(entries record, to reflect.Value) error {
	values := reflect.MakeMapWithSize(to.Type(), len(entries))
	entry := reflect.New(to.Type().Elem()).Elem()
	for name, a := range entries {
		entry.SetZero()
		if err := decodeValue(a, entry); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		values.SetMapIndex(reflect.ValueOf(name), entry)
	}
	to.Set(values)
	return nil
}
