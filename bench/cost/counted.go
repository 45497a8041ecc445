package cost

// Provision and Deletion of three zones, as `make bench` counted them. docs holds
// them to bench/results.md.
var (
	Provision = Counted{
		Transitions: 18, FunctionCalls: 6, FunctionSeconds: 5.7, Updates: 55, Transactions: 2, Puts: 44, Reads: 11,
	}
	Deletion = Counted{
		Transitions: 17, FunctionCalls: 5, FunctionSeconds: 4.7, Updates: 61, Transactions: 1, Puts: 43, Reads: 9,
	}
)
