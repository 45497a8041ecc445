package local

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// errUnknownTrust means that a trust policy says something that cannot be
// evaluated here. The role is refused then: a policy half understood would
// make tests green that AWS turns red.
var errUnknownTrust = errors.New("trust policy construct not known to the local AWS")

type trustRequest struct {
	caller      awscall.Principal
	roleARN     string
	action      string
	sessionName string
	// externalID is empty where the caller gave none.
	externalID []string
}

// evaluateTrust is nil if the trust policy lets the request through.
func evaluateTrust(document string, request trustRequest) error {
	policy, err := iampolicy.ParseTrust("trust", document)
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknownTrust, err)
	}
	keys := request.keys()
	trust, err := iampolicy.EvaluateTrust(policy, request.principal(), iampolicy.Request{
		Action:   request.action,
		Resource: request.roleARN,
		Context:  keys,
		Knows: func(key string) bool {
			_, known := keys[strings.ToLower(key)]
			return known
		},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errUnknownTrust, err)
	}
	if trust.Denied || !trust.Allowed {
		return errNotTrusted
	}
	return nil
}

func (r trustRequest) principal() iampolicy.Caller {
	if r.caller.RoleARN == "" && r.caller.Service != "" {
		return iampolicy.Caller{Service: r.caller.Service}
	}
	return iampolicy.Caller{ARN: r.caller.ARN, Role: r.caller.RoleARN, Account: r.caller.Account}
}

// keys are the condition keys that AssumeRole has here, those without a value
// included.
func (r trustRequest) keys() map[string][]string {
	keys := map[string][]string{
		"sts:externalid":       r.externalID,
		"sts:rolesessionname":  {r.sessionName},
		"aws:principalaccount": nonEmpty(r.caller.Account),
		"aws:principalarn":     nonEmpty(r.caller.RoleARN),
		"aws:sourceaccount":    nil,
	}
	switch {
	case r.caller.RoleARN == "" && r.caller.Service != "":
		// A service assumes a role for what lives in the role's own account.
		keys["aws:sourceaccount"] = []string{accountOf(r.roleARN)}
	case r.caller.RoleARN == "":
		keys["aws:principalarn"] = nonEmpty(r.caller.ARN)
	}
	return keys
}

func nonEmpty(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// roleID is a stable stand-in for the unique id of a role.
func roleID(roleARN string) string {
	sum := sha256.Sum256([]byte(roleARN))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
