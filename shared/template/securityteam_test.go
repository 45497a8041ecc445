package template_test

import (
	"os"
	"strings"
	"testing"
)

// The page for security teams has a row for each statement of the policy, in its
// order, with exactly its actions, and the reason.
func TestThePageForSecurityTeamsIsLineByLine(t *testing.T) {
	text, err := os.ReadFile("../../docs/security-team.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(text)) {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| `") && len(cells) == 4 {
			rows = append(rows, cells)
		}
	}
	_, policy := rolePolicy(t)
	if len(rows) != len(policy.Statement) {
		t.Fatalf("%d rows for %d statements", len(rows), len(policy.Statement))
	}
	for i, s := range policy.Statement {
		want := "`" + strings.Join(s.Action, "`, `") + "`"
		if rows[i][0] != "| `"+s.Sid+"`" || rows[i][1] != want || len(rows[i][2]) < 5 || len(rows[i][3]) < 20 {
			t.Errorf("row %d is %v; want %s with %s", i+1, rows[i], s.Sid, want)
		}
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil || !strings.Contains(string(readme), "(docs/security-team.md)") {
		t.Errorf("the README does not lead to it: %v", err)
	}
}
