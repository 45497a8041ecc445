package stack

import (
	"net/url"

	"github.com/aws/jsii-runtime-go"
)

func (r *reader) oidc(e Environment) OIDC {
	o := OIDC{
		Issuer: r.text("oidcIssuer", ""), Audience: r.text("oidcAudience", ""),
		OrganizationClaim: r.text("oidcOrganizationClaim", "organization_id"), RoleClaim: r.text("oidcRoleClaim", "role"),
	}
	if o.Issuer == "" {
		if o.Audience != "" {
			r.fail("oidcAudience is set without oidcIssuer")
		}
		return OIDC{}
	}
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || e != Sandbox) {
		r.fail("oidcIssuer is %q; it is an https URL", o.Issuer)
	}
	if o.Audience == "" {
		r.fail("oidcAudience is missing: without it every token of the issuer would be ours")
	}
	return o
}

// allow makes a function believe the issuer's JWTs.
func (o OIDC) allow(f function) {
	if o.Issuer == "" {
		return
	}
	for name, value := range map[string]string{
		"OIDC_ISSUER": o.Issuer, "OIDC_AUDIENCE": o.Audience,
		"OIDC_ORGANIZATION_CLAIM": o.OrganizationClaim, "OIDC_ROLE_CLAIM": o.RoleClaim,
	} {
		f.set(name, jsii.String(value))
	}
}
