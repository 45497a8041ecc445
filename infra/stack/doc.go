// Package stack holds the two stacks of an environment, one construct per
// concern.
//
//   - byoc-customer-access: the one role that customers trust. Deployed first,
//     never destroyed.
//   - byoc: everything else.
//
// A construct gives access to what it holds by methods named Allow…; they add
// explicit statements to the role of the function that asks. Nothing is granted
// by a CDK grant, a managed policy or a wildcard action.
package stack
