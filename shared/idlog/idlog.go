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
	return slog.New(handler{slog.NewJSONHandler(w, &slog.HandlerOptions{ReplaceAttr: withoutAddresses})})
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
	if len(ids) == 0 {
		return h.Handler.Handle(ctx, r)
	}
	// The record's attributes are not ours to add to.
	r = r.Clone()
	for _, id := range ids {
		said := false
		r.Attrs(func(a slog.Attr) bool {
			said = said || a.Key == id.Key
			return !said
		})
		if !said {
			r.AddAttrs(id)
		}
	}
	return h.Handler.Handle(ctx, r)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

func withoutAddresses(_ []string, a slog.Attr) slog.Attr {
	switch a.Value.Kind() {
	case slog.KindString:
		if text := a.Value.String(); strings.Contains(text, "@") {
			a.Value = slog.StringValue(redact(text))
		}
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
