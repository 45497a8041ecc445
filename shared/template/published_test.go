package template_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"testing"
)

// TestPublishedTextsNeverChange holds every text of every version against the
// hash that it was published with. A changed text is a new version: raise
// rolepolicy.CurrentVersion, copy the two folders, go generate. Only what nobody
// has applied yet may change: take its line out of published.json first.
func TestPublishedTextsNeverChange(t *testing.T) {
	const file = "published.json"
	recorded := map[string]string{}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &recorded); err != nil {
		t.Fatal(err)
	}
	now := map[string]string{}
	for _, pattern := range []string{"terraform/v*/template.tf", "cloudformation/v*/template.json", "rolepolicy/v*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range found {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(text)
			now[name] = hex.EncodeToString(sum[:])
		}
	}
	for name, want := range recorded {
		if now[name] != want {
			t.Errorf("%s was published with the hash %s and has %s", name, want, now[name])
		}
	}
	missing := maps.Clone(recorded)
	for name, hash := range now {
		if recorded[name] == "" {
			t.Errorf("%s is not in %s; run go generate ./shared/template", name, file)
			missing[name] = hash
		}
	}
	if *update {
		b, err := json.MarshalIndent(missing, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
