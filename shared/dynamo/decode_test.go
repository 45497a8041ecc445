package dynamo

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"byoc/shared/cloud"
)

// everyItem is each type that an item is read into.
var everyItem = []any{
	&cloudItem{}, &networkItem{}, &eventItem{}, &callsItem{}, &endedItem{}, &requestItem{}, &tokenItem{},
	&organizationItem{}, &unitItem{}, &projectItem{}, &memberItem{}, &serviceItem{}, &answerItem{}, &mailItem{},
}

// fill sets every field to something that is not zero and, where it can be, not
// what its neighbours are.
func fill(v reflect.Value, n *int) {
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(2026, 1, 2, 3, 4, 5, *n, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n)
		fill(v.Index(1), n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"a", "b"} {
			entry := reflect.New(v.Type().Elem()).Elem()
			fill(entry, n)
			v.SetMapIndex(reflect.ValueOf(key), entry)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Uint8:
		v.SetUint(uint64(*n % 256))
	default:
		v.SetInt(int64(*n))
	}
}

func TestItemsAreWrittenAndReadAsByTheLibrary(t *testing.T) {
	for _, zero := range everyItem {
		full := reflect.New(reflect.TypeOf(zero).Elem())
		n := 0
		fill(full.Elem(), &n)
		for _, want := range []any{zero, full.Interface()} {
			item, err := attributevalue.MarshalMap(want)
			if err != nil {
				t.Fatal(err)
			}
			written, err := encode(reflect.ValueOf(want).Elem())
			if diff := cmp.Diff(item, written, cmpopts.IgnoreUnexported(types.AttributeValueMemberS{}, types.AttributeValueMemberN{},
				types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberNULL{})); err != nil || diff != "" {
				t.Errorf("%T: %v\n%s", want, err, diff)
			}
			got := reflect.New(full.Type().Elem()).Interface()
			if err := decode(item, got); err != nil {
				t.Errorf("%T: %v", want, err)
			}
			library := reflect.New(full.Type().Elem()).Interface()
			if err := attributevalue.UnmarshalMap(item, library); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(library, got, cmp.Exporter(func(reflect.Type) bool { return true })); diff != "" {
				t.Errorf("%T:\n%s", want, diff)
			}
		}
	}
}

func TestAnAttributeOfAnotherKindIsAnError(t *testing.T) {
	text, number := &types.AttributeValueMemberS{Value: "1"}, &types.AttributeValueMemberN{Value: "many"}
	for _, item := range []record{
		{"id": number}, {"version": text}, {"version": number}, {"forced": text}, {"accounts": text},
		{"tags": text}, {"contacts": &types.AttributeValueMemberL{Value: []types.AttributeValue{text}}},
	} {
		r := reader{item: item}
		if readCloud(&r); r.err == nil {
			t.Errorf("%v was read", item)
		}
	}
	for _, item := range []record{
		{"actor": number}, {"version": text}, {"version": number}, {"quiet": text}, {"defects": text}, {"request": text},
		{"leftovers": &types.AttributeValueMemberL{Value: []types.AttributeValue{text}}},
	} {
		if err := decode(item, &eventItem{}); err == nil {
			t.Errorf("%v was read", item)
		}
	}
}

// A field of the domain that is not stored, or stored and not read, is found.
func TestACloudIsReadAsItWasWritten(t *testing.T) {
	var full cloud.Cloud
	n := 0
	fill(reflect.ValueOf(&full).Elem(), &n)
	for key, s := range full.Network.Steps {
		s.Key = key
		full.Network.Steps[key] = s
	}
	for _, want := range []cloud.Cloud{{}, full} {
		item, err := encode(reflect.ValueOf(newCloudItem(want)))
		if err != nil {
			t.Fatal(err)
		}
		network, err := encode(reflect.ValueOf(newNetworkItem(want)))
		if err != nil {
			t.Fatal(err)
		}
		cr, nr := reader{item: item}, reader{item: network}
		got := readCloud(&cr)
		got.Network, got.Template = readNetwork(&nr), readTemplate(&nr)
		if diff := cmp.Diff(want, got); diff != "" || cr.err != nil || nr.err != nil || readFence(&nr) != want.Fence() {
			t.Errorf("%v, %v\n%s", cr.err, nr.err, diff)
		}
		if size := sizeOf(item); cr.size > size*5/4 || cr.size < size*3/4 {
			t.Errorf("%d bytes were read of %d", cr.size, size)
		}
	}
}

func TestTimesAreReadAsTheyWereWritten(t *testing.T) {
	var known times
	for _, at := range []time.Time{
		{}, time.Time{}.Add(time.Second), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), time.Date(2026, 1, 2, 3, 59, 59, 999_999_999, time.UTC), time.Date(2028, 2, 29, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(1969, 12, 31, 0, 0, 0, 1, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 10, time.UTC),
		time.Date(2026, 6, 7, 8, 9, 10, 120_000_000, time.FixedZone("somewhere", -3*3600)),
	} {
		text := formatTime(at)
		if !at.IsZero() && text != at.UTC().Format(timeLayout) {
			t.Errorf("%v is written %s", at, text)
		}
		// By ==, as cloud.Cloud's times are compared in places.
		if got := parseTime(text); got != at.UTC() || known.parse(text) != got {
			t.Errorf("%s is read as %v and as %v", text, got, known.parse(text))
		}
	}
	for _, text := range []string{"", "yesterday", "2026-01-02", "2026-13-02T03:04:05.000000000Z", "2026-02-29T03:04:05.000000000Z"} {
		if got := parseTime(text); !got.IsZero() || known.parse(text) != got {
			t.Errorf("%q is read as %v and as %v", text, got, known.parse(text))
		}
	}
	text := formatTime(time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC))
	for i := range text {
		for _, c := range "059:.-/TZ " {
			altered := text[:i] + string(c) + text[i+1:]
			if got := parseTime(altered); known.parse(text) != parseTime(text) || known.parse(altered) != got {
				t.Errorf("%q is read as %v and as %v", altered, got, known.parse(altered))
			}
		}
	}
}
