package customeraccount

import (
	"net/http"
	"testing"

	"byoc/shared/cloud"
)

// The watch is let in only where a stranger is not: each case differs from the
// role as the template makes it in one thing. What is no answer is no reason.
func TestLookProvesTheExternalIDAnew(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fakeAWS)
		// probes is AWS's answer where the external ID is not the cloud's own.
		probes string
		want   cloud.Code
	}{
		"as the template makes it": {change: func(*fakeAWS) {}},
		"no external ID demanded":  {change: func(f *fakeAWS) { f.trust = trustOf(principal, "") }, want: cloud.ExternalIDNotEnforced},
		"another external ID":      {change: func(f *fakeAWS) { f.trust = trustOf(principal, demanding("other")) }, want: cloud.RoleNotAssumable},
		"no role":                  {change: func(f *fakeAWS) { f.trust = "" }, want: cloud.RoleNotAssumable},
		"no answer to the probes":  {change: func(*fakeAWS) {}, probes: "RegionDisabledException", want: cloud.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			f, a := newFake(t)
			test.change(f)
			a.config.HTTPClient = slow{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.FormValue("RoleArn") == roleARN && r.FormValue("ExternalId") != externalID && test.probes != "" {
					f.refuse(w, false, test.probes, "no")
					return
				}
				f.ServeHTTP(w, r)
			})}
			// Credentials from a look before prove nothing about now.
			for range 2 {
				s, err := a.Look(deadline(t), request(nil))
				if cloud.CodeOf(err) != test.want || (s == nil) != (test.want != "") {
					t.Errorf("%v: %v", s, err)
				}
			}
		})
	}
}
