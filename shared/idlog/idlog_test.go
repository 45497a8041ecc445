package idlog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"byoc/shared/idlog"
)

func lineOf(t *testing.T, write func(log *slog.Logger)) (map[string]any, string) {
	t.Helper()
	var out bytes.Buffer
	write(idlog.New(&out))
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%v: %s", err, out.String())
	}
	return line, out.String()
}

func TestEveryLineHasTheIDsOfItsContext(t *testing.T) {
	ctx := idlog.With(t.Context(), slog.String(idlog.RequestID, "gateway-1"), slog.String(idlog.Organization, "acme"))
	inner := idlog.With(ctx, slog.String(idlog.Cloud, "c-1"), slog.String(idlog.Execution, ""), slog.String(idlog.RequestID, "r-2"))
	for name, c := range map[string]struct {
		ctx   context.Context
		attrs []any
		want  map[string]string
	}{
		"outer":                   {ctx, nil, map[string]string{"request_id": "gateway-1", "organization": "acme"}},
		"inner, an id replaced":   {inner, nil, map[string]string{"request_id": "r-2", "organization": "acme", "cloud": "c-1"}},
		"the line's own id holds": {inner, []any{"cloud", "c-2"}, map[string]string{"request_id": "r-2", "organization": "acme", "cloud": "c-2"}},
		"no context":              {t.Context(), []any{"cloud", "c-2"}, map[string]string{"cloud": "c-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			line, text := lineOf(t, func(log *slog.Logger) { log.InfoContext(c.ctx, "said", c.attrs...) })
			for _, key := range []string{"request_id", "organization", "cloud", "execution"} {
				got, _ := line[key].(string)
				if got != c.want[key] || strings.Count(text, `"`+key+`"`) > 1 {
					t.Errorf("%s is %q, want %q: %s", key, got, c.want[key], text)
				}
			}
		})
	}
}

// later is known when it is logged only.
type later struct{ value any }

func (l later) LogValue() slog.Value { return slog.AnyValue(l.value) }

func TestNoLineHasAMailAddress(t *testing.T) {
	for text, want := range map[string]string{
		"not verified: Jane.Doe+x@mail.customer.example, retry": "not verified: <address>, retry",
		"<jürgen@büro.example>":                                 "<<address>>",
		"a@b.example and c'd@e.example.":                        "<address> and <address>.",
		"sdk/v2@v1.47.7/aws/retry.go:12":                        "sdk/v2@v1.47.7/aws/retry.go:12",
		"@ alone, user@ and @host.example":                      "@ alone, user@ and @host.example",
		"arn:aws:ses:eu-west-1:1:identity/a@b.example":          "arn:aws:ses:eu-west-1:1:identity/<address>",
		`{"ToAddresses":["first@customer.example"],"x":1}`:      `{"ToAddresses":["<address>"],"x":1}`,
	} {
		for kind, attr := range map[string]any{"text": text, "error": fmt.Errorf("sending: %w", errors.New(text))} {
			line, _ := lineOf(t, func(log *slog.Logger) { log.Info(text, "value", attr) })
			if got, _ := line["value"].(string); !strings.HasSuffix(got, want) {
				t.Errorf("%s %q became %q, want %q", kind, text, got, want)
			}
			if line["msg"] != want {
				t.Errorf("message %q became %q, want %q", text, line["msg"], want)
			}
			_, whole := lineOf(t, func(log *slog.Logger) {
				ctx := idlog.With(t.Context(), slog.Any("id", attr))
				log.With("of all", attr).WithGroup("g").InfoContext(ctx, "said", slog.Group("inner", "later", later{attr}, "value", attr))
			})
			if strings.Count(whole, strings.ReplaceAll(want, `"`, `\"`)) != 4 {
				t.Errorf("%s %q became %s, want %q four times", kind, text, whole, want)
			}
		}
	}
}
