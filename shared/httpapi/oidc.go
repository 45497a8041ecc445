package httpapi

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"byoc/shared/cloud"
)

// OIDC is what tells whose JWTs are believed.
type OIDC struct {
	// Issuer is the URL that iss has to be; its keys are found below it.
	Issuer string
	// Audience has to be in aud.
	Audience string
	// OrganizationClaim and RoleClaim name the claims that hold the organization's
	// id, and admin or member: a string, or a list in which the higher one counts.
	OrganizationClaim string
	RoleClaim         string
}

// signatures that are believed: asymmetric ones only. A symmetric one would make
// our public knowledge of a key enough to sign, and "none" is no signature.
var signatures = []string{oidc.RS256, oidc.PS256, oidc.ES256, oidc.ES384, oidc.EdDSA}

// clockSkew is how far the issuer's clock may be ahead.
const clockSkew = time.Minute

// JWTs authenticates by an issuer's JWTs. Operators are never made by a claim:
// whoever can edit claims in some customer's directory must not become one.
type JWTs struct {
	oidc     OIDC
	keys     *keySet
	verifier *oidc.IDTokenVerifier
	now      func() time.Time
}

var _ Authenticator = (*JWTs)(nil)

// NewJWTs asks the issuer for nothing until the first JWT comes.
func NewJWTs(o OIDC, client *http.Client, now func() time.Time) *JWTs {
	keys := &keySet{issuer: o.Issuer, client: client, now: now}
	return &JWTs{oidc: o, keys: keys, now: now, verifier: oidc.NewVerifier(o.Issuer, keys, &oidc.Config{
		ClientID: o.Audience, SupportedSigningAlgs: signatures, Now: now,
	})}
}

// Authenticate knows what has the three parts of a JWT.
func (j *JWTs) Authenticate(ctx context.Context, credential string) (cloud.Principal, bool, error) {
	if strings.Count(credential, ".") != 2 {
		return cloud.Principal{}, false, nil
	}
	token, err := j.verifier.Verify(ctx, credential)
	if err != nil {
		// The library's error loses what the key set said; its own sentence may
		// hold parts of the token, so that it is not handed on.
		if why := j.keys.unavailable(); why != nil {
			return cloud.Principal{}, true, why
		}
		return cloud.Principal{}, true, badCredential()
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return cloud.Principal{}, true, badCredential()
	}
	// The library lets a token begin five minutes from now.
	if nbf, ok := claims["nbf"].(float64); ok && j.now().Add(clockSkew).Before(time.Unix(int64(nbf), 0)) {
		return cloud.Principal{}, true, badCredential()
	}
	p := cloud.Principal{ID: token.Subject, Role: roleOf(claims[j.oidc.RoleClaim])}
	p.OrganizationID, _ = claims[j.oidc.OrganizationClaim].(string)
	if p.ID == "" || !validID(p.OrganizationID) || p.Role == "" {
		return cloud.Principal{}, true, cloud.Errorf(cloud.Unauthenticated,
			"The token is valid, but its claims do not say which organization's admin or member it belongs to.")
	}
	if verified, said := claims["email_verified"].(bool); verified || !said {
		p.Email, _ = claims["email"].(string)
	}
	p.Name, _ = claims["name"].(string)
	return p, true, nil
}

func roleOf(claim any) cloud.Role {
	var roles []any
	switch v := claim.(type) {
	case string:
		roles = []any{v}
	case []any:
		roles = v
	}
	for _, r := range []cloud.Role{cloud.Admin, cloud.Member} {
		if slices.Contains(roles, any(string(r))) {
			return r
		}
	}
	return ""
}
