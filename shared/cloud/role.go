package cloud

import (
	"fmt"
	"strings"
)

// RoleARN is the parts of an IAM role's ARN.
type RoleARN struct {
	Account string
	// Name without a path: the template gives the role none.
	Name string
}

// MaxRoleARN is the longest role ARN that the API takes, in characters.
const MaxRoleARN = 2048

// As IAM has them.
const (
	accountDigits = 12
	maxRoleName   = 64
)

// ParseRoleARN reads the ARN of a role without a path in the aws partition.
func ParseRoleARN(s string) (RoleARN, error) {
	rest, ofIAM := strings.CutPrefix(s, "arn:aws:iam::")
	account, name, _ := strings.Cut(rest, ":role/")
	if !ofIAM || len(account) != accountDigits || len(name) > maxRoleName ||
		!madeOf(account, digits) || !madeOf(name, letters+digits+"+=,.@_-") {
		return RoleARN{}, fmt.Errorf("not a role ARN: %.80q", s)
	}
	return RoleARN{Account: account, Name: name}, nil
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
