package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	stdlog "log"
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"byoc/shared/idlog"
)

type about struct{ Cloud string }

func (a about) IDs() []slog.Attr { return []slog.Attr{slog.String(idlog.Cloud, a.Cloud)} }

var variables = map[string]string{
	"TABLE_NAME": "table", "METRICS_NAMESPACE": "byoc/test", "AWS_LAMBDA_FUNCTION_NAME": "f",
	"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
}

func setenv(t *testing.T, but string) {
	t.Helper()
	for name, value := range variables {
		if name == but {
			value = ""
		}
		t.Setenv(name, value)
	}
}

// A function lets garbage lie, but never until its memory is full; what the
// environment says of it goes before.
func TestAFunctionCollectsGarbageRarely(t *testing.T) {
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent); debug.SetMemoryLimit(limit) })
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
	collectLess()
	if got := debug.SetGCPercent(77); got != GCPercent {
		t.Errorf("collects at %d percent", got)
	}
	if got := debug.SetMemoryLimit(1 << 40); got != 384<<20 {
		t.Errorf("collects at %d bytes", got)
	}
	t.Setenv("GOGC", "50")
	t.Setenv("GOMEMLIMIT", "100MiB")
	collectLess()
	if got := debug.SetGCPercent(100); got != 77 {
		t.Errorf("collects at %d percent, whatever the environment says", got)
	}
	if got := debug.SetMemoryLimit(-1); got != 1<<40 {
		t.Errorf("collects at %d bytes, whatever the environment says", got)
	}
}

// One start says everything that is missing, and never what is there.
func TestAStartNamesWhatIsMissing(t *testing.T) {
	for missing := range variables {
		setenv(t, missing)
		_, err := wired(slog.New(slog.DiscardHandler), func(f *Function) (Handler[about, int], error) {
			f.String("OTHER")
			return nil, errors.New("what follows from it")
		})
		if err == nil || !strings.Contains(err.Error(), missing) || !strings.Contains(err.Error(), "OTHER") || strings.Contains(err.Error(), "what follows") {
			t.Errorf("without %s: %v", missing, err)
		}
	}
	setenv(t, "")
	if _, err := wired(slog.New(slog.DiscardHandler), func(*Function) (Handler[about, int], error) { return nil, errors.New("no wiring") }); err == nil || err.Error() != "no wiring" {
		t.Errorf("got %v", err)
	}
}

// Whatever writes during an invocation writes JSON with the ids of its request
// and its input: the handler, a panic, and Lambda's runtime client.
func TestEveryLineOfAnInvocationHasItsIDs(t *testing.T) {
	setenv(t, "")
	flags, writer := stdlog.Flags(), stdlog.Writer()
	t.Cleanup(func() { stdlog.SetFlags(flags); stdlog.SetOutput(writer) })
	var out bytes.Buffer
	handler, err := wired(idlog.New(&out), func(f *Function) (Handler[about, string], error) {
		return func(ctx context.Context, in about) (string, error) {
			f.Log.InfoContext(ctx, "working")
			if in.Cloud == "broken" {
				panic("aargh")
			}
			return f.Table + " " + f.Metrics.Namespace + " " + f.AWS.Region, nil
		}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "r-1"})
	answer, err := handler(ctx, about{"c-1"})
	if err != nil || answer != "table byoc/test eu-west-1" {
		t.Errorf("%q, %v", answer, err)
	}
	stdlog.Printf("%s", `{"errorMessage":"refused"}`)
	func() {
		defer func() {
			if recover() != "aargh" {
				t.Error("the panic did not go on to Lambda")
			}
		}()
		_, _ = handler(ctx, about{"broken"})
	}()
	var said []string
	for line := range strings.Lines(out.String()) {
		var members map[string]any
		if err := json.Unmarshal([]byte(line), &members); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		id, _ := members["request_id"].(string)
		cloud, _ := members["cloud"].(string)
		said = append(said, members["msg"].(string)+" "+id+" "+cloud)
	}
	if got, want := strings.Join(said, ", "), "working r-1 c-1, runtime r-1 c-1, working r-1 broken, panic r-1 broken"; got != want {
		t.Errorf("said %s, want %s", got, want)
	}
}
