package network

import "time"

// Timing is how long the engine waits and bears, in AWS's time.
type Timing struct {
	// Trust is how long a step that a run has finished is not looked at again
	// while others of the run are still pending: polling a NAT gateway costs one
	// describe, not ten. A run that starts with everything ready looks at all.
	Trust time.Duration
	// Unseen is how long a describe may not show what was just created before
	// it counts as gone.
	// https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
	Unseen time.Duration
	// Patience is how long a step bears with answers that stand for a stale
	// read (NotFound, Conflict) before they are errors.
	Patience time.Duration
	// NATFirstLook and NATNextLook, both from the creation on: a NAT gateway
	// takes a minute at least; looking earlier only costs state transitions.
	NATFirstLook time.Duration
	NATNextLook  time.Duration
	// NATGoneFirstLook and NATGoneNextLook are the same from its deletion on.
	NATGoneFirstLook time.Duration
	NATGoneNextLook  time.Duration
	// Soon is for what is usually a matter of a moment.
	Soon time.Duration
	// SweepGap lies at least between two empty sweeps that prove the account
	// empty, and between the last creation and the sweep of a finished network:
	// a describe may not show what a lost call created.
	SweepGap time.Duration
}

// AWSTiming is for AWS.
func AWSTiming() Timing {
	return Timing{
		Trust:            10 * time.Minute,
		Unseen:           time.Minute,
		Patience:         2 * time.Minute,
		NATFirstLook:     50 * time.Second,
		NATNextLook:      6 * time.Second,
		NATGoneFirstLook: 50 * time.Second,
		NATGoneNextLook:  5 * time.Second,
		Soon:             2 * time.Second,
		SweepGap:         10 * time.Second,
	}
}

// Faster is for an AWS that runs n times as fast as the real one: a local one.
func (t Timing) Faster(n int) Timing {
	if n <= 1 {
		return t
	}
	for _, d := range []*time.Duration{
		&t.Trust, &t.Unseen, &t.Patience, &t.NATFirstLook, &t.NATNextLook, &t.NATGoneFirstLook, &t.NATGoneNextLook, &t.Soon, &t.SweepGap,
	} {
		*d /= time.Duration(n)
	}
	return t
}
