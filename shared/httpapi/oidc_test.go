package httpapi

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestAnIssuersTokensAreBelieved(t *testing.T) {
	a, i := newAPI(t), newIssuer(t)
	a.withIssuer(i)
	token := i.sign("one", i.claims(a.now, nil))
	c := a.as(token, "POST", acmes, draftBody).wants(201).cloud()
	if contact := c["contact_emails"].([]any)[0].(map[string]any); contact["email"] != "jane@example.com" || contact["real_name"] != "Jane" {
		t.Errorf("%v", contact)
	}
	a.as("", "GET", acmes, "", header("Authorization", "Bearer "+token)).wants(200)
	for _, role := range []any{"member", []string{"member", "x"}} {
		a.as(i.sign("one", i.claims(a.now, map[string]any{"role": role})), "POST", acmes, draftBody).wants(403)
	}
	a.as(i.sign("one", i.claims(a.now, map[string]any{"role": []string{"member", "admin"}, "aud": []string{"x", "byoc-api"}})), "PUT", acmes+"/x", "").wants(404)
	a.as(i.sign("one", i.claims(a.now, map[string]any{"organization_id": "other"})), "GET", acmes, "").wants(404)
	a.as(admin, "GET", acmes, "").wants(200)
	if i.fetches != 1 {
		t.Errorf("the keys were fetched %d times", i.fetches)
	}
}

func TestATokenOfWhichAnythingIsWrongIsNotBelieved(t *testing.T) {
	a, i := newAPI(t), newIssuer(t)
	a.withIssuer(i)
	other := newIssuer(t)
	for name, changes := range map[string]map[string]any{
		"expired": {"exp": a.now.Add(-time.Second).Unix()}, "no exp": {"exp": nil}, "exp is text": {"exp": "never"},
		"not yet": {"nbf": a.now.Add(2 * time.Minute).Unix()}, "other audience": {"aud": "other"}, "no audience": {"aud": nil},
		"other issuer": {"iss": other.URL}, "no issuer": {"iss": nil}, "no subject": {"sub": nil}, "no role": {"role": nil},
		"operator": {"role": "operator"}, "operator too": {"role": []string{"operator"}}, "no organization": {"organization_id": nil},
		"organizations": {"organization_id": []string{"acme"}}, "organization is a key": {"organization_id": "acme#CLOUD"},
	} {
		if r := a.as(i.sign("one", i.claims(a.now, changes)), "GET", acmes, ""); r.status != 401 {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	good := i.sign("one", i.claims(a.now, nil))
	parts := strings.Split(good, ".")
	encode := base64.RawURLEncoding.EncodeToString
	public, _ := x509.MarshalPKIXPublicKey(i.keys["one"].Public())
	for name, token := range map[string]string{
		"altered": parts[0] + "." + encode([]byte(fmt.Sprintf(`{"iss":%q,"aud":"byoc-api","sub":"x","exp":%d,"organization_id":"acme","role":"admin"}`, i.URL, a.now.Add(time.Hour).Unix()))) + "." + parts[2],
		"cut":     good[:len(good)-4], "no signature": parts[0] + "." + parts[1] + ".",
		"none":                     encode([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"another issuer's key":     other.sign("one", i.claims(a.now, nil)),
		"the public key as secret": sign(t, jose.SigningKey{Algorithm: jose.HS256, Key: jose.JSONWebKey{Key: public, KeyID: "one"}}, i.claims(a.now, nil)),
		"dots":                     "..", "not base64": "a.b.c", "key in the header": jwkInHeader(t, other, i.claims(a.now, nil)),
	} {
		r := a.as(token, "GET", acmes, "")
		if r.status != 401 || strings.Contains(r.text, parts[1]) || strings.Contains(r.text, "jose") {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	a.as(good, "GET", acmes, "").wants(200)
}

// jwkInHeader is signed by a key that the token brings along.
func jwkInHeader(t *testing.T, i *issuer, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: i.keys["one"]}, &jose.SignerOptions{EmbedJWK: true})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign([]byte(fmt.Sprintf(`{"iss":%q,"aud":"byoc-api","sub":"x","exp":%v,"organization_id":"acme","role":"admin"}`, claims["iss"], claims["exp"])))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := signed.CompactSerialize()
	return text
}

func TestKeysAreCachedAndChange(t *testing.T) {
	a, i := newAPI(t), newIssuer(t)
	a.withIssuer(i)
	get := func(kid string) int { return a.as(i.sign(kid, i.claims(a.now, nil)), "GET", acmes, "").status }
	if get("one") != 200 {
		t.Fatal("a good token is refused")
	}
	// A key that nobody knows makes us look, but not over and over.
	for range 10 {
		rogue := newIssuer(t)
		rogue.addKey("rogue")
		a.as(rogue.sign("rogue", i.claims(a.now, nil)), "GET", acmes, "").wants(401)
	}
	if i.fetches != 1 {
		t.Errorf("%d fetches", i.fetches)
	}
	i.addKey("two")
	a.now = a.now.Add(keysPause)
	if get("two") != 200 || i.fetches != 2 {
		t.Errorf("a new key is not known after %d fetches", i.fetches)
	}
	withdrawn := i.sign("one", i.claims(a.now, nil))
	delete(i.keys, "one")
	a.now = a.now.Add(keysFresh)
	a.as(withdrawn, "GET", acmes, "").wants(401)
}

func TestWithoutTheIssuerNobodyIsJudged(t *testing.T) {
	a, i := newAPI(t), newIssuer(t)
	a.withIssuer(i)
	i.down = true
	get := func() response { return a.as(i.sign("one", i.claims(a.now, nil)), "GET", acmes, "") }
	get().wants(503)
	get().wants(503)
	if i.fetches != 1 {
		t.Errorf("%d fetches of an issuer that is down", i.fetches)
	}
	a.as(admin, "GET", acmes, "").wants(200)
	i.down = false
	a.now = a.now.Add(keysPause)
	get().wants(200)
	i.down = true
	a.now = a.now.Add(keysFresh - time.Second)
	get().wants(200)
	a.now = a.now.Add(2 * time.Second)
	get().wants(503)
}

func TestTheDiscoveryDocumentHasToBeTheIssuers(t *testing.T) {
	a, i := newAPI(t), newIssuer(t)
	a.withIssuer(i)
	i.id = "https://somebody.else.example"
	a.as(i.sign("one", i.claims(a.now, nil)), "GET", acmes, "").wants(503)
}
