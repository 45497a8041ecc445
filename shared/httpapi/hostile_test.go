package httpapi

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"byoc/shared/cloud"
)

var (
	hostileSeed  = flag.Uint64("hostile.seed", 1, "which attacks the real table gets")
	hostileWhole = flag.Bool("hostile.whole", false, "all attacks on the real table too: minutes")
)

func TestHostileBodiesNeverFailOnOurSide(t *testing.T) {
	withstand(t, hostileBodies())
}

func TestHostilePathsNeverFailOnOurSide(t *testing.T) {
	withstand(t, hostilePaths(newAPI(t).server.routes()))
}

func TestHostileHeadersAndQueriesNeverFailOnOurSide(t *testing.T) {
	withstand(t, hostileHeadersAndQueries())
}

// withstand sends all attacks to the API over a table in memory, and a part,
// which the seed chooses, to the API over a real one.
func withstand(t *testing.T, attacks []attack) {
	a := newAPI(t)
	a.example(operation{})
	a.clouds[secret.ID] = secret
	for _, x := range attacks {
		a.suffer(x)
	}
	if t.Failed() {
		return
	}
	const part = 300
	if !*hostileWhole {
		attacks = slices.Clone(attacks)
		random := rand.New(rand.NewPCG(*hostileSeed, 0))
		random.Shuffle(len(attacks), func(i, j int) { attacks[i], attacks[j] = attacks[j], attacks[i] })
		attacks = attacks[:min(part, len(attacks))]
	}
	real := hostileTable(t)
	for _, x := range attacks {
		real.suffer(x)
	}
	if t.Failed() {
		t.Logf("on a real table, with -hostile.seed=%d", *hostileSeed)
	}
}

// hostileTable is an API over a real table that holds what the one in memory does.
func hostileTable(t *testing.T) *api {
	a, _, table := onTable(t, func(s cloud.Store) cloud.Store { return s })
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	other := a.organizations["other"]
	other.Version = 0
	ok(table.PutOrganization(t.Context(), other))
	for _, u := range a.units {
		before := u
		before.Version = 0
		ok(table.PutUnit(t.Context(), a.organizations[u.OrganizationID], before, u))
	}
	for _, p := range a.projects {
		p.Version = 0
		ok(table.PutProject(t.Context(), a.organizations[p.OrganizationID], p))
	}
	a.example(operation{})
	for _, c := range []cloud.Cloud{a.clouds[exampleCloud], secret} {
		ok(nil, table.Create(t.Context(), c, cloud.Event{ID: cloud.EventID(c.ID, 1), Type: cloud.StateChanged, OrganizationID: c.OrganizationID, CloudID: c.ID, Version: 1, To: cloud.Draft, At: a.now}))
	}
	return a
}

// suffer sends an attack as it is, without a client that would put it right.
// There is no 5xx, no redirect, no trace and nothing of another tenant; an error
// has our shape and says what is wrong.
func (a *api) suffer(x attack) {
	a.Helper()
	r := httptest.NewRequest(x.method, "http://api.example.com/", strings.NewReader(x.body))
	r.URL = &url.URL{Scheme: "http", Host: "api.example.com", Path: x.path}
	if u, err := url.Parse("http://api.example.com" + x.path); err == nil {
		r.URL = u
	}
	r.Header.Set("Authorization", "Bearer "+x.token)
	if x.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if x.header != "" {
		r.Header.Set(x.header, x.value)
	}
	w := httptest.NewRecorder()
	a.handler.ServeHTTP(w, r)
	what := fmt.Sprintf("%s %.100s %.200s %s: %.100s as %s", x.method, x.path, x.body, x.header, x.value, x.token)
	text := w.Body.String()
	if w.Code >= 500 || w.Code >= 300 && w.Code < 400 || strings.Contains(text, "goroutine") || strings.Contains(text, "of other") || strings.Contains(text, "Secret unit") || w.Header().Get("X-Evil") != "" {
		a.Errorf("%s: %d %s", what, w.Code, text)
	}
	if w.Code < 300 {
		if err := documented().Check(x.method, r.URL.Path, w.Code, w.Header(), w.Body.Bytes()); err != nil {
			a.Errorf("%s: %v", what, err)
		}
		return
	}
	v := response{TB: a.TB, status: w.Code, header: w.Header(), text: text}
	if err := json.Unmarshal(w.Body.Bytes(), &v.body); err != nil {
		a.Errorf("%s: %v", what, err)
	}
	v.wantsProblem(w.Code)
}

// A range that is refused is named by its place in the list, and no range in
// whatever notation is kept as anything but a range.
func TestRangesInItemsAreNamedByTheirPlace(t *testing.T) {
	a := newAPI(t)
	path := acmes + "/" + a.draft()
	for _, cidr := range hostileCIDRs {
		quoted, _ := json.Marshal(cidr)
		for place, body := range map[string]string{
			"body.peer_cidrs[1]":         `{"peer_cidrs":["192.168.0.0/24",` + string(quoted) + `]}`,
			"body.ingress_rules[0].cidr": `{"ingress_rules":[{"protocol":"tcp","from_port":443,"to_port":443,"cidr":` + string(quoted) + `}]}`,
		} {
			r := a.as(admin, "PUT", path, body)
			legal := slices.Contains([]string{"10.0.0.0/15", "10.0.0.0/25", "11.0.0.0/16", "172.32.0.0/16"}, cidr)
			overlaps := strings.HasPrefix(cidr, "10.") && strings.HasPrefix(place, "body.peer")
			switch {
			case legal && !overlaps:
				r.wants(http.StatusOK)
			case r.status != http.StatusBadRequest || !slices.Equal(r.locations(), []string{place}):
				t.Errorf("%q: %d %s", cidr, r.status, r.text)
			}
		}
	}
}

func TestARefusedFieldIsNamedWithWhatWouldBeRight(t *testing.T) {
	a := newAPI(t)
	for _, c := range []struct{ field, value, says string }{
		{"reserved_cidr", `"10.0.0.1/16"`, "10.0.0.0/16"}, {"reserved_cidr", `"fd00::/16"`, "IPv4"}, {"reserved_cidr", `"8.8.8.0/24"`, "RFC 1918"},
		{"reserved_cidr", `16`, "a string"}, {"display_name", `"a\u0000b"`, "control"}, {"display_name", `"\u202ex"`, "control"},
		{"cloud_provider", `"azure"`, "custom-cloud-requests"}, {"deployment_model", `"hipaa"`, "standard"}, {"tags", `["a"]`, "an object"},
		{"nat_gateways", `"none"`, "per_az"}, {"contact_emails", `[]`, "1 to 100"}, {"peer_cidrs", `"10.0.0.0/8"`, "a list"},
	} {
		body := fmt.Sprintf(`%s,"%s":%s}`, strings.TrimSuffix(draftBody, "}"), c.field, c.value)
		r := a.as(admin, "POST", acmes, body).wants(400)
		if got := r.locations(); len(got) != 1 || got[0] != "body."+c.field || !strings.Contains(r.text, c.says) {
			t.Errorf("%s = %s: %s", c.field, c.value, r.text)
		}
	}
	if len(a.clouds) != 0 {
		t.Error("something was created")
	}
}

// Whatever JSON a client thinks of, it is answered with a status below 500, and
// what was accepted can be read back.
func TestAnyJSONIsAnswered(t *testing.T) {
	a := newAPI(t)
	scalar := rapid.OneOf(
		rapid.Just[any](nil), rapid.Bool().AsAny(), rapid.Int().AsAny(), rapid.String().AsAny(), rapid.SampledFrom([]string{"aws", "eu-west-1", "standard", "10.0.0.0/16", "tcp"}).AsAny(),
	)
	any1 := rapid.OneOf(scalar, rapid.SliceOfN(scalar, 0, 3).AsAny(), rapid.MapOfN(rapid.SampledFrom([]string{"email", "role", "protocol", "from_port", "cidr", "x"}), scalar, 0, 3).AsAny())
	any2 := rapid.OneOf(any1, rapid.SliceOfN(any1, 0, 3).AsAny())
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(rapid.MapOfN(rapid.SampledFrom(bodyFields), any2, 0, 6).Draw(t, "body"))
		if err != nil {
			t.Skip()
		}
		r := a.as(admin, "POST", acmes, string(body))
		switch {
		case r.status >= 500:
			t.Fatalf("%s: %d %s", body, r.status, r.text)
		case r.status == 201:
			id := r.cloud()["custom_cloud_environment_id"].(string)
			a.as(admin, "GET", acmes+"/"+id, "").wants(200)
			a.as(admin, "DELETE", acmes+"/"+id, "").wants(200)
		}
	})
}
