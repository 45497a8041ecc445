package rolepolicy

import (
	"fmt"
	"slices"
	"strings"
)

// HCL is the policy as a Terraform object expression, each statement under the
// comment that says why it is there. Stem and Region stay Terraform expressions.
func (d Document) HCL() string {
	var b strings.Builder
	fmt.Fprintf(&b, "{\n    Version = %q\n    Statement = [\n", d.Version)
	for _, s := range d.Statement {
		if w := Why(s.Sid); w != "" {
			fmt.Fprintf(&b, "      # %s\n", w)
		}
		fmt.Fprintf(&b, "      {\n        Sid    = %q\n        Effect = %q\n", s.Sid, s.Effect)
		fmt.Fprintf(&b, "        Action = %s\n", hclList(s.Action, "        "))
		fmt.Fprintf(&b, "        Resource = %s\n", hclList(s.Resource, "        "))
		if len(s.Condition) > 0 {
			b.WriteString("        Condition = {\n")
			for _, operator := range keys(s.Condition) {
				fmt.Fprintf(&b, "          %s = {\n", hclKey(operator))
				for _, key := range keys(s.Condition[operator]) {
					fmt.Fprintf(&b, "            %s = %s\n", hclKey(key), hclList(s.Condition[operator][key], "            "))
				}
				b.WriteString("          }\n")
			}
			b.WriteString("        }\n")
		}
		b.WriteString("      },\n")
	}
	b.WriteString("    ]\n  }")
	return b.String()
}

// hclList writes a list, or the one string it holds. The values are ours:
// names of actions, ARN patterns, and the two expressions.
func hclList(values Strings, indent string) string {
	if len(values) == 1 {
		return hclString(values[0])
	}
	var b strings.Builder
	b.WriteString("[\n")
	for _, v := range values {
		fmt.Fprintf(&b, "%s  %s,\n", indent, hclString(v))
	}
	b.WriteString(indent + "]")
	return b.String()
}

// hclString is a string, or the expression where it is nothing else.
func hclString(s string) string {
	if s == Stem || s == Region {
		return strings.TrimSuffix(strings.TrimPrefix(s, "${"), "}")
	}
	return `"` + s + `"`
}

// hclKey quotes what is no identifier.
func hclKey(s string) string {
	if strings.ContainsAny(s, ":/-") {
		return `"` + s + `"`
	}
	return s
}

func keys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
