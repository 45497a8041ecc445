package rolepolicy

import (
	"testing"
	"testing/fstest"
)

func TestTheNewestVersionIsThePublishedOne(t *testing.T) {
	if got := Published().Newest(); got != CurrentVersion {
		t.Errorf("the newest of what is kept is %s, the template is %s", got, CurrentVersion)
	}
	files := fstest.MapFS{"v2.json": {}, "v10.json": {}, "v9.json": {}, "vx.json": {}}
	if got := NewVersions(files).Newest(); got != "10" {
		t.Errorf("newest %s", got)
	}
	if got := NewVersions(fstest.MapFS{}).Newest(); got != "" {
		t.Errorf("newest of none: %s", got)
	}
	for _, version := range []string{"", "0", "2", "../x", "1.json"} {
		if _, ok := Published().Of(version, stem, region); ok {
			t.Errorf("there is a version %q", version)
		}
	}
}
