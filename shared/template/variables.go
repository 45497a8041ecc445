package template

import (
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Variables is the variables file of a custom cloud, for terraform's -var-file.
// hclwrite writes the values, so that none of them can become an expression.
func Variables(v Values) ([]byte, error) {
	if err := v.Validate(); err != nil {
		return nil, err
	}
	file := hclwrite.NewEmptyFile()
	body := file.Body()
	for _, variable := range []struct{ name, value string }{
		{"custom_cloud_id", v.CloudID},
		{"stem", v.Stem},
		{"region", v.Region},
		{"principal", v.Principal},
		{"external_id", v.ExternalID},
	} {
		body.SetAttributeValue(variable.name, cty.StringVal(variable.value))
	}
	return hclwrite.Format(file.Bytes()), nil
}
