package endtoend

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"byoc/infra/localinvoke"
	"byoc/infra/runfile"
	"byoc/infra/sandbox"
	tasks "byoc/shared/run"
	"byoc/shared/task"
	"byoc/shared/watch"
)

// inputs of the handlers: what an event has to decode into, with no field left over.
var inputs = map[string]func() any{
	"api":          func() any { return new(events.APIGatewayV2HTTPRequest) },
	"network":      func() any { return new(tasks.NetworkTask) },
	"notify":       func() any { return new(events.SQSEvent) },
	"transition":   func() any { return new(task.TransitionInput) },
	"validaterole": func() any { return new(task.Input) },
	"watch":        func() any { return new(watch.Part) },
}

// Every sample event is answered as its file name promises, by the binary that
// is deployed, with the environment and the role of the deployed function.
func TestSampleEvents(t *testing.T) {
	functions, err := os.ReadDir("../../functions")
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir("../../events")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && f.Name() != "schema" && inputs[f.Name()] == nil {
			t.Errorf("events/%s: there is no such function", f.Name())
		}
	}
	described := system.Runfile()
	for _, function := range functions {
		name := function.Name()
		files, err := filepath.Glob(filepath.Join("../../events", name, "*.json"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s has no sample event: %v", name, err)
			continue
		}
		environment, err := localinvoke.Deployed(t.Context(), system.URL(), "byoc-"+name+"-sandbox")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			t.Run(name+"/"+filepath.Base(file), func(t *testing.T) {
				event, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if event, err = localinvoke.Fill(event, &described); err != nil {
					t.Fatal(err)
				}
				decoder := json.NewDecoder(bytes.NewReader(event))
				decoder.DisallowUnknownFields()
				if err := decoder.Decode(inputs[name]()); err != nil {
					t.Fatalf("the handler cannot read it: %v", err)
				}
				result, err := localinvoke.Run(t.Context(), bootstrap(name), event, environment)
				if err != nil {
					t.Fatal(err)
				}
				promised := localinvoke.Promised(file)
				if answer := localinvoke.Answer(result.Outcome); promised == "" || answer != promised {
					t.Errorf("answered %q, promised %q: %s\n%s", answer, promised, result.Payload, result.Log)
				}
			})
		}
	}
}

// The command finds the running system by its run file, and does without one
// where nothing runs.
func TestInvokeCommand(t *testing.T) {
	command := filepath.Join(t.TempDir(), "invoke")
	if out, err := exec.Command("go", "build", "-o", command, "../invoke").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	with, without := t.TempDir(), t.TempDir()
	if err := runfile.Write(with, system.Runfile()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		dir, function, event string
		ok                   bool
		want                 []string
	}{
		"deployed":            {with, "api", "api/list.200.json", true, []string{"answer (200)", `"statusCode": 200`, "duration "}},
		"alone":               {without, "api", "api/health.200.json", true, []string{"answer (200)", "init "}},
		"alone, needs a run":  {without, "api", "api/list.200.json", false, []string{"make run"}},
		"not as promised":     {with, "validaterole", "watch/tick.ok.json", false, []string{"handler error (", "the event's name promises ok"}},
		"a function of none":  {without, "nobody", "watch/tick.ok.json", false, []string{"is missing: build it first"}},
		"an error as answer":  {with, "network", "network/gone.Moved.json", true, []string{"handler error (Moved)", "log:\n{"}},
		"no such event":       {with, "api", "api/none.json", false, []string{"no such file"}},
		"not deployed at all": {with, "nobody", "watch/tick.ok.json", false, []string{"no environment of byoc-nobody-sandbox"}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(command, "-functions", filepath.Join("build", sandbox.Architecture(), "functions"), c.function, filepath.Join("events", c.event))
			cmd.Dir = "../.."
			cmd.Env = append(os.Environ(), "LOCAL_DIR="+c.dir)
			out, err := cmd.CombinedOutput()
			if (err == nil) != c.ok {
				t.Errorf("ended with %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(string(out), want) {
					t.Errorf("lacks %q:\n%s", want, out)
				}
			}
		})
	}
}

func bootstrap(function string) string {
	return filepath.Join("../../build", sandbox.Architecture(), "functions", function, "bootstrap")
}
