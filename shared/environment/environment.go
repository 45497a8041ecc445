// Package environment reads a function's settings from its environment
// variables, as the stack sets them.
package environment

import (
	"fmt"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// Reader reads variables and collects what is wrong, so that one start names
// everything that is missing.
type Reader struct{ problems []string }

// String that has to be set.
func (r *Reader) String(name string) string {
	v := os.Getenv(name)
	if v == "" {
		r.problems = append(r.problems, name+" is not set")
	}
	return v
}

// Optional is empty where the variable is not set.
func (r *Reader) Optional(name string) string { return os.Getenv(name) }

// Bool is false where the variable is not set.
func (r *Reader) Bool(name string) bool {
	v := os.Getenv(name)
	if v == "" {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.problems = append(r.problems, name+" is neither true nor false")
	}
	return b
}

// Prefixes is a list of IPv4 ranges with commas between; at least one.
func (r *Reader) Prefixes(name string) []netip.Prefix {
	var list []netip.Prefix
	for _, s := range split(r.String(name)) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			r.problems = append(r.problems, name+": "+strconv.Quote(s)+" is no range")
		}
		list = append(list, p)
	}
	return list
}

// Ports is a list of ports with commas between; at least one.
func (r *Reader) Ports(name string) []int {
	var list []int
	for _, s := range split(r.String(name)) {
		p, err := strconv.Atoi(s)
		if err != nil || p < 1 || p > 65535 {
			r.problems = append(r.problems, name+": "+strconv.Quote(s)+" is no port")
		}
		list = append(list, p)
	}
	return list
}

// Count is fallback where the variable is not set.
func (r *Reader) Count(name string, fallback int) int {
	v := os.Getenv(name)
	if v == "" {
		return fallback
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		r.problems = append(r.problems, name+" is no positive number")
	}
	return n
}

// Err names every variable that is missing or wrong.
func (r *Reader) Err() error {
	if len(r.problems) == 0 {
		return nil
	}
	return fmt.Errorf("the environment is not complete: %s", strings.Join(r.problems, "; "))
}

func split(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}
