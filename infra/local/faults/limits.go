package faults

import (
	"strings"
	"time"

	"byoc/infra/local/awscall"
)

// Limit is a token bucket, as AWS throttles one account's calls in one region.
type Limit struct {
	Burst, PerSecond float64
}

// PublishedLimits are those of EC2 by kind of action
// (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html), of
// STS (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)
// and of StartExecution in the large regions
// (https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html), as
// known in November 2025.
func PublishedLimits() map[string]Limit {
	return map[string]Limit{
		"ec2:mutating": {50, 5}, "ec2:non-mutating": {100, 20},
		"sts": {600, 600}, "states:StartExecution": {1300, 300},
	}
}

// limited is what a call counts against.
func limited(call *awscall.Call) string {
	switch {
	case call.Service == "ec2" && strings.HasPrefix(call.Operation, "Describe"):
		return "ec2:non-mutating"
	case call.Service == "ec2":
		return "ec2:mutating"
	case call.Service == "states":
		return "states:" + call.Operation
	}
	return call.Service
}

type bucket struct {
	tokens float64
	at     time.Time
}

type place struct{ kind, account, region string }

// SetLimits throttles what exceeds the limits, each account's calls in each
// region by themselves, dry runs too. It replaces what was set before; nil
// removes it.
func (f *Faults) SetLimits(limits map[string]Limit) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.limits, f.buckets, f.throttles = limits, map[place]*bucket{}, map[string]int{}
}

// Throttled are the calls refused since SetLimits, by what they counted against.
func (f *Faults) Throttled() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	counted := make(map[string]int, len(f.throttles))
	for kind, n := range f.throttles {
		counted[kind] = n
	}
	return counted
}

// exceeds takes a token for the call, where there is one.
func (f *Faults) exceeds(call *awscall.Call, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind := limited(call)
	limit, ok := f.limits[kind]
	if !ok {
		return false
	}
	where := place{kind, call.Caller.Account, call.Region}
	b := f.buckets[where]
	if b == nil {
		b = &bucket{limit.Burst, now}
		f.buckets[where] = b
	}
	b.tokens = min(limit.Burst, b.tokens+now.Sub(b.at).Seconds()*limit.PerSecond)
	b.at = now
	if b.tokens < 1 {
		f.throttles[kind]++
		return true
	}
	b.tokens--
	return false
}
