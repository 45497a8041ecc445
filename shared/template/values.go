package template

import (
	"errors"
	"fmt"
	"regexp"
	"sync"

	"byoc/shared/cloud"
)

// Values are everything that differs between the templates of two custom
// clouds. Nothing that a customer typed freely is among them.
type Values struct {
	CloudID string
	// Stem is cloud.Stem of CloudID.
	Stem   string
	Region string
	// Principal is the ARN of our customer-access role.
	Principal  string
	ExternalID string
}

// ValuesFor a cloud, whose role is to trust principal.
func ValuesFor(c cloud.Cloud, principal string) Values {
	return Values{
		CloudID:    c.ID,
		Stem:       c.Stem(),
		Region:     c.Region,
		Principal:  principal,
		ExternalID: c.ExternalID,
	}
}

// RoleName is the name of the role that the template makes.
func (v Values) RoleName() string { return v.Stem + "-iam-role" }

// maxExternalID is far more than ours have, and far less than STS takes. A
// count in the pattern would take a millisecond to compile.
const maxExternalID = 256

// The same patterns are in the template's variables.
var (
	cloudIDs    = pattern(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	regions     = pattern(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)
	externalIDs = pattern(`^[A-Za-z0-9+=,.@:/_-]+$`)
)

// pattern is compiled when the first template is asked for, not in every cold start.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// Validate holds every value against the one form that it can have. All are
// made or checked by us before: a failure is a defect, not a customer's mistake.
func (v Values) Validate() error {
	var errs []error
	if !cloudIDs().MatchString(v.CloudID) {
		errs = append(errs, fmt.Errorf("cloud id %.80q", v.CloudID))
	}
	if v.Stem != cloud.Stem(v.CloudID) {
		errs = append(errs, fmt.Errorf("stem %.80q of cloud %.80q", v.Stem, v.CloudID))
	}
	if len(v.Region) > 32 || !regions().MatchString(v.Region) {
		errs = append(errs, fmt.Errorf("region %.80q", v.Region))
	}
	if _, err := cloud.ParseRoleARN(v.Principal); err != nil {
		errs = append(errs, fmt.Errorf("principal: %w", err))
	}
	// Its text stays out of the error.
	if n := len(v.ExternalID); n < 2 || n > maxExternalID || !externalIDs().MatchString(v.ExternalID) {
		errs = append(errs, errors.New("external id of a form that STS does not take"))
	}
	if err := errors.Join(errs...); err != nil {
		return cloud.Wrap(err, cloud.Internal, "values of the template")
	}
	return nil
}
