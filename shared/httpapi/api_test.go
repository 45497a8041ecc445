package httpapi

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/httpapi/contract"
	"byoc/shared/idlog"
	"byoc/shared/measure"
)

// api is the real handler over a table, with two organizations, their people
// and an operator. Tokens are named after their owners.
type api struct {
	testing.TB
	*table
	handler http.Handler
	server  *server
	now     time.Time
	checks  *checks
	log     *strings.Builder
}

const (
	admin    = "admin-token"
	member   = "member-token"
	second   = "second-admin-token"
	stranger = "other-organizations-admin-token"
	operator = "operator-token"

	acme     = "/v1/organization/acme"
	acmes    = acme + "/custom-cloud-environments"
	roleARN  = "arn:aws:iam::222222222222:role/"
	customer = "arn:aws:iam::111111111111:role/byoc-customer-access"
)

func hashOf(secret string) string { return cloud.HashSecret(secret) }

func newAPI(t testing.TB) *api {
	a := &api{TB: t, now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), log: &strings.Builder{}, checks: &checks{}}
	a.table = &table{
		clouds: map[string]cloud.Cloud{}, tokens: map[string]cloud.Token{}, members: map[string]cloud.Membership{},
		services: map[string]cloud.Service{}, kept: map[string]cloud.Kept{},
		organizations: map[string]cloud.Organization{
			"acme":  {ID: "acme", Name: "Acme", AccountID: "acc-acme", SupportTier: cloud.Priority, BYOCEnabled: true, Version: 3},
			"other": {ID: "other", Name: "Other", AccountID: "acc-other", SupportTier: cloud.Premium, BYOCEnabled: true, Version: 1},
			"plain": {ID: "plain", Name: "Plain", AccountID: "acc-plain", SupportTier: cloud.Basic, Version: 1},
		},
		units: []cloud.Unit{
			{ID: "unit-1", OrganizationID: "acme", Name: "Unit", ParentID: "acc-acme", Version: 1},
			{ID: "unit-other", OrganizationID: "other", Name: "Secret unit", ParentID: "acc-other", Version: 1},
		},
		projects: []cloud.Project{
			{ID: "project-1", OrganizationID: "acme", UnitID: "unit-1", Version: 1},
			{ID: "project-other", OrganizationID: "other", UnitID: "unit-other", Version: 1},
		},
	}
	for secret, p := range map[string]cloud.Principal{
		admin:    {ID: "ann", Role: cloud.Admin, OrganizationID: "acme", Email: "ann@example.com", Name: "Ann"},
		second:   {ID: "sue", Role: cloud.Admin, OrganizationID: "acme", Email: "sue@example.com", Name: "Sue"},
		member:   {ID: "mel", Role: cloud.Member, OrganizationID: "acme"},
		stranger: {ID: "oscar", Role: cloud.Admin, OrganizationID: "other", Email: "o@example.com"},
		operator: {ID: "op", Role: cloud.Operator},
	} {
		a.tokens[hashOf(secret)] = cloud.Token{Hash: hashOf(secret), Principal: p}
		if p.OrganizationID != "" {
			a.members[p.OrganizationID+"/"+p.ID] = cloud.Membership{Principal: p, Version: 1}
		}
	}
	clock := func() time.Time { return a.now }
	log := idlog.New(a.log)
	var err error
	a.handler, err = New(Config{
		Clouds: &cloud.Clouds{
			Store: a.table, Runs: a.table, Events: a.table, Now: clock, Log: log,
			Rules: cloud.Rules{VendorAccount: "111111111111", Vendor: "Aiven"},
		},
		Cursor: cursor, History: a.table, Directory: a.table, Answers: a.table, Preflight: a.checks, Now: clock, Log: log,
		Measured:       measure.Metrics{Namespace: "test", Function: "api", Now: clock}.Request,
		Authenticators: []Authenticator{NewTokens(a.table, clock)},
		Settings: Settings{
			Principal: customer, Vendor: "Aiven", ManagementCIDRs: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.server = a.handler.(*server)
	return a
}

// response as clients see it.
type response struct {
	testing.TB
	status int
	header http.Header
	text   string
	body   map[string]any
}

type option func(*http.Request)

func header(name, value string) option {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// as sends a request with somebody's token. A body that is not empty is JSON.
func (a *api) as(token, method, path, body string, options ...option) response {
	a.Helper()
	r := httptest.NewRequest(method, "http://api.example.com/", strings.NewReader(body))
	u, err := r.URL.Parse(path)
	if err != nil {
		a.Fatalf("%q: %v", path, err)
	}
	r.URL = u
	if token != "" {
		r.Header.Set("Authorization", "aivenv1 "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(r)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	text, _ := io.ReadAll(w.Result().Body)
	v := response{TB: a.TB, status: w.Code, header: w.Result().Header, text: string(text)}
	if err := documented().Check(method, u.Path, v.status, v.header, text); err != nil {
		a.Errorf("%v\n%.2000s", err, text)
	}
	if strings.Contains(v.header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &v.body); err != nil {
			a.Fatalf("%s %s: answer is no JSON: %v\n%s", method, path, err, text)
		}
	}
	return v
}

func (r response) wants(status int) response {
	r.Helper()
	if r.status != status {
		r.Fatalf("status %d instead of %d: %s", r.status, status, r.text)
	}
	return r
}

// cloud is the resource in an answer.
func (r response) cloud() map[string]any {
	r.Helper()
	c, ok := r.body["custom_cloud_environment"].(map[string]any)
	if !ok {
		r.Fatalf("no custom cloud in %s", r.text)
	}
	return c
}

// locations are the fields that an error names.
func (r response) locations() (all []string) {
	list, _ := r.body["errors"].([]any)
	for _, e := range list {
		if s, ok := e.(map[string]any)["location"].(string); ok {
			all = append(all, s)
		}
	}
	slices.Sort(all)
	return all
}

// documented is the OpenAPI document, which every answer is held against.
var documented = sync.OnceValue(func() *contract.Contract {
	c, err := contract.Load(Contract())
	if err != nil {
		panic(err)
	}
	return c
})

const draftBody = `{"cloud_provider":"aws","cloud_region":"eu-west-1","deployment_model":"standard","display_name":"Main","reserved_cidr":"10.0.0.0/16"}`

// draft creates a draft in acme.
func (a *api) draft() (id string) {
	a.Helper()
	return a.as(admin, "POST", acmes, draftBody).wants(201).cloud()["custom_cloud_environment_id"].(string)
}

// inState puts a cloud into a state, as a run would.
func (a *api) inState(id string, s cloud.State) {
	c := a.clouds[id]
	c.State = s
	c.Version++
	a.clouds[id] = c
}
