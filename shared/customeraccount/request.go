package customeraccount

import (
	"regexp"

	"byoc/shared/cloud"
)

// Request says whose account to enter, and for what.
type Request struct {
	// Ref is the attempt of the cloud that the account is entered for.
	Ref cloud.Ref
	// RoleARN is the customer's role, as ParseRoleARN reads it.
	RoleARN string
	// ExternalID is the cloud's own. Never empty: without one the customer's
	// role would be open to whoever makes us assume it.
	ExternalID string
	// Region of the cloud; EC2 is called there.
	Region string
	// CIDR, NATGateways and Zones are of the network to be, for the checks of
	// address space and room. Zones is zero before they are fixed.
	CIDR        string
	NATGateways cloud.NATLayout
	Zones       int
	// Session names the role session in the customer's CloudTrail: the
	// execution, or what else caused the call.
	Session string
	// Recorder keeps every call made in the customer's account. May be nil.
	Recorder *Recorder
}

// RequestFor a cloud, in a session named after what causes the calls.
func RequestFor(c cloud.Cloud, session string, recorder *Recorder) Request {
	return Request{
		Ref:         c.Ref(),
		RoleARN:     c.RoleARN,
		ExternalID:  c.ExternalID,
		Region:      c.Region,
		CIDR:        c.CIDR,
		NATGateways: c.NATGateways,
		Zones:       len(c.Network.Zones),
		Session:     session,
		Recorder:    recorder,
	}
}

// validate holds what the caller must have checked before; a failure is a
// defect of ours.
func (r Request) validate() (cloud.RoleARN, error) {
	role, err := cloud.ParseRoleARN(r.RoleARN)
	if err != nil {
		return cloud.RoleARN{}, cloud.Wrap(err, cloud.Invalid, "The role ARN of this custom cloud is not valid.")
	}
	if r.ExternalID == "" {
		return cloud.RoleARN{}, cloud.Errorf(cloud.Internal, "no external ID for role %s", r.RoleARN)
	}
	if r.Region == "" {
		return cloud.RoleARN{}, cloud.Errorf(cloud.Internal, "no region for role %s", r.RoleARN)
	}
	return role, nil
}

// maxSessionName is what STS allows.
const maxSessionName = 64

var notInSessionName = regexp.MustCompile(`[^A-Za-z0-9_+=,.@-]`)

// sessionName makes a role session name of s, as STS takes it: 2 to 64 of
// [\w+=,.@-]. The name of a run is one already.
func sessionName(s string) string {
	s = notInSessionName.ReplaceAllString(s, "-")
	if len(s) > maxSessionName {
		s = s[:maxSessionName]
	}
	if len(s) < 2 {
		s = "byoc-" + s
	}
	return s
}
