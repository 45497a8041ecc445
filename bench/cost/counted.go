package cost

// Provision and Deletion of three zones, as `make bench` counted them. docs holds
// them to bench/results.md.
var (
	Provision = Counted{
		Transitions: 18, FunctionCalls: 6, FunctionSeconds: 6.3, Updates: 55, Transactions: 2, Puts: 44, Reads: 11,
	}
	Deletion = Counted{
		Transitions: 17, FunctionCalls: 5, FunctionSeconds: 4.5, Updates: 61, Transactions: 1, Puts: 43, Reads: 9,
	}
)

// Requests of the API in an organization of a hundred clouds, likewise; times are
// two to three times as long, for a slower machine. An update renames a cloud and
// changes its tags. The event of a create comes into the index and goes when it is
// published.
var (
	Get    = Request{Name: "GET", HandlerMS: 2, Calls: 1, Reads: 4}
	List   = Request{Name: "list of 100", HandlerMS: 8, Calls: 1, Reads: 18}
	Create = Request{Name: "create", HandlerMS: 10, Calls: 4, Reads: 18, Writes: 11, Index: 3, Events: 1}
	Update = Request{Name: "update", HandlerMS: 3, Calls: 2, Reads: 4, Writes: 6}
)
