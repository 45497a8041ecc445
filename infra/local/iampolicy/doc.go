// Package iampolicy decides what AWS would decide when it evaluates IAM
// policies for one request. It is pure: documents and a request go in, a
// decision comes out.
//
// Its rules come from the IAM User Guide: "Policy evaluation logic", "IAM JSON
// policy element reference" and "Access denied error message examples".
// Whatever the package does not know (an element, an operator, a variable, a
// condition key nobody supplies) is an error, so that nothing is allowed
// because of a construct that went unread.
package iampolicy
