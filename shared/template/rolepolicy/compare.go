package rolepolicy

import (
	"slices"
	"strings"
)

// Difference is how a role's policy differs from the template's.
type Difference struct {
	// Missing are the statements to add, so that the role may do everything
	// that the template lets it do. They hold only what is missing.
	Missing []Statement
	// Denies are the Sids (or "a statement without Sid") that deny an action
	// that the template allows; under which conditions is not judged.
	Denies []string
	// Denied are the actions among them that are denied under no condition, on
	// everything that a resource of the template's stands for: for certain.
	Denied []string
	// More are statements that allow what the template does not, as they stand
	// in the role's policy.
	More []Statement
}

// None says that the policies allow the same.
func (d Difference) None() bool { return len(d.Missing)+len(d.Denies)+len(d.More) == 0 }

// MissingActions of all statements, sorted.
func (d Difference) MissingActions() []string {
	var out []string
	for _, s := range d.Missing {
		out = append(out, s.Action...)
	}
	return sorted(out)
}

// Compare holds a role's policy against what the template gives. A permission
// counts as there when one statement allows it under the same conditions or
// fewer; what only several statements together allow counts as missing.
func Compare(applied, template Document) Difference {
	var d Difference
	for _, s := range template.Statement {
		if missing, ok := lacking(s, applied); ok {
			d.Missing = append(d.Missing, missing)
		}
	}
	for _, s := range applied.Statement {
		if s.Effect != "Allow" {
			if deniesAny(s, template) {
				d.Denies = append(d.Denies, nameOf(s.Sid))
				d.Denied = sorted(append(d.Denied, deniedBy(s, template)...))
			}
			continue
		}
		if more, ok := lacking(s, template); ok {
			d.More = append(d.More, more)
		}
	}
	return d
}

func nameOf(sid string) string {
	if sid == "" {
		return "a statement without Sid"
	}
	return sid
}

// lacking is the part of a statement that a policy does not allow.
func lacking(s Statement, in Document) (Statement, bool) {
	var actions, resources []string
	for _, action := range s.Action {
		for _, resource := range s.Resource {
			if !slices.ContainsFunc(in.Statement, func(t Statement) bool { return covers(t, action, resource, s.Condition) }) {
				actions = append(actions, action)
				resources = append(resources, resource)
			}
		}
	}
	s.Action, s.Resource = sorted(actions), sorted(resources)
	return s, len(actions) > 0
}

// covers says whether a statement allows the action on all that a resource
// pattern stands for, wherever the conditions hold.
func covers(t Statement, action, resource string, conditions Conditions) bool {
	if t.Effect != "Allow" ||
		!slices.ContainsFunc(t.Action, func(p string) bool { return glob(strings.ToLower(p), strings.ToLower(action)) }) ||
		!slices.ContainsFunc(t.Resource, func(p string) bool { return glob(p, resource) }) {
		return false
	}
	for operator, keys := range t.Condition {
		for key, values := range keys {
			want, ok := conditions[operator][key]
			if !ok || slices.ContainsFunc(want, func(v string) bool { return !slices.Contains(values, v) }) {
				return false
			}
		}
	}
	return true
}

func deniesAny(s Statement, template Document) bool {
	for _, t := range template.Statement {
		for _, action := range t.Action {
			if slices.ContainsFunc(s.Action, func(p string) bool { return glob(strings.ToLower(p), strings.ToLower(action)) }) {
				return true
			}
		}
	}
	return false
}

// deniedBy are the actions that a statement denies for certain, on a resource
// that a statement of the template names.
func deniedBy(s Statement, template Document) (actions []string) {
	if len(s.Condition) > 0 {
		return nil
	}
	s.Effect = "Allow"
	for _, t := range template.Statement {
		for _, action := range t.Action {
			if slices.ContainsFunc(t.Resource, func(resource string) bool { return covers(s, action, resource, nil) }) {
				actions = append(actions, action)
			}
		}
	}
	return actions
}

// glob matches IAM's * and ?. A wildcard in text is a character like any other:
// what matches it matches all that it stands for.
func glob(pattern, text string) bool {
	for i := range len(pattern) {
		switch pattern[i] {
		case '*':
			rest := strings.TrimLeft(pattern[i:], "*")
			for j := range len(text) - i + 1 {
				if glob(rest, text[i+j:]) {
					return true
				}
			}
			return false
		case '?':
			if i >= len(text) {
				return false
			}
		default:
			if i >= len(text) || pattern[i] != text[i] {
				return false
			}
		}
	}
	return len(pattern) == len(text)
}

// Allowing is the part of the policy that allows an action: its statements,
// with that one action each.
func (d Document) Allowing(action string) []Statement {
	var out []Statement
	for _, s := range d.Statement {
		if s.Effect == "Allow" && slices.Contains(s.Action, action) {
			s.Action = Strings{action}
			out = append(out, s)
		}
	}
	return out
}
