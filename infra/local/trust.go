package local

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"byoc/infra/local/awscall"
)

// errUnknownTrust means that a trust policy says something that cannot be
// evaluated here. The role is refused then: a policy half understood would
// make tests green that AWS turns red.
var errUnknownTrust = errors.New("trust policy construct not known to the local AWS")

type trustRequest struct {
	caller      awscall.Principal
	action      string
	sessionName string
	// externalID is empty where the caller gave none.
	externalID []string
}

type trustPolicy struct {
	Version   string
	ID        string `json:"Id"`
	Statement json.RawMessage
}

type trustStatement struct {
	Sid       string
	Effect    string
	Principal json.RawMessage
	Action    json.RawMessage
	Condition map[string]map[string]json.RawMessage
}

// evaluateTrust is nil if the trust policy lets the request through.
func evaluateTrust(document string, request trustRequest) error {
	statements, err := parseTrust(document)
	if err != nil {
		return err
	}
	allowed := false
	for _, statement := range statements {
		matches, err := statement.matches(request)
		if err != nil {
			return err
		}
		switch {
		case statement.Effect != "Allow" && statement.Effect != "Deny":
			return fmt.Errorf("%w: Effect %q", errUnknownTrust, statement.Effect)
		case matches && statement.Effect == "Deny":
			return errNotTrusted
		case matches:
			allowed = true
		}
	}
	if !allowed {
		return errNotTrusted
	}
	return nil
}

func parseTrust(document string) ([]trustStatement, error) {
	var policy trustPolicy
	if err := decodeStrict([]byte(document), &policy); err != nil {
		return nil, err
	}
	var statements []trustStatement
	if strings.HasPrefix(strings.TrimSpace(string(policy.Statement)), "[") {
		return statements, decodeStrict(policy.Statement, &statements)
	}
	var single trustStatement
	if err := decodeStrict(policy.Statement, &single); err != nil {
		return nil, err
	}
	return []trustStatement{single}, nil
}

func decodeStrict(data []byte, into any) error {
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("%w: %w", errUnknownTrust, err)
	}
	return nil
}

func (s trustStatement) matches(request trustRequest) (bool, error) {
	actions, err := stringList(s.Action)
	if err != nil {
		return false, err
	}
	action := slices.ContainsFunc(actions, func(pattern string) bool {
		return wildcard(strings.ToLower(pattern), strings.ToLower(request.action))
	})
	principal, err := s.matchesPrincipal(request.caller)
	if err != nil {
		return false, err
	}
	conditions, err := s.matchesConditions(request)
	if err != nil {
		return false, err
	}
	return action && principal && conditions, nil
}

func (s trustStatement) matchesPrincipal(caller awscall.Principal) (bool, error) {
	var star string
	if json.Unmarshal(s.Principal, &star) == nil {
		if star != "*" {
			return false, fmt.Errorf("%w: Principal %q", errUnknownTrust, star)
		}
		return true, nil
	}
	var kinds map[string]json.RawMessage
	if err := json.Unmarshal(s.Principal, &kinds); err != nil {
		return false, fmt.Errorf("%w: Principal %s", errUnknownTrust, s.Principal)
	}
	for kind, raw := range kinds {
		names, err := stringList(raw)
		if err != nil {
			return false, err
		}
		switch kind {
		case "AWS":
			if slices.ContainsFunc(names, func(name string) bool { return trustsAWS(name, caller) }) {
				return true, nil
			}
		case "Service":
			if caller.Service != "" && caller.RoleARN == "" && slices.Contains(names, caller.Service) {
				return true, nil
			}
		default:
			return false, fmt.Errorf("%w: Principal %s", errUnknownTrust, kind)
		}
	}
	return false, nil
}

// trustsAWS reports whether a name in a trust policy stands for the caller:
// everyone, its account, its role or its very session.
func trustsAWS(name string, caller awscall.Principal) bool {
	if caller.Service != "" && caller.RoleARN == "" {
		return false
	}
	switch name {
	case "*", caller.Account, rootARN(caller.Account), caller.ARN:
		return true
	}
	return caller.RoleARN != "" && name == caller.RoleARN
}

func (s trustStatement) matchesConditions(request trustRequest) (bool, error) {
	all := true
	for operator, keys := range s.Condition {
		for key, raw := range keys {
			expected, err := stringList(raw)
			if err != nil {
				return false, err
			}
			actual, err := request.value(key)
			if err != nil {
				return false, err
			}
			holds, err := conditionHolds(operator, expected, actual)
			if err != nil {
				return false, err
			}
			all = all && holds
		}
	}
	return all, nil
}

// value is what the request says for a condition key: empty where it says
// nothing.
func (r trustRequest) value(key string) ([]string, error) {
	switch strings.ToLower(key) {
	case "sts:externalid":
		return r.externalID, nil
	case "sts:rolesessionname":
		return []string{r.sessionName}, nil
	case "aws:principalaccount":
		return nonEmpty(r.caller.Account), nil
	case "aws:principalarn":
		if r.caller.RoleARN != "" {
			return []string{r.caller.RoleARN}, nil
		}
		return nonEmpty(r.caller.ARN), nil
	}
	return nil, fmt.Errorf("%w: condition key %s", errUnknownTrust, key)
}

func nonEmpty(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// conditionHolds compares as IAM does: a positive operator fails where the
// request has no such key, a negated one holds.
func conditionHolds(operator string, expected, actual []string) (bool, error) {
	equal := func(pattern, value string) bool { return pattern == value }
	anyMatch := func(match func(pattern, value string) bool) bool {
		return slices.ContainsFunc(actual, func(value string) bool {
			return slices.ContainsFunc(expected, func(pattern string) bool { return match(pattern, value) })
		})
	}
	switch operator {
	case "StringEquals":
		return anyMatch(equal), nil
	case "StringNotEquals":
		return !anyMatch(equal), nil
	case "StringLike", "ArnEquals", "ArnLike":
		return anyMatch(wildcard), nil
	case "StringNotLike", "ArnNotEquals", "ArnNotLike":
		return !anyMatch(wildcard), nil
	case "Null":
		absent := len(actual) == 0
		return slices.Contains(expected, fmt.Sprint(absent)), nil
	}
	return false, fmt.Errorf("%w: condition operator %s", errUnknownTrust, operator)
}

// stringList reads what IAM lets be one string or several.
func stringList(raw json.RawMessage) ([]string, error) {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}, nil
	}
	var flag bool
	if json.Unmarshal(raw, &flag) == nil {
		return []string{fmt.Sprint(flag)}, nil
	}
	var many []string
	if err := json.Unmarshal(raw, &many); err != nil {
		return nil, fmt.Errorf("%w: %s is not a list of strings", errUnknownTrust, raw)
	}
	return many, nil
}

// wildcard matches IAM's patterns: * for any text, ? for one character.
func wildcard(pattern, value string) bool {
	for pattern != "" {
		switch {
		case pattern[0] == '*':
			for i := 0; i <= len(value); i++ {
				if wildcard(pattern[1:], value[i:]) {
					return true
				}
			}
			return false
		case value == "" || (pattern[0] != '?' && pattern[0] != value[0]):
			return false
		}
		pattern, value = pattern[1:], value[1:]
	}
	return value == ""
}

// roleID is a stable stand-in for the unique id of a role.
func roleID(roleARN string) string {
	sum := sha256.Sum256([]byte(roleARN))
	return "AROA" + base32.StdEncoding.EncodeToString(sum[:])[:17]
}
