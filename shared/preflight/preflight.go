// Package preflight is what the checks of a customer's account come to. It
// links no AWS SDK: the function that serves the API hands answers on without
// entering anybody's account.
package preflight

import (
	"strings"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/task"
)

// Task is the input of the function that makes the checks.
type Task struct {
	task.Input
	// Answer: make the checks of any cloud and answer them. Otherwise they are
	// those of a run, which goes on or fails.
	Answer bool `json:"answer,omitempty"`
	// RoleARN to check instead of the one on record, for Answer.
	RoleARN string `json:"role_arn,omitempty"`
}

const (
	// Budget is the time that the checks have where somebody waits for their
	// answer. With the start of a function it stays well below Wait.
	Budget = 18 * time.Second
	// Wait is how long the answer is waited for.
	Wait = 24 * time.Second
)

// Verdict of a check. Values are wire format.
type Verdict string

const (
	Passed  Verdict = "passed"
	Failed  Verdict = "failed"
	Warning Verdict = "warning"
	// CouldNotCheck: AWS offers no way to know before anything exists, or did
	// not answer. It is never taken for Passed.
	CouldNotCheck Verdict = "could_not_check"
)

// Check is one thing that has to be true of a customer's account.
type Check struct {
	// Name is stable: clients and tests refer to it.
	Name    string  `json:"name"`
	Verdict Verdict `json:"verdict"`
	// Message is a sentence for people.
	Message string `json:"message"`
	// Evidence is each question that was put to AWS, with its answer.
	Evidence []Evidence `json:"evidence"`
	// Cure is what the customer should do; empty where nothing is to be done.
	Cure string `json:"cure"`
	// Code of the error that a failed check makes.
	Code cloud.Code `json:"-"`
	// Seen is what the check of the template saw of the role; nil where the role
	// did not tell.
	Seen *cloud.SeenTemplate `json:"-"`
}

// Evidence is one question and its answer.
type Evidence struct {
	Asked    string `json:"asked"`
	Answered string `json:"answered"`
	// RequestID is AWS's; empty where it did not answer.
	RequestID string `json:"request_id"`
}

// Names of the checks.
const (
	Role       = "role_assumable"
	ExternalID = "external_id_demanded"
	Account    = "account"
	Trust      = "trust_policy"
	Boundary   = "permissions_boundary"
	Policy     = "role_policy"
	Template   = "template_version"
	Region     = "region_enabled"
	Zones      = "availability_zones"
	Space      = "address_space"
	VPCs       = "vpc_room"
	Addresses  = "address_room"

	DryRunVPC     = "dry_run/ec2:CreateVpc"
	DryRunGateway = "dry_run/ec2:CreateInternetGateway"
	DryRunAddress = "dry_run/ec2:AllocateAddress"
)

// Names of all checks, in the order in which they are answered.
func Names() []string {
	return []string{
		Role, ExternalID, Account, Trust, Boundary, Policy, Template, Region, Zones, Space, VPCs, Addresses,
		DryRunVPC, DryRunGateway, DryRunAddress,
	}
}

// Unreached answers could_not_check for every check that is not among those
// made, and puts all into their order. why is a sentence.
func Unreached(made []Check, why string) []Check {
	var all []Check
	for _, name := range Names() {
		found := false
		for _, c := range made {
			if c.Name == name {
				all, found = append(all, c), true
			}
		}
		if !found {
			all = append(all, Check{Name: name, Verdict: CouldNotCheck, Message: why})
		}
	}
	return all
}

// Seen is what the checks saw of the template that the role was made by; nil
// where the role did not tell.
func Seen(checks []Check) *cloud.SeenTemplate {
	for _, c := range checks {
		if c.Seen != nil {
			return c.Seen
		}
	}
	return nil
}

// Answer is all checks with what they come to.
type Answer struct {
	// Verdict is the worst of the checks: failed, could_not_check, warning, passed.
	Verdict Verdict         `json:"verdict"`
	Counts  map[Verdict]int `json:"counts"`
	Checks  []Check         `json:"checks"`
}

// NewAnswer sums checks up.
func NewAnswer(checks []Check) Answer {
	a := Answer{Verdict: Passed, Checks: []Check{}, Counts: map[Verdict]int{Passed: 0, Warning: 0, CouldNotCheck: 0, Failed: 0}}
	for _, c := range checks {
		a.Counts[c.Verdict]++
		if c.Evidence == nil {
			c.Evidence = []Evidence{}
		}
		a.Checks = append(a.Checks, c)
	}
	for _, v := range []Verdict{Warning, CouldNotCheck, Failed} {
		if a.Counts[v] > 0 {
			a.Verdict = v
		}
	}
	return a
}

// Err is why nothing may be created: the first failure, except that everything
// Denied is told at once. Unavailable where AWS did not answer whether the role
// can be trusted; nil where nothing failed.
func Err(checks []Check) error {
	var denied []string
	for _, c := range checks {
		if c.Verdict == CouldNotCheck && (c.Name == ExternalID || c.Name == Account) {
			return cloud.Errorf(cloud.Unavailable, "AWS did not answer whether the role can be trusted: %s", c.Message)
		}
		if c.Verdict != Failed {
			continue
		}
		sentence := strings.TrimSpace(c.Message + " " + c.Cure)
		if c.Code != cloud.Denied {
			return cloud.Errorf(c.Code, "%s", sentence)
		}
		denied = append(denied, sentence)
	}
	if len(denied) > 0 {
		return cloud.Errorf(cloud.Denied, "%s", strings.Join(denied, " "))
	}
	return nil
}
