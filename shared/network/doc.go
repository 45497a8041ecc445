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
//     something to probes (probe.go). A create call that takes no client token
//     is sent with once (client.go); one that does takes the step's, as a route
//     table does. Refusals that stand for something else still there, and
//     limits, have their codes in awserror.go.
//
// Ensure is mostly exists (made, then found again) or converged (a property set
// until it is right), Status is compared; they are in pass.go. What Status holds
// against the table has to be a field of Resource. Only a NAT gateway takes
// minutes to start and to go: what else does needs what the code does for
// natGatewayKind (pass.go, ensure.go, delete.go), as fields of its kind then.
//
// A row is paid for: in calls (a provision makes 51 of 60, a second run 10 of 12),
// and by clouds that are active already. The watch finds it missing there, and a
// repair needs a role of the new version of the template.
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
