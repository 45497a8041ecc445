package customeraccount

import (
	"crypto/rand"

	"byoc/shared/cloud"
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
	Name    string
	Verdict Verdict
	// Evidence is what was asked and what AWS answered.
	Evidence string
	// Cure is what the customer should do; empty where nothing is to be done.
	Cure string
	// Code of the error that a failed check makes.
	Code cloud.Code
}

// Names of the checks.
const (
	CheckRole       = "role_assumable"
	CheckExternalID = "external_id_demanded"
	CheckAccount    = "account"
	CheckTrust      = "trust_policy"
	CheckBoundary   = "permissions_boundary"
	CheckPolicy     = "role_policy"
	// CheckDryRun is followed by a slash and the action that was dry-run.
	CheckDryRun = "dry_run"
)

// failed makes a failed check.
func failed(name string, code cloud.Code, evidence, cure string) Check {
	return Check{Name: name, Verdict: Failed, Code: code, Evidence: evidence, Cure: cure}
}

// Err is the check as an error: nil unless it failed.
func (c Check) Err() error {
	if c.Verdict != Failed {
		return nil
	}
	if c.Cure == "" {
		return cloud.Errorf(c.Code, "%s", c.Evidence)
	}
	return cloud.Errorf(c.Code, "%s %s", c.Evidence, c.Cure)
}

// wrongExternalID is a fresh one each time: a customer's trust policy cannot
// name it beforehand.
func wrongExternalID() string { return "byoc-wrong-" + rand.Text() }
