package iampolicy

import (
	"fmt"
	"regexp"
	"strings"
)

// glob tells whether text matches a pattern in which * stands for any text and
// ? for any one character.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, resume := -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

// matchesAction compares without regard to case, as the Action element does.
func matchesAction(pattern, action string) bool {
	return glob(strings.ToLower(pattern), strings.ToLower(action))
}

func isARN(text string) bool {
	return strings.HasPrefix(text, "arn:") && strings.Count(text, ":") >= 5
}

// matchesARN compares ARNs part by part: a wildcard never reaches across one
// of the first five colons. The sixth part is the resource, colons included.
// The Resource element and the Arn… operators share this rule.
func matchesARN(pattern, arn string) bool {
	if pattern == "*" {
		return true
	}
	patterns, parts := strings.SplitN(pattern, ":", 6), strings.SplitN(arn, ":", 6)
	if len(patterns) != 6 || len(parts) != 6 {
		return false
	}
	for i := range patterns {
		if !glob(patterns[i], parts[i]) {
			return false
		}
	}
	return true
}

var variable = regexp.MustCompile(`\$\{([^}]*)\}`)

// expand replaces policy variables by the values that the request has for
// them. A variable that cannot be replaced by exactly one harmless value is an
// error.
func (r *evaluation) expand(policy Policy, text string) (string, error) {
	if !policy.variables || !strings.Contains(text, "${") {
		return text, nil
	}
	var failed error
	expanded := variable.ReplaceAllStringFunc(text, func(match string) string {
		key := match[2 : len(match)-1]
		values := r.context[strings.ToLower(key)]
		if len(values) != 1 || strings.ContainsAny(values[0], "*?") {
			failed = fmt.Errorf("policy variable %s is not supported here", match)
			return match
		}
		return values[0]
	})
	return expanded, failed
}
