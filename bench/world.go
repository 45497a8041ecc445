package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// world is what the measurements have in common.
type world struct {
	// root is the repository's folder.
	root string
	// rounds is how often what takes minutes is done.
	rounds int
	// commit that is measured.
	commit string
	// measured are the sections so far; partly says that others are left as the
	// results have them.
	measured []group
	partly   bool
}

// results are this run's sections, and where it is a run of some only, those of
// the results after them.
func (w *world) results() (string, error) {
	var b strings.Builder
	for _, g := range w.measured {
		b.WriteString(g.String())
	}
	if w.partly {
		before, err := os.ReadFile(w.path("bench", "results.md"))
		if err != nil {
			return "", err
		}
		b.Write(before)
	}
	return b.String(), nil
}

func (w *world) path(elem ...string) string {
	return filepath.Join(append([]string{w.root}, elem...)...)
}

// functions by name, one at least: each is a folder.
func (w *world) functions() ([]string, error) {
	entries, err := os.ReadDir(w.path("functions"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) == 0 {
		return nil, errors.New("there are no functions in " + w.path("functions"))
	}
	return names, nil
}

func architecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
