package lambdaerror

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda/messages"

	"byoc/shared/cloud"
	"byoc/shared/measure"
)

func TestHandlerNamesWhatFails(t *testing.T) {
	cases := map[string]struct {
		do            func() (string, error)
		want, message string
		logged        string
	}{
		"a code": {
			func() (string, error) { return "", cloud.Errorf(cloud.Denied, "AWS denied it.") },
			"Denied", "AWS denied it.", "AWS denied it.",
		},
		"a code inside": {
			func() (string, error) {
				return "", errors.Join(cloud.Wrap(errors.New("403"), cloud.Moved, "The fence moved."))
			},
			"Moved", "The fence moved.", "403",
		},
		"an error of nobody's": {
			func() (string, error) { return "", errors.New("a secret") },
			"Internal", cloud.InternalMessage, "a secret",
		},
		"a panic": {
			func() (string, error) {
				var steps []string
				return steps[len(os.Args)], nil
			},
			"Internal", cloud.InternalMessage, "index out of range",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var lines bytes.Buffer
			h := Handler(slog.New(slog.NewTextHandler(&lines, nil)), metrics, func(context.Context, string) (string, error) { return c.do() })
			_, err := h(t.Context(), "in")
			// By value and outermost, or the runtime names it otherwise.
			got, ok := err.(messages.InvokeResponse_Error)
			if !ok || got.Type != c.want || got.Message != c.message {
				t.Errorf("got %#v, want type %s and message %q", err, c.want, c.message)
			}
			if !strings.Contains(lines.String(), c.logged) {
				t.Errorf("the log does not say %q:\n%s", c.logged, lines.String())
			}
		})
	}
}

var metrics = measure.Metrics{Namespace: "test", Function: "f", Now: time.Now}

func TestHandlerBoundsTheMessage(t *testing.T) {
	h := Handler(slog.New(slog.DiscardHandler), metrics, func(context.Context, string) (string, error) {
		return "", cloud.Errorf(cloud.Denied, "%s", strings.Repeat("ü", maxMessage))
	})
	_, err := h(t.Context(), "in")
	got, _ := err.(messages.InvokeResponse_Error)
	if len(got.Message) > maxMessage || len(got.Message) < maxMessage-2 {
		t.Errorf("the message has %d bytes, want at most %d and no half character", len(got.Message), maxMessage)
	}
}
