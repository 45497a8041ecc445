package dynamo

import (
	"strconv"
	"time"
)

// timeLayout has a fixed width, so that times order as strings, and nanoseconds,
// so that a time read is the time written: an event's key is made of it.
const timeLayout = "2006-01-02T15:04:05.000000000Z"

// formatTime gives "" for the zero time.
func formatTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	// By the layout that package time writes without interpreting it; the
	// nanoseconds go before its Z.
	b := t.UTC().AppendFormat(make([]byte, 0, len(timeLayout)), time.RFC3339)
	end := len(b) - 1
	b = strconv.AppendInt(b[:end], int64(1e9+t.Nanosecond()), 10)
	b[end] = '.'
	return string(append(b, 'Z'))
}

// parseTime reads what formatTime wrote; the zero time for what is not a time.
func parseTime(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

// times reads what formatTime wrote, as parseTime does, in half the time where
// most are of one hour: those of a network's steps, which are dozens.
type times struct {
	// hour as it is written, to its colon, and its first second in Unix time.
	hour  string
	first int64
}

func (x *times) parse(text string) time.Time {
	const hourEnds = len("2006-01-02T15:")
	if len(text) != len(timeLayout) {
		return parseTime(text)
	}
	if hour := text[:hourEnds]; hour != x.hour {
		t := parseTime(hour + "00:00Z")
		if t.IsZero() {
			return parseTime(text)
		}
		x.hour, x.first = hour, t.Unix()
	}
	rest := text[hourEnds:]
	minute, second, nanoseconds := digitsOf(rest[0:2]), digitsOf(rest[3:5]), digitsOf(rest[6:15])
	if minute > 59 || rest[2] != ':' || second > 59 || rest[5] != '.' || nanoseconds > 999_999_999 || rest[15] != 'Z' {
		return parseTime(text)
	}
	return time.Unix(x.first+int64(minute*60+second), int64(nanoseconds)).UTC()
}

// digitsOf is the number that digits are; a larger one where they are none.
func digitsOf(digits string) (n uint64) {
	for i := range len(digits) {
		d := uint64(digits[i] - '0')
		if d > 9 {
			return 1 << 63
		}
		n = n*10 + d
	}
	return n
}
