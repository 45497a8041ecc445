package docs

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The items of the data model are those of the one file that makes keys.
func TestTheDataModelIsThatOfTheKeys(t *testing.T) {
	keys, err := os.ReadFile("../shared/dynamo/keys.go")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("data-model.md")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for i, m := range regexp.MustCompile(`(?m)^//\t(\S.*)$`).FindAllStringSubmatch(string(keys), -1) {
		columns := regexp.MustCompile(`\s{2,}`).Split(strings.TrimSpace(m[1]), -1)
		if i == 0 {
			continue
		}
		if len(columns) != 4 {
			t.Fatalf("keys.go has a row of %d columns: %q", len(columns), m[1])
		}
		want["| "+columns[0]+" | `"+columns[1]+"` | `"+columns[2]+"` | "+columns[3]+" |"] = true
	}
	if len(want) < 15 {
		t.Fatalf("keys.go describes %d items only: its table is not read", len(want))
	}
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "| ") && strings.Count(line, "|") == 5 && !strings.HasPrefix(line, "| item |") {
			if !want[line] {
				t.Errorf("data-model.md has what keys.go has not: %s", line)
			}
			delete(want, line)
		}
	}
	for row := range want {
		t.Errorf("data-model.md lacks %s", row)
	}
}
