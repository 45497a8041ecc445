package network

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

// A policy that asks for a tag denies a call on what is gone: so AWS answers a
// deletion that is sent again after its answer was lost.
func TestDeniedBecauseItIsGoneAlready(t *testing.T) {
	t.Parallel()
	for _, action := range []string{"DeleteVpc", "DeleteSubnet", "DeleteInternetGateway", "DeleteRouteTable", "DeleteSecurityGroup", "ReleaseAddress"} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t, 2, cloud.NATSingle)
			before := w.inventory(t)
			w.provision()
			deny := refuse(action, "UnauthorizedOperation", "You are not authorized to perform this operation.")
			acted := 0
			w.answer = func(called string, form url.Values) *http.Response {
				if called == action {
					acted++
					w.act(t, form)
				}
				return deny(called, form)
			}
			w.remove()
			if acted == 0 {
				t.Fatalf("%s was never called", action)
			}
			w.empty(before)
		})
	}
}

// act carries a call out whose answer nobody gets.
func (a *account) act(t *testing.T, form url.Values) {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, a.emulator, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host, Signature=none")
	answer, err := a.send(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
}
