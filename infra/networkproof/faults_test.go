package networkproof

import (
	"strings"
	"time"

	"byoc/infra/local/awscall"
	"byoc/infra/local/faults"
	"byoc/infra/sandbox"
)

// fault is one of those that every call has to stand.
type fault struct {
	name  string
	times int
	// fails: the run cannot reach its goal.
	fails bool
	// only: the calls that the fault means something for; nil for all.
	only func(call) bool
	make func(s *sandbox.Sandbox, execution string) faults.Fault
}

func plain(f func() faults.Fault) func(*sandbox.Sandbox, string) faults.Fault {
	return func(*sandbox.Sandbox, string) faults.Fault { return f() }
}

func kill(crash func(func(*awscall.Call)) faults.Fault) func(*sandbox.Sandbox, string) faults.Fault {
	return func(s *sandbox.Sandbox, execution string) faults.Fault {
		return crash(func(*awscall.Call) { s.KillInvocations(execution) })
	}
}

const failureMessage = "Subnet has insufficient free addresses to create this NAT gateway"

const deniedForGood = "denied for good"

func catalogue() []fault {
	return []fault{
		{name: "throttled 5 times", times: 5, make: plain(faults.Throttle)},
		{name: "InternalError", times: 1, make: plain(faults.InternalError)},
		{name: "connection lost before", times: 1, make: plain(faults.LostBefore)},
		{name: "connection lost after", times: 1, make: plain(faults.LostAfter)},
		{name: deniedForGood, times: faults.Forever, fails: true, only: inCustomersHands, make: plain(faults.Deny)},
		{name: "killed before", times: 1, make: kill(faults.CrashBefore)},
		{name: "killed after", times: 1, make: kill(faults.CrashAfter)},
		{name: "stale for 5 s", times: 1, only: creates, make: func(*sandbox.Sandbox, string) faults.Fault {
			return faults.Stale(awsTime(5 * time.Second))
		}},
		{name: "NAT gateway pending 60 s", times: 1, only: createsGateway, make: func(*sandbox.Sandbox, string) faults.Fault {
			return faults.NATPending(awsTime(time.Minute))
		}},
		{name: "NAT gateway fails after 60 s", times: 1, fails: true, only: createsGateway, make: func(*sandbox.Sandbox, string) faults.Fault {
			return faults.NATFailure(awsTime(time.Minute), "InsufficientFreeAddressesInSubnet", failureMessage)
		}},
	}
}

// inCustomersHands says that the customer can deny the call.
func inCustomersHands(c call) bool {
	return !c.vendors() && c.who != "network" && c.who != "validaterole"
}

func creates(c call) bool {
	return c.service == "ec2" && !c.dryRun && (strings.HasPrefix(c.operation, "Create") && c.operation != "CreateRoute" || c.operation == "AllocateAddress")
}

func createsGateway(c call) bool { return c.operation == "CreateNatGateway" }
