package cost

// Provision and Deletion of three zones, as bench/results.md has them; function
// time is at 512 MB. Of the puts 31 are steps that ended, the rest records of calls.
var (
	Provision = Counted{
		Transitions: 18, FunctionCalls: 6, GBSeconds: 5.8 / 2, Updates: 54, Transactions: 2, Steps: 31, Records: 44 - 31, Reads: 77,
	}
	Deletion = Counted{
		Transitions: 33, FunctionCalls: 9, GBSeconds: 6.7 / 2, Updates: 75, Transactions: 1, Steps: 31, Records: 58 - 31, Reads: 90,
	}
)
