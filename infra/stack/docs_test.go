package stack

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A line of the threat model is guarded by tests that exist.
func TestThreatModelNamesTestsThatExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	exist := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err = filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "build" || d.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(source, -1) {
			exist[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`(Test\\w+)`").FindAllSubmatch(text, -1)
	if len(named) < 20 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !exist[string(m[1])] {
			t.Errorf("there is no test %s", m[1])
		}
	}
}

// make destroy runs one command, on the main stack and on nothing else.
func TestDestroyNamesTheMainStackOnly(t *testing.T) {
	out, err := exec.Command("make", "-C", "../..", "--no-print-directory", "-n", "destroy", "ENV=sandbox").Output()
	if err != nil {
		t.Fatal(err)
	}
	commands := regexp.MustCompile(`(?m)^.*cdk destroy (.*)$`).FindAllStringSubmatch(string(out), -1)
	if len(commands) != 1 || !strings.HasPrefix(commands[0][1], MainStackName+" --exclusively ") ||
		strings.Contains(commands[0][1], "--all") || strings.Contains(commands[0][1], AccessStackName) {
		t.Errorf("make destroy runs %v", commands)
	}
}
