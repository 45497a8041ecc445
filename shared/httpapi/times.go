package httpapi

import (
	"strings"
	"time"
)

// timeText is RFC 3339 in UTC with Z, of a year with four digits; empty for no time.
func timeText(t time.Time) string { return new(timeTexts).of(t) }

// timeTexts writes times one after the other into one text, of which each is a
// part: a cloud has dozens.
type timeTexts struct{ text strings.Builder }

// grow makes room for n times.
func (x *timeTexts) grow(n int) { x.text.Grow(n * len(digits{})) }

func (x *timeTexts) of(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	b, from := digitsOf(t), x.text.Len()
	x.text.Write(b[:])
	return x.text.String()[from:]
}

// digits are those of a time, YYYY-MM-DDThh:mm:ss.mmmZ.
type digits [24]byte

// digitsOf a time; package time takes three times as long.
func digitsOf(t time.Time) digits {
	t = t.UTC()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	ms := t.Nanosecond() / 1e6
	b := digits{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.', 22: byte('0' + ms%10), 23: 'Z'}
	twoDigits(b[0:], year/100)
	twoDigits(b[2:], year%100)
	twoDigits(b[5:], int(month))
	twoDigits(b[8:], day)
	twoDigits(b[11:], hour)
	twoDigits(b[14:], minute)
	twoDigits(b[17:], second)
	twoDigits(b[20:], ms/10)
	return b
}

func twoDigits(b []byte, n int) { b[0], b[1] = byte('0'+n/10), byte('0'+n%10) }
