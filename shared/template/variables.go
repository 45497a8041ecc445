package template

import (
	"bytes"
	"fmt"
)

// Variables is the variables file of a custom cloud, for terraform's -var-file.
// No value can become an expression: the forms that Validate asks for have
// neither quotes nor ${. hclwrite would make sure of it by itself, but every
// start of the API would wait a millisecond for what it links in.
func Variables(v Values) ([]byte, error) {
	if err := v.Validate(); err != nil {
		return nil, err
	}
	var file bytes.Buffer
	for _, variable := range []struct{ name, value string }{
		{"custom_cloud_id", v.CloudID},
		{"stem", v.Stem},
		{"region", v.Region},
		{"principal", v.Principal},
		{"external_id", v.ExternalID},
	} {
		fmt.Fprintf(&file, "%-15s = %q\n", variable.name, variable.value)
	}
	return file.Bytes(), nil
}
