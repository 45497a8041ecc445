package statemachine

import (
	"fmt"
	"strconv"
)

// Intervals are the waits, retries and timeouts of both state machines, each
// the substitution of its own name in the texts.
type Intervals struct {
	// WaitSeconds between two looks at the network where the function asks for
	// no other time.
	WaitSeconds int
	// MaxPolls bounds each loop of looks: a machine that runs into its own
	// timeout concludes nothing.
	MaxPolls int

	// RoleIntervalSeconds, RoleMaxDelaySeconds and RoleMaxAttempts retry a
	// refused AssumeRole during validation and creation. IAM makes a new role
	// known everywhere within about a minute, sometimes two. Full jitter waits
	// half of each delay on average: the defaults give it 149 seconds on
	// average, less than two minutes in one run of two hundred, and 298 at most.
	// Many short delays vary less in all than a few long ones.
	RoleIntervalSeconds int
	RoleMaxDelaySeconds int
	RoleMaxAttempts     int

	// RetryIntervalSeconds, RetryMaxDelaySeconds and RetryMaxAttempts retry
	// what is unavailable.
	RetryIntervalSeconds int
	RetryMaxDelaySeconds int
	RetryMaxAttempts     int
	// CapacityMaxAttempts retry, at the same intervals, what Lambda has no
	// concurrency left for: an account may have as little as ten
	// (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and
	// whoever waits for a turn has done nothing wrong. The default gives it a
	// quarter of an hour on average.
	CapacityMaxAttempts int
	// FewMaxAttempts retries what probably fails again: crashes, timeouts,
	// errors nobody foresaw, and a refused AssumeRole at a removal.
	FewMaxAttempts int

	// ValidateTaskSeconds, NetworkTaskSeconds and TransitionTaskSeconds are
	// the timeouts of the tasks. They lie above the timeouts of their
	// functions, so that a function that hangs is reported by Lambda.
	ValidateTaskSeconds   int
	NetworkTaskSeconds    int
	TransitionTaskSeconds int
	// RunSeconds is the timeout of a whole execution: the last resort, since
	// nothing catches it.
	RunSeconds int
}

// DefaultIntervals are those of a deployment to AWS.
func DefaultIntervals() Intervals {
	return Intervals{
		WaitSeconds:           15,
		MaxPolls:              60,
		RoleIntervalSeconds:   3,
		RoleMaxDelaySeconds:   5,
		RoleMaxAttempts:       60,
		RetryIntervalSeconds:  2,
		RetryMaxDelaySeconds:  30,
		RetryMaxAttempts:      6,
		CapacityMaxAttempts:   60,
		FewMaxAttempts:        2,
		ValidateTaskSeconds:   70,
		NetworkTaskSeconds:    130,
		TransitionTaskSeconds: 40,
		RunSeconds:            9000,
	}
}

type field struct {
	name  string
	value *int
}

func (i *Intervals) fields() []field {
	return []field{
		{"WaitSeconds", &i.WaitSeconds},
		{"MaxPolls", &i.MaxPolls},
		{"RoleIntervalSeconds", &i.RoleIntervalSeconds},
		{"RoleMaxDelaySeconds", &i.RoleMaxDelaySeconds},
		{"RoleMaxAttempts", &i.RoleMaxAttempts},
		{"RetryIntervalSeconds", &i.RetryIntervalSeconds},
		{"RetryMaxDelaySeconds", &i.RetryMaxDelaySeconds},
		{"RetryMaxAttempts", &i.RetryMaxAttempts},
		{"CapacityMaxAttempts", &i.CapacityMaxAttempts},
		{"FewMaxAttempts", &i.FewMaxAttempts},
		{"ValidateTaskSeconds", &i.ValidateTaskSeconds},
		{"NetworkTaskSeconds", &i.NetworkTaskSeconds},
		{"TransitionTaskSeconds", &i.TransitionTaskSeconds},
		{"RunSeconds", &i.RunSeconds},
	}
}

// IntervalNames are the names that Set knows.
func IntervalNames() []string {
	var i Intervals
	var names []string
	for _, f := range i.fields() {
		names = append(names, f.name)
	}
	return names
}

// Set the interval of that name to a number in text form.
func (i *Intervals) Set(name, value string) error {
	for _, f := range i.fields() {
		if f.name != name {
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			return fmt.Errorf("%s is %q; it has to be a whole number", name, value)
		}
		*f.value = n
		return nil
	}
	return fmt.Errorf("there is no interval named %q", name)
}

// Validate reports an interval that Step Functions would refuse or misread.
func (i Intervals) Validate() error {
	for _, f := range i.fields() {
		if *f.value < 1 {
			return fmt.Errorf("%s is %d; it has to be 1 or more", f.name, *f.value)
		}
	}
	if i.RoleMaxDelaySeconds <= i.RoleIntervalSeconds || i.RetryMaxDelaySeconds <= i.RetryIntervalSeconds {
		return fmt.Errorf("a MaxDelaySeconds has to be above its IntervalSeconds")
	}
	return nil
}
