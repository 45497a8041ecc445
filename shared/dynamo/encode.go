package dynamo

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// encode makes an item of a struct, as attributevalue does by the same tags; a
// test holds the two together. The library takes three times as long, most of
// it to ask every value whether it marshals itself. None of ours does.
func encode(v reflect.Value) (record, error) {
	fields := fieldsOf(v.Type())
	item := make(record, len(fields))
	for _, f := range fields {
		value := v.FieldByIndex(f.index)
		if f.omitEmpty && value.IsZero() {
			continue
		}
		a, err := encodeValue(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.name, err)
		}
		item[f.name] = a
	}
	return item, nil
}

func encodeValue(v reflect.Value) (types.AttributeValue, error) {
	switch v.Kind() {
	case reflect.String:
		return &types.AttributeValueMemberS{Value: v.String()}, nil
	case reflect.Bool:
		return &types.AttributeValueMemberBOOL{Value: v.Bool()}, nil
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v.Int(), 10)}, nil
	case reflect.Struct:
		fields, err := encode(v)
		return &types.AttributeValueMemberM{Value: fields}, err
	case reflect.Pointer, reflect.Slice, reflect.Map:
		if !v.IsNil() {
			return encodeReference(v)
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	return nil, fmt.Errorf("%s cannot be stored", v.Type())
}

func encodeReference(v reflect.Value) (types.AttributeValue, error) {
	switch {
	case v.Kind() == reflect.Pointer:
		return encodeValue(v.Elem())
	case v.Kind() == reflect.Map:
		entries := make(record, v.Len())
		for i := v.MapRange(); i.Next(); {
			a, err := encodeValue(i.Value())
			if err != nil {
				return nil, err
			}
			entries[i.Key().String()] = a
		}
		return &types.AttributeValueMemberM{Value: entries}, nil
	case v.Type().Elem().Kind() == reflect.Uint8:
		return &types.AttributeValueMemberB{Value: v.Bytes()}, nil
	}
	list := make([]types.AttributeValue, v.Len())
	for i := range list {
		a, err := encodeValue(v.Index(i))
		if err != nil {
			return nil, err
		}
		list[i] = a
	}
	return &types.AttributeValueMemberL{Value: list}, nil
}
