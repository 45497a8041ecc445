// Package template is what a customer applies: a Terraform template, the same
// text for everyone at one version, with a variables file that holds all that
// belongs to one custom cloud; and the same role as a CloudFormation template.
package template

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"

	"byoc/shared/template/rolepolicy"
)

//go:generate go test . -run TestGenerated -update

// Version of the template. A published text never changes: another text is
// another version, in a folder of its own.
const Version = rolepolicy.CurrentVersion

//go:embed terraform/v1/template.tf
var terraform string

// Terraform is the template of Version, byte for byte what SHA256 is of.
func Terraform() string { return terraform }

// SHA256 of Terraform, in hex: what a customer compares a download with.
func SHA256() string {
	sum := sha256.Sum256([]byte(terraform))
	return hex.EncodeToString(sum[:])
}

// RolePolicy is the inline policy that the template gives the role, minified.
func RolePolicy(v Values) (string, error) {
	if err := v.Validate(); err != nil {
		return "", err
	}
	d, err := rolepolicy.For(v.Stem, v.Region)
	if err != nil {
		return "", err
	}
	return d.JSON(), nil
}
