package httpapi

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// issuer is a small OIDC issuer.
type issuer struct {
	*httptest.Server
	t testing.TB
	// id is what its discovery document says; its URL unless a test lies.
	id      string
	keys    map[string]*ecdsa.PrivateKey
	fetches int
	down    bool
}

func newIssuer(t testing.TB) *issuer {
	i := &issuer{t: t, keys: map[string]*ecdsa.PrivateKey{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		if i.fetches++; i.down {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		json.NewEncoder(w).Encode(map[string]string{"issuer": i.id, "jwks_uri": i.URL + "/keys"})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		list := []any{map[string]string{"kty": "something new", "kid": "x"}}
		for kid, key := range i.keys {
			list = append(list, jose.JSONWebKey{Key: key.Public(), KeyID: kid, Algorithm: "ES256", Use: "sig"})
		}
		json.NewEncoder(w).Encode(map[string]any{"keys": list})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	i.id = i.URL
	i.addKey("one")
	return i
}

func (i *issuer) addKey(kid string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		i.t.Fatal(err)
	}
	i.keys[kid] = key
}

// sign signs claims with a key.
func (i *issuer) sign(kid string, claims map[string]any) string {
	return sign(i.t, jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: i.keys[kid], KeyID: kid}}, claims)
}

func sign(t testing.TB, key jose.SigningKey, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		t.Fatal(err)
	}
	payload, _ := json.Marshal(claims)
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// claims of a good token for acme's admin, changed as said; nil leaves one out.
func (i *issuer) claims(now time.Time, changes map[string]any) map[string]any {
	c := map[string]any{
		"iss": i.URL, "aud": "byoc-api", "sub": "jane", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix(),
		"organization_id": "acme", "role": "admin", "email": "jane@example.com", "name": "Jane",
	}
	for name, v := range changes {
		if c[name] = v; v == nil {
			delete(c, name)
		}
	}
	return c
}

// withIssuer makes an API believe an issuer.
func (a *api) withIssuer(i *issuer) {
	jwts := NewJWTs(OIDC{Issuer: i.URL, Audience: "byoc-api", OrganizationClaim: "organization_id", RoleClaim: "role"}, i.Client(), func() time.Time { return a.now })
	a.server.Authenticators = append([]Authenticator{jwts}, a.server.Authenticators...)
}
