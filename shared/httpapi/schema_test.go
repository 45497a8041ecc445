package httpapi

import (
	"fmt"
	"reflect"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// schemas makes JSON schemas of the types of answers, named ones as components.
type schemas map[string]any

var enums = map[reflect.Type][]any{
	reflect.TypeFor[cloud.State]():       values(cloud.States()),
	reflect.TypeFor[cloud.StepState]():   {"waiting", "pending", "ready", "deleting", "gone", "failed"},
	reflect.TypeFor[cloud.NATLayout]():   {"per_az", "single"},
	reflect.TypeFor[cloud.SupportTier](): {"basic", "priority", "business", "premium"},
	reflect.TypeFor[cloud.Role]():        {"admin", "member"},
	reflect.TypeFor[preflight.Verdict](): {"passed", "failed", "warning", "could_not_check"},
}

func values[T ~string](list []T) (all []any) {
	for _, v := range list {
		all = append(all, string(v))
	}
	return all
}

type jsonObject = map[string]any

func (s schemas) of(t reflect.Type) jsonObject {
	if values, ok := enums[t]; ok {
		return jsonObject{"type": "string", "enum": values}
	}
	switch t.Kind() {
	case reflect.Pointer:
		inner := s.of(t.Elem())
		inner["type"] = []any{inner["type"], "null"}
		return inner
	case reflect.String:
		return jsonObject{"type": "string"}
	case reflect.Int:
		return jsonObject{"type": "integer"}
	case reflect.Bool:
		return jsonObject{"type": "boolean"}
	case reflect.Slice:
		return jsonObject{"type": "array", "items": s.of(t.Elem())}
	case reflect.Map:
		return jsonObject{"type": "object", "additionalProperties": s.of(t.Elem())}
	case reflect.Struct:
		if t.Name() == "" {
			return s.object(t)
		}
		name := strings.ToUpper(t.Name()[:1]) + strings.TrimSuffix(t.Name()[1:], "View")
		if s[name] == nil {
			s[name] = jsonObject{}
			s[name] = s.object(t)
		}
		return jsonObject{"$ref": "#/components/schemas/" + name}
	}
	panic(fmt.Sprint("no schema for ", t))
}

// object has every field that is always there as a required one, and no others
// than it has: so a field that the code gains has to be documented.
func (s schemas) object(t reflect.Type) jsonObject {
	properties, required := jsonObject{}, []any{}
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			inner := s.object(f.Type)
			for name, p := range inner["properties"].(jsonObject) {
				properties[name] = p
			}
			required = append(required, inner["required"].([]any)...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		properties[name] = s.of(f.Type)
		if options != "omitempty" {
			required = append(required, name)
		}
	}
	return jsonObject{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

// wrapped is an object with one field of the type.
func (s schemas) wrapped(name string, v any) jsonObject {
	return jsonObject{
		"type": "object", "properties": jsonObject{name: s.of(reflect.TypeOf(v))}, "required": []any{name}, "additionalProperties": false,
	}
}

// page is a list of rows of the type.
func (s schemas) page(name string, row any) jsonObject {
	return jsonObject{
		"type":       "object",
		"properties": jsonObject{name: jsonObject{"type": "array", "items": s.of(reflect.TypeOf(row))}, "next_cursor": jsonObject{"type": "string"}},
		"required":   []any{name}, "additionalProperties": false,
	}
}
