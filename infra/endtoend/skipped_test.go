package endtoend

import (
	"flag"
	"slices"
	"sync"
	"testing"
)

// notRun are the tests that this machine lacks something for.
var notRun struct {
	sync.Mutex
	tests []string
}

// lacks skips a test aloud: what holds of the whole run is not judged then.
func lacks(t *testing.T, what string) {
	t.Helper()
	notRun.Lock()
	notRun.tests = append(notRun.tests, t.Name())
	notRun.Unlock()
	t.Skip("NOT TESTED: " + what)
}

// partial says why the run is not that of every test; nothing if it is. What
// holds of the run as a whole is judged only then.
func partial() string {
	for _, name := range []string{"test.run", "test.skip", "test.list"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return "-" + name
		}
	}
	notRun.Lock()
	defer notRun.Unlock()
	if len(notRun.tests) > 0 {
		slices.Sort(notRun.tests)
		return "without " + notRun.tests[0]
	}
	if testing.Short() {
		return "-test.short"
	}
	return ""
}
