// Package customeraccount is the one way into a customer's AWS account: the
// chained assume-role, the proof that nobody else gets in through us, the
// preflight, and the record of every call made there.
package customeraccount
