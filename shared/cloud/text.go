package cloud

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	digits  = "0123456789"
	lower   = "abcdefghijklmnopqrstuvwxyz"
	letters = lower + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// madeOf says that s has at least one of the characters and no other. Regular
// expressions would be compiled in every cold start of a function.
func madeOf(s, characters string) bool { return s != "" && strings.Trim(s, characters) == "" }

// printable refuses control characters, format characters (right-to-left
// overrides, zero-width ones) and what is not UTF-8.
func printable(s string) bool {
	// No format character is ASCII.
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || r > unicode.MaxASCII && unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)
	})
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
