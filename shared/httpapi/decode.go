package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"byoc/shared/cloud"
)

// object is a JSON object of a request: fields are looked up by their exact
// names, the last of two with one name counts, and unknown ones are ignored. A
// null is a field left out. What has a wrong type is collected with its
// location, so that everything wrong is reported together.
type object struct {
	location string
	fields   map[string]json.RawMessage
	problems *[]cloud.Field
}

// decodeObject reads a body. An empty one is an object without fields.
func decodeObject(body []byte) (object, error) {
	o := object{location: "body", problems: new([]cloud.Field)}
	if len(body) == 0 {
		return o, nil
	}
	if !utf8.Valid(body) {
		return o, invalid([]cloud.Field{{Location: "body", Message: "The body must be in UTF-8."}})
	}
	err := json.Unmarshal(body, &o.fields)
	if syntax := new(json.SyntaxError); errors.As(err, &syntax) {
		m := fmt.Sprintf("The body is not valid JSON: it goes wrong at byte %d.", syntax.Offset)
		return o, invalid([]cloud.Field{{Location: "body", Message: m}})
	}
	if err != nil {
		return o, invalid([]cloud.Field{{Location: "body", Message: "The body must be a JSON object: {…}."}})
	}
	return o, nil
}

func (o object) problem(name, format string, args ...any) {
	*o.problems = append(*o.problems, cloud.Field{Location: o.location + name, Message: fmt.Sprintf(format, args...)})
}

// refuseOthers names the fields that a path of our own does not know.
func (o object) refuseOthers(known ...string) {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if !slices.Contains(known, name) {
			o.problem("."+shorten(name), "There is no such field here.%s", knownFields(known))
		}
	}
}

func knownFields(known []string) string {
	if len(known) == 0 {
		return " The body is empty."
	}
	return " There are: " + strings.Join(known, ", ") + "."
}

// only refuses every field that is not known, and says so at once.
func (o object) only(known ...string) error {
	o.refuseOthers(known...)
	return o.err()
}

// errWith is everything wrong that was met so far, and what else is wrong with
// the request: a field of a wrong type is reported as that only.
func (o object) errWith(more []cloud.Field) error {
	met := slices.Clone(*o.problems)
	for _, f := range more {
		if !slices.ContainsFunc(met, func(m cloud.Field) bool { return within(m.Location, f.Location) || within(f.Location, m.Location) }) {
			*o.problems = append(*o.problems, f)
		}
	}
	return o.err()
}

// within says whether a location is another one or inside of it.
func within(inner, outer string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// err is everything wrong that was met so far.
func (o object) err() error { return invalid(*o.problems) }

// has says whether the field is there and not null.
func (o object) has(name string) bool {
	raw, ok := o.fields[name]
	return ok && !bytes.Equal(raw, []byte("null"))
}

func field[T any](o object, name, want string) cloud.Optional[T] {
	var v T
	if !o.has(name) {
		return cloud.Optional[T]{}
	}
	if err := read(o.fields[name], &v); err != nil {
		o.problem("."+name, "Must be %s.", want)
		return cloud.Optional[T]{}
	}
	return cloud.Some(v)
}

// read a value of a body, which is valid JSON in UTF-8. Nearly all are texts in
// which nothing is escaped.
func read(raw json.RawMessage, v any) error {
	if text, ok := v.(*string); ok && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 {
		*text = string(raw[1 : len(raw)-1])
		return nil
	}
	return json.Unmarshal(raw, v)
}

func (o object) text(name string) cloud.Optional[string] {
	return field[string](o, name, "a string")
}

func (o object) number(name string) cloud.Optional[int] {
	return field[int](o, name, "a whole number")
}

func (o object) boolean(name string) cloud.Optional[bool] {
	return field[bool](o, name, "true or false")
}

func (o object) texts(name string) cloud.Optional[[]string] {
	list := field[[]json.RawMessage](o, name, "a list of strings")
	if !list.Set {
		return cloud.Optional[[]string]{}
	}
	values := make([]string, len(list.Value))
	for i, raw := range list.Value {
		if err := read(raw, &values[i]); err != nil || bytes.Equal(raw, []byte("null")) {
			o.problem(fmt.Sprintf(".%s[%d]", name, i), "Must be a string.")
		}
	}
	return cloud.Some(values)
}

// textMap leaves a key out whose value is null.
func (o object) textMap(name string) cloud.Optional[map[string]string] {
	raw := field[map[string]json.RawMessage](o, name, "an object whose values are strings")
	if !raw.Set {
		return cloud.Optional[map[string]string]{}
	}
	values := make(map[string]string, len(raw.Value))
	for k, r := range raw.Value {
		var v string
		if err := read(r, &v); err != nil {
			o.problem(fmt.Sprintf(".%s.%.80s", name, k), "Must be a string.")
		} else if !bytes.Equal(r, []byte("null")) {
			values[k] = v
		}
	}
	return cloud.Some(values)
}

// objects reads a list of objects, at most max of them.
func (o object) objects(name string, max int) cloud.Optional[[]object] {
	list := field[[]json.RawMessage](o, name, "a list of objects")
	if !list.Set {
		return cloud.Optional[[]object]{}
	}
	if len(list.Value) > max {
		o.problem("."+name, "At most %d are possible.", max)
		return cloud.Optional[[]object]{}
	}
	values := make([]object, len(list.Value))
	for i, raw := range list.Value {
		values[i] = object{location: fmt.Sprintf("%s.%s[%d]", o.location, name, i), problems: o.problems}
		if err := json.Unmarshal(raw, &values[i].fields); err != nil || values[i].fields == nil {
			values[i].problem("", "Must be an object.")
		}
	}
	return cloud.Some(values)
}

// textOr is the field's text, or empty where it is left out.
func (o object) textOr(name string) string { return o.text(name).Value }
