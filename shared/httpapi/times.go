package httpapi

import (
	"strings"
	"time"
)

// timeText is RFC 3339 in UTC with Z, of a year with four digits; empty for no time.
func timeText(t time.Time) string { return new(timeTexts).of(t) }

// timeTexts writes times one after the other into one text, of which each is a
// part: a cloud has dozens, and nearly all are of the same day.
type timeTexts struct {
	text strings.Builder
	// last that was written, whose day is this many days after the first.
	last digits
	day  int64
}

// digits are those of a time, YYYY-MM-DDThh:mm:ss.mmmZ.
type digits [24]byte

// grow makes room for n times.
func (x *timeTexts) grow(n int) { x.text.Grow(n * len(digits{})) }

func (x *timeTexts) of(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	const secondsOfADay = 24 * 60 * 60
	seconds := t.Unix() - firstSecond
	b := &x.last
	if day := seconds / secondsOfADay; day != x.day || b[0] == 0 {
		x.day = day
		*b = digits{4: '-', 7: '-', 10: 'T', 13: ':', 16: ':', 19: '.', 23: 'Z'}
		year, month, dayOfMonth := t.UTC().Date()
		twoDigits(b[0:], year/100)
		twoDigits(b[2:], year%100)
		twoDigits(b[5:], int(month))
		twoDigits(b[8:], dayOfMonth)
	}
	second, ms := int(seconds%secondsOfADay), t.Nanosecond()/1e6
	twoDigits(b[11:], second/3600)
	twoDigits(b[14:], second/60%60)
	twoDigits(b[17:], second%60)
	twoDigits(b[20:], ms/10)
	b[22] = byte('0' + ms%10)
	from := x.text.Len()
	x.text.Write(b[:])
	return x.text.String()[from:]
}

// firstSecond of the year 1, in Unix time; no time of ours comes before it.
const firstSecond = -62135596800

func twoDigits(b []byte, n int) { b[0], b[1] = byte('0'+n/10), byte('0'+n%10) }
