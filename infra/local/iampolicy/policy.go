package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Policy is one parsed policy document.
type Policy struct {
	// Name tells policies apart in decisions: an inline policy's name, a
	// managed policy's ARN. It has no influence on the decision.
	Name       string
	Statements []Statement
	// variables tells whether ${…} is a policy variable: before version
	// 2012-10-17 it is literal text.
	variables bool
}

// Statement is one statement of a policy.
type Statement struct {
	Sid         string
	Deny        bool
	Actions     []string
	NotActions  []string
	Resources   []string
	NotResource []string
	// Principals is set in trust policies only: the kind (AWS, Service,
	// Federated) and its members; {"AWS": ["*"]} for "Principal": "*".
	Principals map[string][]string
	conditions []condition
}

// FullAWSAccess is the service control policy that AWS Organizations attaches
// everywhere until someone detaches it.
const FullAWSAccess = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

// Parse reads an identity-based policy, a permissions boundary or a service
// control policy. The name appears in decisions.
func Parse(name, document string) (Policy, error) { return parse(name, document, false) }

// ParseTrust reads the trust policy of a role: a resource-based policy whose
// statements have principals and no resources, the role itself being the
// resource.
func ParseTrust(name, document string) (Policy, error) { return parse(name, document, true) }

func parse(name, document string, trust bool) (Policy, error) {
	var raw struct {
		Version   string
		Id        string
		Statement json.RawMessage
	}
	if err := strict([]byte(document), &raw); err != nil {
		return Policy{}, fmt.Errorf("policy %s: %w", name, err)
	}
	policy := Policy{Name: name}
	switch raw.Version {
	case "2012-10-17":
		policy.variables = true
	case "2008-10-17", "":
	default:
		return Policy{}, fmt.Errorf("policy %s: unknown version %q", name, raw.Version)
	}
	statements := []json.RawMessage{raw.Statement}
	if body := bytes.TrimSpace(raw.Statement); len(body) > 0 && body[0] == '[' {
		statements = nil
		if err := json.Unmarshal(body, &statements); err != nil {
			return Policy{}, fmt.Errorf("policy %s: %w", name, err)
		}
		// IAM takes none, but moto makes one of AWS::NoValue in a template's list.
		statements = slices.DeleteFunc(statements, func(s json.RawMessage) bool { return string(s) == "null" })
	}
	for i, body := range statements {
		statement, err := parseStatement(body, trust)
		if err != nil {
			return Policy{}, fmt.Errorf("policy %s, statement %d: %w", name, i, err)
		}
		policy.Statements = append(policy.Statements, statement)
	}
	return policy, nil
}

func parseStatement(body []byte, trust bool) (Statement, error) {
	var raw struct {
		Sid         string
		Effect      string
		Action      list
		NotAction   list
		Resource    list
		NotResource list
		Principal   json.RawMessage
		Condition   map[string]map[string]list
	}
	if err := strict(body, &raw); err != nil {
		return Statement{}, err
	}
	statement := Statement{
		Sid: raw.Sid, Actions: raw.Action, NotActions: raw.NotAction,
		Resources: raw.Resource, NotResource: raw.NotResource,
	}
	switch raw.Effect {
	case "Allow":
	case "Deny":
		statement.Deny = true
	default:
		return Statement{}, fmt.Errorf("effect %q is neither Allow nor Deny", raw.Effect)
	}
	if (len(raw.Action) > 0) == (len(raw.NotAction) > 0) {
		return Statement{}, errors.New("exactly one of Action and NotAction is needed")
	}
	for _, action := range append(append(list{}, raw.Action...), raw.NotAction...) {
		if service, name, ok := strings.Cut(action, ":"); action != "*" && (!ok || service == "" || name == "") {
			return Statement{}, fmt.Errorf("action %q is not of the form service:action", action)
		}
	}
	if trust {
		if len(raw.Resource)+len(raw.NotResource) > 0 {
			return Statement{}, errors.New("a trust policy has no resources")
		}
		var err error
		if statement.Principals, err = parsePrincipal(raw.Principal); err != nil {
			return Statement{}, err
		}
	} else {
		if len(raw.Principal) > 0 {
			return Statement{}, errors.New("only resource-based policies have a principal")
		}
		if (len(raw.Resource) > 0) == (len(raw.NotResource) > 0) {
			return Statement{}, errors.New("exactly one of Resource and NotResource is needed")
		}
		for _, resource := range append(append(list{}, raw.Resource...), raw.NotResource...) {
			if resource != "*" && !isARN(resource) {
				return Statement{}, fmt.Errorf("resource %q is neither * nor an ARN", resource)
			}
		}
	}
	var err error
	statement.conditions, err = parseConditions(raw.Condition)
	return statement, err
}

func parsePrincipal(body json.RawMessage) (map[string][]string, error) {
	if len(body) == 0 {
		return nil, errors.New("a trust policy needs a principal (NotPrincipal is not supported)")
	}
	var everyone string
	if json.Unmarshal(body, &everyone) == nil {
		if everyone != "*" {
			return nil, fmt.Errorf("principal %q is neither * nor an object", everyone)
		}
		return map[string][]string{"AWS": {"*"}}, nil
	}
	var kinds map[string]list
	if err := json.Unmarshal(body, &kinds); err != nil {
		return nil, err
	}
	principals := map[string][]string{}
	for kind, members := range kinds {
		switch kind {
		case "AWS", "Service", "Federated":
			principals[kind] = members
		default:
			return nil, fmt.Errorf("unknown kind of principal %q", kind)
		}
	}
	return principals, nil
}

// list is a JSON string, number or boolean, or an array of them.
type list []string

func (l *list) UnmarshalJSON(body []byte) error {
	values := []any{}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return err
	}
	if many, ok := value.([]any); ok {
		values = many
	} else {
		values = append(values, value)
	}
	for _, value := range values {
		switch value := value.(type) {
		case string:
			*l = append(*l, value)
		case json.Number, bool:
			*l = append(*l, fmt.Sprint(value))
		default:
			return fmt.Errorf("%v is neither text nor a list of texts", value)
		}
	}
	return nil
}
