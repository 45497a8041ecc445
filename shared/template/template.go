// Package template is what a customer applies: a Terraform template, the same
// text for everyone at one version, with a variables file that holds all that
// belongs to one custom cloud; and the same role as a CloudFormation template.
package template

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"sync"

	"byoc/shared/template/rolepolicy"
)

//go:generate go test . -run TestGenerated|TestPublishedTextsNeverChange -update

// Version of the template. A published text never changes: another text is
// another version, in a folder of its own.
const Version = rolepolicy.CurrentVersion

//go:embed terraform cloudformation
var texts embed.FS

func text(name string) string {
	// It is embedded, and the tests read it.
	b, _ := texts.ReadFile(name)
	return string(b)
}

// Terraform is the template of Version, byte for byte what SHA256 is of.
func Terraform() string { return text("terraform/v" + Version + "/template.tf") }

// SHA256 of Terraform, in hex: what a customer compares a download with.
func SHA256() string { return terraformSum() }

// Every cloud that is shown carries it, so that it is worked out once.
var terraformSum = sync.OnceValue(func() string { return sum(Terraform()) })

func sum(text string) string {
	sum := sha256.Sum256([]byte(text))
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
