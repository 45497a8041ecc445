package preflight

import (
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

func TestWhatWasNotReachedIsNeverPassed(t *testing.T) {
	made := []Check{{Name: DryRunVPC, Verdict: Passed}, {Name: Role, Verdict: Failed}}
	all := Unreached(made, "The time was over.")
	var names []string
	for _, c := range all {
		names = append(names, c.Name)
		want := CouldNotCheck
		for _, m := range made {
			if m.Name == c.Name {
				want = m.Verdict
			}
		}
		if c.Verdict != want {
			t.Errorf("%+v, want %s", c, want)
		}
	}
	if !slices.Equal(names, Names()) {
		t.Errorf("order %v", names)
	}
}

func TestTheVerdictIsTheWorst(t *testing.T) {
	for want, verdicts := range map[Verdict][]Verdict{
		Passed:        {Passed},
		Warning:       {Passed, Warning},
		CouldNotCheck: {Warning, CouldNotCheck, Passed},
		Failed:        {Failed, CouldNotCheck, Warning},
	} {
		var checks []Check
		for _, v := range verdicts {
			checks = append(checks, Check{Verdict: v})
		}
		a := NewAnswer(checks)
		if a.Verdict != want || len(a.Checks) != len(verdicts) || a.Counts[want] != 1 || a.Checks[0].Evidence == nil {
			t.Errorf("%v: %+v", verdicts, a)
		}
	}
}

func TestErr(t *testing.T) {
	denied := func(what string) Check { return Check{Verdict: Failed, Code: cloud.Denied, Message: what} }
	for name, test := range map[string]struct {
		checks []Check
		code   cloud.Code
		says   string
	}{
		"nothing":            {nil, "", ""},
		"warnings":           {[]Check{{Name: Zones, Verdict: Warning}, {Name: Boundary, Verdict: CouldNotCheck}}, "", ""},
		"denials together":   {[]Check{denied("a."), denied("b.")}, cloud.Denied, "a. b."},
		"another first":      {[]Check{denied("a."), {Verdict: Failed, Code: cloud.Invalid, Message: "c."}}, cloud.Invalid, "c."},
		"an unproven role":   {[]Check{{Name: ExternalID, Verdict: CouldNotCheck}, denied("a.")}, cloud.Unavailable, "trusted"},
		"an unknown account": {[]Check{{Name: Account, Verdict: CouldNotCheck}}, cloud.Unavailable, "trusted"},
	} {
		err := Err(test.checks)
		if cloud.CodeOf(err) != test.code || err != nil && !strings.Contains(cloud.MessageOf(err), test.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
