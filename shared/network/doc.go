// Package network builds, checks, repairs and removes the network of a custom
// cloud in the customer's AWS account.
//
// It is a table of steps (table.go), one file per AWS resource with Ensure
// beside Delete. From the table follow the order of creation and of tear-down,
// rollback, progress, drift, repair and the policy of the role. To add a
// resource:
//
//  1. Write <resource>.go: its kind (describe, delete, the command to delete it
//     by hand) and a function that makes its Step.
//  2. Add the kind to kinds and a row, with what it needs, to Steps (table.go).
//  3. Add the calls to the step's Actions and to EC2 (client.go).
//
// Nothing here waits for AWS: what is not ready yet is a value with a reason,
// and the caller comes back after Outcome.Wait. Each pass starts from the record
// and from what AWS shows, so that it may be killed between any two calls.
// See design.md for the rules that keep it to exactly one set of resources.
package network
