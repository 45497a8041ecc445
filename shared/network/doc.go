// Package network builds, checks, repairs and removes the network of a custom
// cloud in the customer's AWS account.
//
// It is a table of steps (table.go), one file per AWS resource with Ensure
// beside Delete. From the table follow the order of creation and of tear-down,
// rollback, progress, drift, repair and the policy of the role. To add a
// resource:
//
//  1. Write <resource>.go: its kind (describe, delete, the command to delete it
//     by hand) and a function that makes its Step, with every permission among
//     its Actions. internet_gateway.go is a short one to copy, and shows beside
//     it a property: a step that makes nothing of its own, but attaches, routes
//     or switches something that another step made.
//  2. Add the kind to kinds (resource.go), where it comes in a removal by hand,
//     and a row with its name and what it needs to rows (table.go).
//  3. Add the calls to EC2 (client.go), and a dry run of each that changes
//     something to probes (probe.go).
//
// The tests name what is still missing: here a change made by hand that the
// drift check has to find (drift_pair_test.go) and the tests' own inventory
// (wanted and inventory); outside what CONTRIBUTING.md lists.
//
// Nothing here waits for AWS: what is not ready yet is a value with a reason,
// and the caller comes back after Outcome.Wait. Each pass starts from the record
// and from what AWS shows, so that it may be killed between any two calls.
// See design.md for the rules that keep it to exactly one set of resources.
package network
