package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestARunIsPricedByItsOwnCounts(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "bench"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "bench", "results.md"), []byte("## Then\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	now := []group{{title: "Now"}}
	whole, err := (&world{root: root, measured: now}).results()
	if err != nil || !strings.Contains(whole, "## Now") || strings.Contains(whole, "## Then") {
		t.Errorf("a whole run has %q, %v", whole, err)
	}
	part, err := (&world{root: root, measured: now, partly: true}).results()
	if err != nil || !strings.HasPrefix(part, "## Now") || !strings.Contains(part, "## Then") {
		t.Errorf("a part of one has %q, %v", part, err)
	}
	if _, err := (&world{root: t.TempDir(), partly: true}).results(); err == nil {
		t.Error("a part of one, where there are no results before, has some")
	}
}
