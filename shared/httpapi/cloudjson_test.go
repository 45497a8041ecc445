package httpapi

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// drawn makes values of T with every field in it, and texts that have to be
// escaped.
func drawn[T any]() *rapid.Generator[T] {
	hostile := []string{"", "a<b>&c", "\"quoted\\\"", "\x00\b\f\n\r\t\x1f\x7f", "line\u2028paragraph\u2029end", "not UTF-8: \xff\xc3", "\xed\xa0\x80", "\U0001F600 äöü"}
	text := rapid.OneOf(rapid.SampledFrom(hostile), rapid.String(), rapid.StringMatching(`[a-z]{1,40}`))
	return rapid.MakeCustom[T](rapid.MakeConfig{Kinds: map[reflect.Kind]*rapid.Generator[any]{reflect.String: text.AsAny()}})
}

// byTheLibrary is the JSON that is wanted, with < and > as they are.
func byTheLibrary(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err)
	}
	return b.String()
}

func TestACloudIsWrittenByItsTags(t *testing.T) {
	check := func(t rapid.TB, v appender) {
		if got, err := encode(v); err != nil || got != byTheLibrary(v) {
			t.Errorf("%v\ngot  %s\nwant %s", err, got, byTheLibrary(v))
		}
	}
	check(t, &rowView{})
	check(t, &cloudAnswered{})
	rows, views := drawn[rowView](), drawn[cloudView]()
	rapid.Check(t, func(t *rapid.T) {
		row, view := rows.Draw(t, "row"), views.Draw(t, "cloud")
		view.rowView = row
		check(t, &row)
		check(t, &cloudAnswered{view})
	})
}

// Every byte in every place of a text.
func TestTextsAreEscapedAsTheLibraryDoes(t *testing.T) {
	for c := range 256 {
		for before := range 17 {
			text := strings.Repeat("a", before) + string([]byte{byte(c)}) + strings.Repeat("z", 16-before)
			for _, text := range []string{text, text[:before+1]} {
				if got := string(appendQuoted(nil, text)) + "\n"; got != byTheLibrary(text) {
					t.Fatalf("%q is written %s instead of %s", text, got, byTheLibrary(text))
				}
			}
		}
	}
}
