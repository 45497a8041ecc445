package customeraccount

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strings"

	"byoc/shared/template/rolepolicy"
)

// trustPolicy is what of a role's trust policy this package understands; it
// refuses the rest (NotPrincipal, NotAction), because half-understood trust is none.
type trustPolicy struct {
	Version   string
	ID        string `json:"Id"`
	Statement trustStatements
}

type trustStatement struct {
	Sid       string
	Effect    string
	Action    rolepolicy.Strings
	Principal principals
	Condition rolepolicy.Conditions
}

type trustStatements []trustStatement

func (s *trustStatements) UnmarshalJSON(b []byte) error {
	if b = bytes.TrimSpace(b); len(b) > 0 && b[0] == '{' {
		b = append(append([]byte{'['}, b...), ']')
	}
	return strict(b, (*[]trustStatement)(s))
}

// principals of all kinds as one list: "*", ARNs, accounts, services.
type principals []string

func (p *principals) UnmarshalJSON(b []byte) error {
	var all string
	if json.Unmarshal(b, &all) == nil {
		*p = principals{all}
		return nil
	}
	var kinds map[string]rolepolicy.Strings
	if err := json.Unmarshal(b, &kinds); err != nil {
		return err
	}
	for _, names := range kinds {
		*p = append(*p, names...)
	}
	slices.Sort(*p)
	return nil
}

func strict(b []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// parseTrust reads a trust policy as IAM answers it, percent-encoded.
func parseTrust(encoded string) (trustPolicy, error) {
	text, err := url.PathUnescape(encoded)
	if err != nil {
		return trustPolicy{}, err
	}
	var t trustPolicy
	if err := strict([]byte(text), &t); err != nil {
		return trustPolicy{}, err
	}
	if len(t.Statement) == 0 {
		return trustPolicy{}, errors.New("a trust policy without statements")
	}
	return t, nil
}

// others are the principals that the policy lets in beside ours, each once.
func (t trustPolicy) others(ours string) []string {
	var out []string
	for _, s := range t.Statement {
		if s.Effect != "Allow" {
			continue
		}
		for _, p := range s.Principal {
			if p != ours && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// demands says whether whatever the policy lets in has to show exactly this
// external ID.
func (t trustPolicy) demands(externalID string) bool {
	for _, s := range t.Statement {
		if s.Effect == "Allow" && !slices.Equal(s.externalIDs(), []string{externalID}) {
			return false
		}
	}
	return true
}

// externalIDs that the statement accepts; nil where it accepts any.
func (s trustStatement) externalIDs() []string {
	for operator, keys := range s.Condition {
		if operator != "StringEquals" {
			continue
		}
		for key, values := range keys {
			// IAM compares the names of condition keys without case.
			if strings.EqualFold(key, "sts:ExternalId") {
				return values
			}
		}
	}
	return nil
}
