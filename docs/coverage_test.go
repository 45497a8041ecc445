// Package docs holds the documents to the code.
package docs

import (
	"bufio"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var quoted = regexp.MustCompile("`([A-Za-z/0-9]+)`")

// covered are the tests that coverage.md names: folder and name.
func covered(t *testing.T) map[[2]string]bool {
	t.Helper()
	text, err := os.ReadFile("coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[[2]string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		cells := strings.Split(line, "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "---") || strings.TrimSpace(cells[2]) == "test" {
			continue
		}
		folder, named := "", 0
		for _, m := range quoted.FindAllStringSubmatch(cells[2], -1) {
			if strings.HasPrefix(m[1], "Test") {
				all[[2]string{folder, m[1]}] = true
				named++
			} else {
				folder = m[1]
			}
		}
		if named == 0 || folder == "" {
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
	for test := range tests {
		folder, name := test[0], test[1]
		if declared[folder] == nil {
			declared[folder] = testsIn(t, filepath.Join("..", folder))
		}
		if !declared[folder][name] {
			t.Errorf("%s has no %s", folder, name)
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
// go test -json, in which each has to pass.
func TestEveryTestOfTheCoverageRan(t *testing.T) {
	name := os.Getenv("COVERAGE_LOG")
	if name == "" {
		t.Skip("COVERAGE_LOG is not set: that the tests of coverage.md ran IS NOT SHOWN; make coverage shows it")
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	passed := map[[2]string]bool{}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var e struct{ Action, Package, Test string }
		// The compiler's own lines are no JSON.
		if json.Unmarshal(lines.Bytes(), &e) == nil && e.Action == "pass" && e.Test != "" {
			passed[[2]string{strings.TrimPrefix(e.Package, "byoc/"), e.Test}] = true
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for test := range covered(t) {
		if !passed[test] {
			t.Errorf("%s %s did not run and pass", test[0], test[1])
		}
	}
}
