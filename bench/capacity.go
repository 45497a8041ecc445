package main

import (
	"encoding/json"
	"slices"

	"byoc/shared/dynamo"
)

// itemSize is an item's size in bytes as DynamoDB counts it: names and values,
// three bytes for a list or a map and one for each of their elements
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html).
func itemSize(raw []byte) int { return sizeOf(raw, func(string) bool { return true }) }

// indexEntrySize is that of the keys of an item, in the table and in the index.
func indexEntrySize(raw []byte) int {
	keys := []string{dynamo.PartitionKey, dynamo.SortKey, dynamo.DueShard, dynamo.DueAt}
	return sizeOf(raw, func(name string) bool { return slices.Contains(keys, name) })
}

func sizeOf(raw []byte, counts func(attribute string) bool) int {
	var attributes map[string]json.RawMessage
	must(json.Unmarshal(raw, &attributes))
	n := 0
	for name, v := range attributes {
		if counts(name) {
			n += len(name) + valueSize(v)
		}
	}
	return n
}

func valueSize(raw json.RawMessage) int {
	var v struct {
		S, N *string
		L    []json.RawMessage
		M    map[string]json.RawMessage
		// What has one byte; of nothing else the size is known here.
		BOOL, NULL *bool
	}
	must(json.Unmarshal(raw, &v))
	switch {
	case v.S != nil:
		return len(*v.S)
	case v.N != nil:
		return len(*v.N)/2 + 1
	case v.L != nil:
		n := 3
		for _, e := range v.L {
			n += 1 + valueSize(e)
		}
		return n
	case v.M != nil:
		n := 3
		for name, e := range v.M {
			n += 1 + len(name) + valueSize(e)
		}
		return n
	}
	if v.BOOL == nil && v.NULL == nil {
		panic("no size is known of " + string(raw))
	}
	return 1
}
