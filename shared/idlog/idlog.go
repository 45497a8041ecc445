// Package idlog writes log lines as JSON, one object per line, each with the
// ids of what is worked on: whoever learns an id puts it into the context, and
// every line that is written under that context has it.
package idlog

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode"
)

// Keys of the ids. A line has those that exist where it is written.
const (
	// RequestID is the gateway's id of an HTTP request, and otherwise the
	// invocation's.
	RequestID = "request_id"
	// InvocationID is the id in Lambda's own lines (START, REPORT), where
	// RequestID is another.
	InvocationID = "invocation_id"
	Organization = "organization"
	Cloud        = "cloud"
	Execution    = "execution"
)

// New logs to w. A mail address in any text of a line is left out: AWS's
// answers quote them, and a log has no personal data.
func New(w io.Writer) *slog.Logger {
	return slog.New(handler{slog.NewJSONHandler(w, nil)})
}

type idsKey struct{}

// With has every line under the returned context carry attrs, which replace
// those of the same key. Empty values are left out.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	before, _ := ctx.Value(idsKey{}).([]slog.Attr)
	ids := slices.Clone(before)
	for _, a := range attrs {
		if a.Value.Kind() == slog.KindString && a.Value.String() == "" {
			continue
		}
		if i := slices.IndexFunc(ids, func(b slog.Attr) bool { return b.Key == a.Key }); i >= 0 {
			ids[i] = a
		} else {
			ids = append(ids, a)
		}
	}
	return context.WithValue(ctx, idsKey{}, ids)
}

type handler struct{ slog.Handler }

// Handle adds the context's ids; what the line says itself of the same key stands.
func (h handler) Handle(ctx context.Context, r slog.Record) error {
	ids, _ := ctx.Value(idsKey{}).([]slog.Attr)
	attrs := make([]slog.Attr, 0, r.NumAttrs()+len(ids))
	r.Attrs(func(a slog.Attr) bool {
		attrs = append(attrs, withoutAddresses(a))
		return true
	})
	said := attrs
	for _, id := range ids {
		if !slices.ContainsFunc(said, func(a slog.Attr) bool { return a.Key == id.Key }) {
			attrs = append(attrs, withoutAddresses(id))
		}
	}
	// The record's attributes are not ours to change. The JSON handler could do it,
	// by its ReplaceAttr, but takes its long way for every attribute then.
	line := slog.NewRecord(r.Time, r.Level, redact(r.Message), r.PC)
	line.AddAttrs(attrs...)
	return h.Handler.Handle(ctx, line)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(each(attrs))}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

func each(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, a := range attrs {
		clean[i] = withoutAddresses(a)
	}
	return clean
}

func withoutAddresses(a slog.Attr) slog.Attr {
	switch a.Value = a.Value.Resolve(); a.Value.Kind() {
	case slog.KindString:
		a.Value = slog.StringValue(redact(a.Value.String()))
	case slog.KindGroup:
		a.Value = slog.GroupValue(each(a.Value.Group())...)
	case slog.KindAny:
		if err, ok := a.Value.Any().(error); ok && err != nil {
			a.Value = slog.StringValue(redact(err.Error()))
		}
	}
	return a
}

const redacted = "<address>"

// redact replaces mail addresses. A module's version in a stack trace,
// mod@v1.2.3, is none: a domain ends in letters.
func redact(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	var b strings.Builder
	for {
		at := strings.IndexByte(text, '@')
		if at < 0 {
			b.WriteString(text)
			return b.String()
		}
		person := strings.TrimRightFunc(text[:at], ofAddress)
		host := text[at+1:]
		if end := strings.IndexFunc(host, func(r rune) bool { return !ofAddress(r) }); end >= 0 {
			host = host[:end]
		}
		host = strings.TrimRight(host, ".-")
		end := at + 1 + len(host)
		if len(person) < at && endsInLetters(host) {
			b.WriteString(person)
			b.WriteString(redacted)
		} else {
			b.WriteString(text[:end])
		}
		text = text[end:]
	}
}

// ofAddress takes whatever people put before the @ of an address or after it,
// unless it separates words in a text.
func ofAddress(r rune) bool {
	return r == '.' || r == '-' || r == '_' || r == '+' || r == '%' || r == '\'' || unicode.IsLetter(r) || unicode.IsDigit(r)
}

func endsInLetters(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return len(last) >= 2 && len(last) < len(host) && strings.IndexFunc(last, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}
