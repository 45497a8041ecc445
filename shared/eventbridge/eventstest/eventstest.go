// Package eventstest holds events against their schemas, in tests.
package eventstest

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"byoc/events"
)

// Check says what is wrong with the detail of an event of a detail-type. A field
// that the schema does not name is wrong too: what is emitted is documented.
func Check(detailType string, detail []byte) error {
	var version struct {
		Schema int `json:"schema_version"`
	}
	if err := json.Unmarshal(detail, &version); err != nil {
		return err
	}
	text, err := events.Schema(detailType, version.Schema)
	if err != nil {
		return err
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	object, ok := schema.(map[string]any)
	if !ok {
		return fmt.Errorf("the schema of %s is no object", detailType)
	}
	object["unevaluatedProperties"] = false
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("event.json", schema); err != nil {
		return err
	}
	compiled, err := compiler.Compile("event.json")
	if err != nil {
		return err
	}
	instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(detail))
	if err != nil {
		return err
	}
	return compiled.Validate(instance)
}
