package rolepolicy

import (
	"embed"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// CurrentVersion of the template.
const CurrentVersion = "1"

// published are the policies of all versions that were ever published. The
// current one is generated from the step table; the test of package template
// says how.
//
//go:embed v*.json
var published embed.FS

// Versions of the template, by the policies that they give a role: files named
// v1.json, v2.json, … An older one is kept as long as a role may have it, so
// that it is told from an edited one.
type Versions struct{ policies fs.FS }

// Published is every version that was ever published.
func Published() Versions { return Versions{published} }

// NewVersions of other policies than the published ones.
func NewVersions(policies fs.FS) Versions { return Versions{policies} }

// Newest is the version with the highest number; empty where there is none.
func (v Versions) Newest() string {
	newest := 0
	files, _ := fs.Glob(v.policies, "v*.json")
	for _, file := range files {
		if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(file, "v"), ".json")); err == nil {
			newest = max(newest, n)
		}
	}
	if newest == 0 {
		return ""
	}
	return strconv.Itoa(newest)
}

// Of is the policy that a version of the template gives a custom cloud's role;
// false where there is no such version.
func (v Versions) Of(version, stem, region string) (Document, bool) {
	d, err := v.policy(version)
	if err != nil {
		return Document{}, false
	}
	return d.For(stem, region), true
}

func (v Versions) policy(version string) (Document, error) {
	text, err := fs.ReadFile(v.policies, "v"+version+".json")
	if err != nil {
		return Document{}, err
	}
	return Parse(string(text))
}

// For is the policy that the current template gives a custom cloud's role.
func For(stem, region string) (Document, error) {
	d, err := Published().policy(CurrentVersion)
	if err != nil {
		return Document{}, err
	}
	return d.For(stem, region), nil
}

// TemplateVersion that a role's policy was made by, read from the statement
// that lets the role read itself; empty where that is not there.
func (d Document) TemplateVersion() string {
	i := slices.IndexFunc(d.Statement, func(s Statement) bool { return strings.HasPrefix(s.Sid, sidRole) })
	if i < 0 {
		return ""
	}
	return strings.TrimPrefix(d.Statement[i].Sid, sidRole)
}
