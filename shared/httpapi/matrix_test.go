package httpapi

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"byoc/shared/cloud"
)

var whoMay = map[cloud.Action][]string{
	cloud.ReadClouds:     {admin, member, operator},
	cloud.WriteClouds:    {admin, operator},
	cloud.ReadDirectory:  {admin, member, operator},
	cloud.WriteDirectory: {operator},
	cloud.WriteServices:  {operator},
}

// The matrix of tenancy: every route by everyone. What is expected derives from
// the action alone, not from the route's decision being evaluated.
func TestTenancyMatrix(t *testing.T) {
	for _, r := range newAPI(t).server.routes() {
		for _, who := range []string{"", "bad", stranger, member, admin, operator} {
			for _, existing := range []bool{true, false} {
				a := newAPI(t)
				id := a.draft()
				if !existing {
					id = "11111111-1111-4111-8111-111111111111"
				}
				path := examplePath(strings.ReplaceAll(r.path, "{"+cloudParam+"}", id))
				a.calls = nil
				got := a.as(who, r.method, path, "")
				name := r.method + " " + r.path + " as " + who
				may := slices.Contains(whoMay[r.decision.action], who)
				if got.status >= 500 {
					t.Errorf("%s: %s", name, got.text)
				}
				switch {
				case r.decision.kind == anyone:
					got.wants(http.StatusOK)
				case who == "" || who == "bad":
					if got.status != http.StatusUnauthorized {
						t.Errorf("%s: %d", name, got.status)
					}
				case who == stranger:
					// Answered alike whether it exists, and with nothing of acme.
					if strings.Contains(got.text, "Acme") || strings.Contains(got.text, "Main") {
						t.Errorf("%s shows another tenant's data: %s", name, got.text)
					}
					if r.decision.kind == pathOrganization && got.status != http.StatusNotFound {
						t.Errorf("%s: %d", name, got.status)
					}
					if r.decision.kind == pathOrganization && len(a.calls) > 1 {
						t.Errorf("%s reads %v before it refuses", name, a.calls)
					}
				case may && (got.status == http.StatusUnauthorized || got.status == http.StatusForbidden):
					t.Errorf("%s: %d", name, got.status)
				case !may && got.status != http.StatusForbidden:
					t.Errorf("%s: %d", name, got.status)
				}
			}
		}
	}
}

// A method that can change something needs an action that says so, in the
// organization that the path names. What members may not even see is listed.
func TestEveryRouteThatCanWriteNeedsAnActionToWrite(t *testing.T) {
	writes := []cloud.Action{cloud.WriteClouds, cloud.WriteDirectory, cloud.WriteServices}
	confidential := []string{servicePath, membersPath, tokensPath}
	for _, r := range newAPI(t).server.routes() {
		mayWrite := r.decision.kind == pathOrganization && slices.Contains(writes, r.decision.action)
		if want := r.method != http.MethodGet || slices.Contains(confidential, r.path); mayWrite != want {
			t.Errorf("%s %s is decided by %q", r.method, r.path, r.decision.action)
		}
		if byoc := strings.HasPrefix(r.path, cloudsPath); byoc && !r.byoc {
			t.Errorf("%s %s does not ask for the feature", r.method, r.path)
		}
		if strings.HasPrefix(r.path, servicePath) && r.decision.action != cloud.WriteServices {
			t.Errorf("%s %s is not for operators only", r.method, r.path)
		}
		if r.method != http.MethodGet && !strings.HasPrefix(r.path, cloudsPath) && !strings.HasSuffix(r.path, "/custom-cloud-requests") && r.decision.action != cloud.WriteDirectory {
			t.Errorf("%s %s is not for operators only", r.method, r.path)
		}
	}
}

// The document of the matrix, from the same expectation.
func TestTheMatrixIsDocumented(t *testing.T) {
	text := "# Who may do what\n\nMade by `go test ./shared/httpapi -run TestTheMatrixIsDocumented -update`; `TestTenancyMatrix` holds every route to it.\n" +
		"Operators are the vendor's. \"yes\" means that the request is carried out, and answered by what it asks for: 404 for what is not there, too.\n\n" +
		"| route | no token, or a bad one | another organization's admin | member | admin | operator |\n|---|---|---|---|---|---|\n"
	for _, r := range newAPI(t).server.routes() {
		row := []string{"401", "404", "403", "403", "403"}
		switch r.decision.kind {
		case anyone:
			row = []string{"yes", "yes", "yes", "yes", "yes"}
		case ownOrganization:
			row[1] = "yes, in its own organization"
		}
		for i, who := range []string{member, admin, operator} {
			if slices.Contains(whoMay[r.decision.action], who) {
				row[2+i] = "yes"
			}
		}
		if r.decision.kind == ownOrganization {
			row[4] = "yes, though of no organization"
			if strings.Contains(r.path, projectParam) {
				row[4] = "yes, of every organization"
			}
		}
		text += "| `" + r.method + " " + r.path + "` | " + strings.Join(row, " | ") + " |\n"
	}
	const file = "../../docs/api-matrix.md"
	if *update {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != text {
		t.Errorf("docs/api-matrix.md is not what the routes are: run it with -update (%v)", err)
	}
}

func TestAnswersToAStrangerAreTheSameForWhatExistsAndWhatDoesNot(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	strip := func(r response) string {
		return strings.ReplaceAll(r.text, r.header.Get("X-Request-Id"), "")
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		is := a.as(stranger, method, acmes+"/"+id, "").wants(404)
		isNot := a.as(stranger, method, acmes+"/11111111-1111-4111-8111-111111111111", "").wants(404)
		noOrganization := a.as(stranger, method, "/v1/organization/nobody/custom-cloud-environments/"+id, "").wants(404)
		if strip(is) != strip(isNot) || strip(is) != strip(noOrganization) {
			t.Errorf("%s: %s\n%s\n%s", method, is.text, isNot.text, noOrganization.text)
		}
	}
}

func TestARouteWithoutADecisionCannotBeRegistered(t *testing.T) {
	handle := func(*call) (answer, error) { return answer{}, nil }
	for name, r := range map[string]route{
		"no decision": {method: "GET", path: "/v1/x", handle: handle},
		"no action":   {method: "GET", path: "/v1/x", decision: decision{kind: pathOrganization}, handle: handle},
		"no handler":  {method: "GET", path: "/v1/x", decision: open},
	} {
		s := &server{mux: http.NewServeMux()}
		if err := s.register([]route{r}); err == nil {
			t.Errorf("%s: registered", name)
		}
	}
}

func TestEveryPathAnswersOtherMethodsWith405(t *testing.T) {
	a := newAPI(t)
	methods := map[string][]string{}
	for _, r := range a.server.routes() {
		methods[r.path] = append(methods[r.path], r.method)
	}
	for path, allowed := range methods {
		slices.Sort(allowed)
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"} {
			if slices.Contains(allowed, method) {
				continue
			}
			r := a.as(admin, method, strings.NewReplacer("{", "", "}", "").Replace(path), "").wants(405)
			if got := r.header.Get("Allow"); got != strings.Join(allowed, ", ") {
				t.Errorf("%s %s: Allow %q", method, path, got)
			}
		}
	}
}

func TestWithoutTheFeatureEveryCallSaysSo(t *testing.T) {
	a := newAPI(t)
	o := a.organizations["acme"]
	o.BYOCEnabled, o.SupportTier = false, cloud.Basic
	a.organizations["acme"] = o
	for _, r := range a.server.routes() {
		got := a.as(operator, r.method, examplePath(r.path), "")
		if says := strings.Contains(got.text, "priority support tier") && got.status == 403; says != r.byoc {
			t.Errorf("%s %s: %d %s", r.method, r.path, got.status, got.text)
		}
	}
	// Clients list a project's clouds whether or not they know of the feature.
	a.projects = []cloud.Project{{ID: "project-1", OrganizationID: "acme", UnitID: "acc-acme"}}
	if r := a.as(operator, "GET", "/v1/project/project-1/clouds", "").wants(200); r.text != `{"clouds":[]}`+"\n" {
		t.Error(r.text)
	}
}
