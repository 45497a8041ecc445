package stack

import (
	"errors"
	"math"
	"net/mail"
	"path"
	"unicode"

	"byoc/shared/dynamo"
	"byoc/statemachine"
)

// Environment decides what is protected against loss.
type Environment string

const (
	// Sandbox can be destroyed without a trace, but for the customer access role.
	Sandbox Environment = "sandbox"
	// Production keeps its data whatever happens to the stack.
	Production Environment = "production"
)

// Architecture of the functions, as Lambda names it.
type Architecture string

const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Settings of one deployment.
type Settings struct {
	Environment  Environment
	Architecture Architecture
	// FunctionsDir holds a folder per function, with its bootstrap in it.
	FunctionsDir string
	VendorName   string
	// ManagementCIDRs and ManagementPorts are open to the vendor on the
	// bastions in customers' accounts.
	ManagementCIDRs []string
	ManagementPorts []int
	// MailSender is the address that mails to customers come from.
	MailSender string
	// CloudURL is where a customer sees a custom cloud, as notify.Writer has it;
	// empty for the API's own address of it.
	CloudURL string
	// OIDC is the issuer whose JWTs the API believes; none where Issuer is empty.
	OIDC OIDC
	// TemplateBucket holds the CloudFormation template for customers to create
	// the role from by a link; empty for no link.
	TemplateBucket string
	// Domain is the API's own name.
	Domain Domain
	// AlarmEmail is subscribed to the alarms; empty for nobody.
	AlarmEmail string
	// AllowOwnAccount lets customers' roles be in the account of the
	// deployment itself.
	AllowOwnAccount bool
	// LocalAWSSpeed is how many times as fast as AWS a local one is; the
	// network function then waits that much less. Sandbox only.
	LocalAWSSpeed int
	// NetworkSeconds is the timeout of the network function, and so how long
	// the lease of a crashed one holds up the next.
	NetworkSeconds int
	// WatchSeconds is the time between two looks at an active or disconnected
	// custom cloud, WatchConfirmSeconds how long trouble has to last to count.
	WatchSeconds        int
	WatchConfirmSeconds int
	// WatchParts is how many invocations share the watch's shards.
	WatchParts int
	Intervals  statemachine.Intervals
}

// OIDC settings as httpapi.OIDC has them.
type OIDC struct {
	Issuer, Audience, OrganizationClaim, RoleClaim string
}

// ReadSettings reads the CDK context:
//
//	env              sandbox (default) or production
//	architecture     arm64 (default) or x86_64
//	functionsDir     default build/<architecture>/functions
//	vendorName       default Aiven
//	managementCidrs  ranges with commas between; no default
//	managementPorts  ports with commas between; no default
//	mailSender       an address; no default in production
//	cloudUrl         where people see a custom cloud, for mails to link to, with
//	                 {organization_id} and {custom_cloud_environment_id} in it;
//	                 default the API's address of it
//	oidcIssuer       an https URL; no JWTs without it. Then oidcAudience is needed;
//	                 oidcOrganizationClaim and oidcRoleClaim default to
//	                 organization_id and role
//	templateBucket   the bucket, in the stack's region, that make publish-template
//	                 puts the CloudFormation template into; default none
//	domainName       the API's own name; then certificateArn is needed, of a certificate
//	                 for it in the same region. hostedZoneId enters it there
//	alarmEmail       an address that alarms are mailed to; default none
//	allowOwnAccount  true or false (default); sandbox only
//	localAwsSpeed    how many times as fast a local AWS is; sandbox only
//	watchSeconds         time between two looks at a cloud; default 3600
//	watchConfirmSeconds  how long trouble has to last; default 60, less in a sandbox only
//	watchParts       invocations that share the watch's work, 1 to 16; default 16
//	networkSeconds   timeout of the network function; default 120
//
// and every interval of the state machines under its name with a small first
// letter, such as waitSeconds. The error names everything that is wrong.
func ReadSettings(context func(key string) any) (Settings, error) {
	r := reader{context: context}
	s := Settings{
		Environment:   Environment(r.text("env", string(Sandbox))),
		Architecture:  Architecture(r.text("architecture", string(ARM64))),
		VendorName:    r.text("vendorName", "Aiven"),
		MailSender:    r.text("mailSender", ""),
		AlarmEmail:    r.text("alarmEmail", ""),
		LocalAWSSpeed: r.number("localAwsSpeed"),
		Intervals:     statemachine.DefaultIntervals(),
	}
	s.FunctionsDir = r.text("functionsDir", path.Join("build", string(s.Architecture), "functions"))
	s.ManagementCIDRs = r.cidrs("managementCidrs")
	s.ManagementPorts = r.ports("managementPorts")
	s.AllowOwnAccount = r.flag("allowOwnAccount")
	s.CloudURL = r.cloudURL()
	s.OIDC = r.oidc(s.Environment)
	s.TemplateBucket = r.bucket("templateBucket")
	s.Domain = r.domain()
	for _, name := range statemachine.IntervalNames() {
		if v := r.text(contextKey(name), ""); v != "" {
			r.check(s.Intervals.Set(name, v))
		}
	}
	r.check(s.Intervals.Validate())
	if s.NetworkSeconds = r.number("networkSeconds"); s.NetworkSeconds == 0 {
		s.NetworkSeconds = defaultNetworkSeconds
	}
	if s.NetworkSeconds >= s.Intervals.NetworkTaskSeconds {
		r.fail("networkSeconds is %d; it has to be below networkTaskSeconds, %d, so that Lambda reports a function that hangs", s.NetworkSeconds, s.Intervals.NetworkTaskSeconds)
	}

	if s.WatchSeconds = r.number("watchSeconds"); s.WatchSeconds == 0 {
		s.WatchSeconds = defaultWatchSeconds
	}
	if s.WatchConfirmSeconds = r.number("watchConfirmSeconds"); s.WatchConfirmSeconds == 0 {
		s.WatchConfirmSeconds = defaultWatchConfirmSeconds
	}

	if s.WatchParts = r.number("watchParts"); s.WatchParts == 0 {
		s.WatchParts = dynamo.Shards
	}
	if s.WatchParts > dynamo.Shards {
		r.fail("watchParts is %d; there are %d shards to share", s.WatchParts, dynamo.Shards)
	}

	switch s.Environment {
	case Sandbox:
		if s.MailSender == "" {
			s.MailSender = "no-reply@byoc.example"
		}
	case Production:
		if s.MailSender == "" {
			r.fail("mailSender is missing: give the address that mails to customers come from, -c mailSender=…")
		}
		if s.AllowOwnAccount {
			r.fail("allowOwnAccount is for sandboxes: in production a customer's role is never in our own account")
		}
		if s.WatchConfirmSeconds < defaultWatchConfirmSeconds {
			r.fail("watchConfirmSeconds is %d; what lasts less than %d may be a look that AWS answered from an old copy", s.WatchConfirmSeconds, defaultWatchConfirmSeconds)
		}
		if s.LocalAWSSpeed > 1 {
			r.fail("localAwsSpeed is for a local AWS: the real one is not faster than itself")
		}
	default:
		r.fail("env is %q; it is sandbox or production", s.Environment)
	}
	if s.Architecture != ARM64 && s.Architecture != X8664 {
		r.fail("architecture is %q; it is arm64 or x86_64", s.Architecture)
	}
	if _, err := mail.ParseAddress(s.MailSender); err != nil && s.MailSender != "" {
		r.fail("mailSender is %q; that is no mail address", s.MailSender)
	}
	if _, err := mail.ParseAddress(s.AlarmEmail); err != nil && s.AlarmEmail != "" {
		r.fail("alarmEmail is %q; that is no mail address", s.AlarmEmail)
	}
	return s, errors.Join(r.problems...)
}

// atLocalSpeed is how long something takes that takes so many seconds on AWS.
func (s Settings) atLocalSpeed(seconds float64) float64 {
	return max(1, math.Ceil(seconds/float64(max(s.LocalAWSSpeed, 1))))
}

const (
	defaultNetworkSeconds      = 120
	defaultWatchSeconds        = 3600
	defaultWatchConfirmSeconds = 60
)

// metricsNamespace is where our own metrics are: one per environment.
func (s Settings) metricsNamespace() string { return "byoc/" + string(s.Environment) }

func contextKey(interval string) string {
	return string(unicode.ToLower(rune(interval[0]))) + interval[1:]
}
