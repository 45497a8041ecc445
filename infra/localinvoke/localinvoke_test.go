package localinvoke_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"byoc/infra/localinvoke"
	"byoc/infra/runfile"
)

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bootstrap")
	cmd := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "../local/testdata/function")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

func TestEndingsAreToldApart(t *testing.T) {
	binary := build(t)
	for event, c := range map[string]struct {
		environment          []string
		ending, answer, want string
	}{
		`{"text":"hello"}`:                {nil, "answer", "ok", `"text":"hello"`},
		`{"do":"named","text":"Special"}`: {nil, "handler error", "Special", `"named"`},
		`{"do":"error","text":"no luck"}`: {nil, "handler error", "errorString", "no luck"},
		`{"do":"panic","text":"aargh"}`:   {nil, "panic", "panic", "aargh"},
		`{"do":"exit"}`:                   {nil, "exit", "exit", "exit status 4"},
		`{"do":"sleep","millis":9000}`:    {nil, "timeout", "timeout", "Task timed out after 2.00 seconds"},
		`{"text":"never"}`:                {[]string{"INIT=exit"}, "exit during init", "init", "exit status 3"},
	} {
		t.Run(event, func(t *testing.T) {
			result, err := localinvoke.Run(t.Context(), binary, []byte(event), localinvoke.Environment{
				ARN: "arn:aws:lambda:eu-west-1:123456789012:function:sample", Timeout: 2 * time.Second, Variables: c.environment,
			})
			if err != nil {
				t.Fatal(err)
			}
			if string(result.Ending) != c.ending || localinvoke.Answer(result.Outcome) != c.answer || !strings.Contains(string(result.Payload), c.want) {
				t.Errorf("%s, %s: %s; want %s, %s, %q", result.Ending, localinvoke.Answer(result.Outcome), result.Payload, c.ending, c.answer, c.want)
			}
			if result.Init <= 0 || (c.ending != "exit during init" && result.Duration <= 0) {
				t.Errorf("took %s and %s", result.Init, result.Duration)
			}
			if c.ending == "answer" && !strings.Contains(string(result.Log), "handled") {
				t.Errorf("log %q", result.Log)
			}
		})
	}
}

func TestAnswersHaveNames(t *testing.T) {
	for file, want := range map[string]string{
		"events/api/health.200.json": "200", "a/one-of-two.failed-1.json": "failed-1", "a/plain.json": "",
	} {
		if got := localinvoke.Promised(file); got != want {
			t.Errorf("%s promises %q, want %q", file, got, want)
		}
	}
}

func TestFillNeedsARun(t *testing.T) {
	if _, err := localinvoke.Fill([]byte(`"${TOKEN}"`), nil); err == nil {
		t.Error("a token without a run")
	}
	r := runfile.Run{Organization: runfile.Organization{ID: "org1"}}
	got, err := localinvoke.Fill([]byte(`"${ORGANIZATION}"`), &r)
	if err != nil || string(got) != `"org1"` {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := localinvoke.Fill([]byte(`"${PASSWORD}"`), &r); err == nil {
		t.Error("an unknown name was filled in")
	}
}
