package httpapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// Every PUT and every DELETE of the API: with an ETag that was not read nothing
// is written, with the one that was read it is.
func TestEveryPutAndDeleteHonoursIfMatch(t *testing.T) {
	described := operations(schemas{})
	for _, o := range documented().Operations() {
		if o.Method != http.MethodPut && o.Method != http.MethodDelete {
			continue
		}
		d := described[o.Method+" "+o.Path]
		t.Run(d.id, func(t *testing.T) {
			body := ""
			for _, name := range slices.Sorted(maps.Keys(o.Examples)) {
				text, err := json.Marshal(o.Examples[name])
				if err != nil {
					t.Fatal(err)
				}
				body = string(text)
			}
			a := newAPI(t)
			a.example(d)
			a.calls = nil
			a.as(operator, o.Method, examplePath(o.Path), body, header("If-Match", `"987654321"`)).wants(412)
			for _, call := range a.calls {
				for _, write := range []string{"Put", "Save", "Remove", "Add", "Revoke", "Set"} {
					if strings.HasPrefix(call, write) {
						t.Errorf("wrote: %v", a.calls)
					}
				}
			}
			a.as(operator, o.Method, examplePath(o.Path), body, header("If-Match", `"987654321", *`)).wantsUnless(412, d.id == "ServicePut")
			if o.Method == http.MethodPut {
				tag := a.as(operator, o.Method, examplePath(o.Path), body).header.Get("ETag")
				a.as(operator, o.Method, examplePath(o.Path), body, header("If-Match", tag)).wants(200)
			}
		})
	}
}

// wantsUnless: not that status, unless is.
func (r response) wantsUnless(status int, is bool) {
	r.Helper()
	if (r.status == status) != is {
		r.Errorf("status %d: %s", r.status, r.text)
	}
}

// What is not there has no tag: an update that expects it does not create it.
func TestIfMatchCreatesNothing(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct {
		method, path, body string
		want               int
	}{
		{"PUT", "/v1/organization/new", `{"organization_name":"New","account_id":"acc-new"}`, 412},
		{"PUT", acme + "/units/new", `{"unit_name":"New"}`, 412},
		{"PUT", acme + "/projects/new", `{}`, 412},
		{"PUT", acme + "/members/new", `{"role":"member"}`, 412},
		{"DELETE", acme + "/units/new", "", 404},
		{"DELETE", acme + "/projects/new", "", 404},
		{"DELETE", acme + "/members/new", "", 404},
		{"DELETE", acme + "/tokens/new", "", 404},
	} {
		a.as(operator, c.method, c.path, c.body, header("If-Match", `"7"`)).wants(c.want)
	}
}

func TestAnAccountHasTheTagOfWhatItShows(t *testing.T) {
	a := newAPI(t)
	for path, tag := range map[string]string{"/v1/account/acc-acme": `"3"`, "/v1/account/unit-1": `"1"`} {
		if got := a.as(admin, "GET", path, "").wants(200).header.Get("ETag"); got != tag {
			t.Errorf("%s: %s", path, got)
		}
	}
	a.as(operator, "PUT", acme+"/units/unit-1", `{"unit_name":"Renamed"}`).wants(200)
	if got := a.as(admin, "GET", "/v1/account/unit-1", "").wants(200).header.Get("ETag"); got != `"2"` {
		t.Errorf("after a rename: %s", got)
	}
}
