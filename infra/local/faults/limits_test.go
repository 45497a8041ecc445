package faults

import (
	"testing"
	"time"

	"byoc/infra/local/awscall"
)

func TestLimitsAreABucketForEachAccountRegionAndKind(t *testing.T) {
	f := New()
	f.SetLimits(map[string]Limit{"ec2:mutating": {Burst: 2, PerSecond: 1}})
	now := time.Now()
	try := func(account, region, operation string) bool {
		return f.exceeds(&awscall.Call{Service: "ec2", Operation: operation, Region: region, Caller: awscall.Principal{Account: account}}, now)
	}
	for i, want := range []bool{false, false, true} {
		if got := try("1", "a", "CreateVpc"); got != want {
			t.Errorf("call %d: %v", i, got)
		}
	}
	for _, other := range [][3]string{{"2", "a", "CreateVpc"}, {"1", "b", "CreateVpc"}, {"1", "a", "DescribeVpcs"}} {
		if try(other[0], other[1], other[2]) {
			t.Errorf("%v is throttled by another's calls", other)
		}
	}
	now = now.Add(time.Second)
	if try("1", "a", "DeleteVpc") || !try("1", "a", "DeleteVpc") {
		t.Error("one token comes back in a second")
	}
	if n := f.Throttled()["ec2:mutating"]; n != 2 {
		t.Errorf("%d are counted", n)
	}
	if f.SetLimits(nil); try("1", "a", "CreateVpc") {
		t.Error("limits that were removed throttle")
	}
}
