// Package docs holds the documents to the code.
package docs

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([A-Za-z/0-9]+)`")

// named is a test that coverage.md names: its folder and its name.
type named struct{ folder, test string }

// covered are the tests of coverage.md, and of each whether its row says that it
// may be skipped: where a tool is missing that nobody has to have.
func covered(t *testing.T) map[named]bool {
	t.Helper()
	text, err := os.ReadFile("coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[named]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[2]) == "test" {
			continue
		}
		folder, tests := "", 0
		for _, m := range quoted.FindAllStringSubmatch(cells[2], -1) {
			if strings.HasPrefix(m[1], "Test") {
				all[named{folder, m[1]}] = strings.Contains(cells[2], "(skipped without ")
				tests++
			} else {
				folder = m[1]
			}
		}
		if tests == 0 || folder == "" {
			t.Errorf("no test shows that %s", strings.TrimSpace(cells[1]))
		}
	}
	return all
}

func TestEveryTestOfTheCoverageExists(t *testing.T) {
	tests := covered(t)
	if len(tests) < 80 {
		t.Errorf("only %d tests are named: the table is not read", len(tests))
	}
	declared := map[string]map[string]bool{}
	for n := range tests {
		if declared[n.folder] == nil {
			declared[n.folder] = testsIn(t, filepath.Join("..", n.folder))
		}
		if !declared[n.folder][n.test] {
			t.Errorf("%s has no %s", n.folder, n.test)
		}
	}
}

func testsIn(t *testing.T, folder string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}

// That a test exists is not that it ran: COVERAGE_LOG names the output of
// go test -json, in which each has to pass; what the cache answered has run.
func TestEveryTestOfTheCoverageRan(t *testing.T) {
	name := os.Getenv("COVERAGE_LOG")
	if name == "" {
		t.Skip("the run whose log shows it is not over yet: make test looks at it at its end")
	}
	log, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	outcomes := outcomesIn(log)
	for n, mayBeSkipped := range covered(t) {
		switch outcome := outcomes[n]; {
		case outcome == "pass":
		case outcome == "skip" && mayBeSkipped:
			t.Logf("NOT SHOWN HERE: %s %s was skipped", n.folder, n.test)
		default:
			t.Errorf("%s %s did not run and pass: %q", n.folder, n.test, outcome)
		}
	}
}

// outcomesIn is how each test of a log ended.
func outcomesIn(log []byte) map[named]string {
	outcomes := map[named]string{}
	for line := range bytes.Lines(log) {
		var e struct{ Action, Package, Test string }
		// The compiler's own lines are no JSON.
		if json.Unmarshal(line, &e) == nil && e.Test != "" && (e.Action == "pass" || e.Action == "skip" || e.Action == "fail") {
			outcomes[named{strings.TrimPrefix(e.Package, "byoc/"), e.Test}] = e.Action
		}
	}
	return outcomes
}

func TestALogTellsHowEachTestEnded(t *testing.T) {
	got := outcomesIn([]byte(`{"Action":"start","Package":"byoc/shared/cloud"}
{"Action":"output","Package":"byoc/shared/cloud","Test":"TestA","Output":"pass\n"}
{"Action":"pass","Package":"byoc/shared/cloud","Test":"TestA","Elapsed":0}
{"Action":"skip","Package":"byoc/shared/cloud","Test":"TestB","Elapsed":0}
{"Action":"run","Package":"byoc/shared/cloud","Test":"TestC"}
# byoc/shared/httpapi
{"Action":"pass","Package":"byoc/shared/cloud","Elapsed":0.1}
`))
	want := map[named]string{{"shared/cloud", "TestA"}: "pass", {"shared/cloud", "TestB"}: "skip"}
	if !maps.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
