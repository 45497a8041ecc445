// Package rolepolicy is the policy of the customer's role as a model: made
// from what the steps of the network need, written into the template, and
// compared with what a customer's role really has. It imports no AWS SDK and no
// HCL, so that every function can afford it.
package rolepolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

const (
	// Name of the role's inline policy, the same in every template version: a
	// changed name would be another policy.
	Name = "custom-cloud-network"

	// Stem and Region stand, in the policy of a version, for what differs
	// between custom clouds. They are Terraform's expressions for it.
	Stem   = "${var.stem}"
	Region = "${var.region}"

	// MaxCharacters is IAM's limit for the inline policies of one role
	// together; IAM does not count white space.
	MaxCharacters = 10240
)

// Document is an IAM policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement of a policy; members that are not here are not understood.
type Statement struct {
	Sid       string
	Effect    string
	Action    Strings
	Resource  Strings
	Condition Conditions `json:",omitempty"`
}

// Conditions by operator and key.
type Conditions map[string]map[string]Strings

// Strings is a list that IAM also lets one write as a single string.
type Strings []string

func (s Strings) MarshalJSON() ([]byte, error) {
	if len(s) == 1 {
		return json.Marshal(s[0])
	}
	return json.Marshal([]string(s))
}

func (s *Strings) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*s = Strings{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(s))
}

// Parse reads a policy. A member that this package does not understand
// (NotAction, NotResource, Principal, …) is an error: a policy half understood
// proves nothing.
func Parse(text string) (Document, error) {
	// Id is a name without an effect.
	var in struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strict([]byte(text), &in); err != nil {
		return Document{}, err
	}
	d := Document{Version: in.Version}
	raw := bytes.TrimSpace(in.Statement)
	if len(raw) == 0 {
		return Document{}, errors.New("a policy without statements")
	}
	if raw[0] == '{' {
		raw = append(append([]byte{'['}, raw...), ']')
	}
	if err := strict(raw, &d.Statement); err != nil {
		return Document{}, err
	}
	return d, nil
}

func strict(b []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(b))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// JSON is the policy minified.
func (d Document) JSON() string { return d.encode("") }

// Indented is the policy for people.
func (d Document) Indented() string { return d.encode("  ") }

func (d Document) encode(indent string) string {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", indent)
	// Strings, slices and maps of strings always encode.
	_ = encoder.Encode(d)
	return strings.TrimSpace(b.String())
}

// For is the policy of a version, as one custom cloud's role has it.
func (d Document) For(stem, region string) Document {
	r := strings.NewReplacer(Stem, stem, Region, region)
	list := func(in Strings) Strings {
		out := make(Strings, len(in))
		for i, s := range in {
			out[i] = r.Replace(s)
		}
		return out
	}
	out := Document{Version: d.Version, Statement: make([]Statement, len(d.Statement))}
	for i, s := range d.Statement {
		s.Action, s.Resource = list(s.Action), list(s.Resource)
		var conditions Conditions
		for operator, keys := range s.Condition {
			if conditions == nil {
				conditions = Conditions{}
			}
			conditions[operator] = map[string]Strings{}
			for key, values := range keys {
				conditions[operator][key] = list(values)
			}
		}
		s.Condition = conditions
		out.Statement[i] = s
	}
	return out
}
