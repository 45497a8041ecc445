package cloud

import (
	"fmt"
	"regexp"
)

// RoleARN is the parts of an IAM role's ARN.
type RoleARN struct {
	Account string
	// Name without a path: the template gives the role none.
	Name string
}

// MaxRoleARN is the longest role ARN that the API takes, in characters.
const MaxRoleARN = 2048

var roleARN = regexp.MustCompile(`^arn:aws:iam::([0-9]+):role/([A-Za-z0-9+=,.@_-]+)$`)

// As IAM has them.
const (
	accountDigits = 12
	maxRoleName   = 64
)

// ParseRoleARN reads the ARN of a role without a path in the aws partition.
func ParseRoleARN(s string) (RoleARN, error) {
	m := roleARN.FindStringSubmatch(s)
	if len(s) > MaxRoleARN || m == nil || len(m[1]) != accountDigits || len(m[2]) > maxRoleName {
		return RoleARN{}, fmt.Errorf("not a role ARN: %.80q", s)
	}
	return RoleARN{Account: m[1], Name: m[2]}, nil
}

// withRole is the cloud with another role, of which nothing is known yet.
func (c Cloud) withRole(roleARN string) Cloud {
	if c.RoleARN != roleARN {
		c.RoleARN, c.Template = roleARN, SeenTemplate{}
	}
	return c
}

// AccountID of the customer's AWS account; empty while there is no role ARN.
func (c Cloud) AccountID() string {
	r, err := ParseRoleARN(c.RoleARN)
	if err != nil {
		return ""
	}
	return r.Account
}
