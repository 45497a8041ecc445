package stack

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// reader reads the CDK context, and keeps whatever it finds wrong.
type reader struct {
	context  func(string) any
	problems []error
}

func (r *reader) fail(format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf(format, args...))
}

func (r *reader) check(err error) {
	if err != nil {
		r.problems = append(r.problems, err)
	}
}

// text takes strings from the command line, and whatever JSON has in cdk.json.
func (r *reader) text(key, fallback string) string {
	switch v := r.context(key).(type) {
	case nil:
		return fallback
	case string:
		if v = strings.TrimSpace(v); v == "" {
			return fallback
		}
		return v
	case []any:
		var parts []string
		for _, part := range v {
			parts = append(parts, fmt.Sprint(part))
		}
		return strings.Join(parts, ",")
	default:
		return fmt.Sprint(v)
	}
}

func (r *reader) number(key string) int {
	v := r.text(key, "0")
	n, err := strconv.Atoi(v)
	if err != nil || n < 0 {
		r.fail("%s is %q; it has to be a whole number", key, v)
	}
	return n
}

func (r *reader) flag(key string) bool {
	v := r.text(key, "false")
	b, err := strconv.ParseBool(v)
	if err != nil {
		r.fail("%s is %q; it is true or false", key, v)
	}
	return b
}

func (r *reader) cidrs(key string) []string {
	var list []string
	for _, v := range split(r.text(key, "")) {
		p, err := netip.ParsePrefix(v)
		switch {
		case err != nil || !p.Addr().Is4() || p != p.Masked():
			r.fail("%s has %q; it takes IPv4 ranges such as 192.0.2.0/24", key, v)
		case p.Bits() == 0:
			r.fail("%s has %s: that would open customers' bastions to everyone", key, v)
		}
		list = append(list, v)
	}
	if len(list) == 0 {
		r.fail("%s is missing: say from where the bastions in customers' accounts may be reached, -c %s=192.0.2.0/24", key, key)
	}
	return list
}

func (r *reader) ports(key string) []int {
	var list []int
	for _, v := range split(r.text(key, "")) {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 65535 {
			r.fail("%s has %q; it takes ports from 1 to 65535", key, v)
		}
		list = append(list, n)
	}
	if len(list) == 0 {
		r.fail("%s is missing: say on which ports the bastions in customers' accounts may be reached, -c %s=22", key, key)
	}
	return list
}

func split(list string) []string {
	var parts []string
	for _, part := range strings.Split(list, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
