package httpapi

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strconv"
)

// appendJSON writes < and > as they are: an answer is never part of a page, and
// escaped they are six times as long. It ends with a line.
func appendJSON(b []byte, v any) ([]byte, error) {
	w := bytes.NewBuffer(b)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return w.Bytes(), err
}

// What a field is written by. name is all that comes before its value: the
// object's brace or a comma, the name in quotes, the colon.

func appendText(b []byte, name, value string) []byte {
	return appendQuoted(append(b, name...), value)
}

// appendQuoted writes the text as it is, and again by encoding/json where
// something in it has to be escaped, which is rare.
func appendQuoted(b []byte, text string) []byte {
	b = append(b, '"')
	start := len(b)
	b = append(b, text...)
	if hasToBeEscaped(b[start:]) {
		// A text can always be encoded.
		b, _ = appendJSON(b[:start-1], text)
		return b[:len(b)-1]
	}
	return append(b, '"')
}

// hasToBeEscaped looks at eight bytes at a time, the last eight of a longer text
// once more than needed.
func hasToBeEscaped(text []byte) bool {
	if len(text) < 8 {
		word := [8]byte{' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '}
		copy(word[:], text)
		return escaped(binary.LittleEndian.Uint64(word[:])) != 0
	}
	found := escaped(binary.LittleEndian.Uint64(text[len(text)-8:]))
	for ; len(text) > 8; text = text[8:] {
		found |= escaped(binary.LittleEndian.Uint64(text))
	}
	return found != 0
}

// escaped is not 0 where one of eight bytes is not ASCII, or is a control
// character, a quote or a backslash: each has its highest bit, or borrows it.
func escaped(word uint64) uint64 {
	const each, highest = 0x0101010101010101, 0x8080808080808080
	return (word | (word - each*' ') | (word ^ each*'"' - each) | (word ^ each*'\\' - each)) & highest
}

// appendGiven leaves the field out where it is empty.
func appendGiven(b []byte, name, value string) []byte {
	if value == "" {
		return b
	}
	return appendText(b, name, value)
}

func appendTextOrNull(b []byte, name string, value *string) []byte {
	if value == nil {
		return append(append(b, name...), "null"...)
	}
	return appendText(b, name, *value)
}

func appendNumber(b []byte, name string, value int) []byte {
	return strconv.AppendInt(append(b, name...), int64(value), 10)
}

func appendFlag(b []byte, name string, value bool) []byte {
	return strconv.AppendBool(append(b, name...), value)
}

// quote appends a text that is an element of a list or a map.
func quote(text *string, b []byte) []byte { return appendQuoted(b, *text) }

func appendList[T any](b []byte, name string, list []T, element func(*T, []byte) []byte) []byte {
	b = append(b, name...)
	if list == nil {
		return append(b, "null"...)
	}
	b = append(b, '[')
	for i := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = element(&list[i], b)
	}
	return append(b, ']')
}

// appendMap orders a map by its keys, so that one answer is always the same text.
func appendMap[T any](b []byte, name string, m map[string]T, element func(*T, []byte) []byte) []byte {
	b = append(b, name...)
	if m == nil {
		return append(b, "null"...)
	}
	keys := make([]string, 0, 8)
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	b = append(b, '{')
	var value T
	for i, key := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, key), ':')
		value = m[key]
		b = element(&value, b)
	}
	return append(b, '}')
}
