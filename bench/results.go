package main

import "strings"

func document(groups []group) string {
	var b strings.Builder
	for _, g := range groups {
		b.WriteString(g.String())
	}
	return b.String()
}
