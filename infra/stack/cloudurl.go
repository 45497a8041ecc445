package stack

import (
	"net/url"
	"strings"

	"github.com/aws/jsii-runtime-go"

	"byoc/shared/notify"
)

// cloudURL is a link that a mail may have in it as it stands.
func (r *reader) cloudURL() string {
	v := r.text("cloudUrl", "")
	u, err := url.Parse(v)
	if v != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || !strings.Contains(v, notify.CloudInURL) || strings.ContainsAny(v, "<>\"' ")) {
		r.fail("cloudUrl is %q; it is an https URL with %s in it, and %s where the page needs that", v, notify.CloudInURL, notify.OrganizationInURL)
	}
	return v
}

// cloudURL is where mails say that a custom cloud is to be seen.
func (a api) cloudURL(s Settings) *string {
	if s.CloudURL != "" {
		return jsii.String(s.CloudURL)
	}
	// A stage's URL ends in a slash, a domain's does not.
	return jsii.String(strings.TrimSuffix(*a.url, "/") + "/v1/organization/" + notify.OrganizationInURL +
		"/custom-cloud-environments/" + notify.CloudInURL)
}
