// Package awscall is what the parts of the local AWS agree on: an AWS request
// read off the wire, who sent it, and what answers it.
package awscall

import (
	"context"
	"net/http"
	"net/url"
)

// Call is one AWS API request, read off the wire whatever its protocol.
type Call struct {
	// Service is the signing name of the credential scope: ec2, iam, sts,
	// dynamodb, states, events, sqs, ses, lambda, s3, cloudformation, logs, …
	Service string
	// Operation is the API operation: CreateVpc, PutItem, StartExecution.
	// Empty for REST calls that Parse does not name (S3, for instance).
	Operation string
	Region    string
	Caller    Principal

	// Query holds the parameters of the query protocols (ec2, iam, sts,
	// cloudformation); nil for others.
	Query url.Values
	// JSON holds the body of the JSON protocols (dynamodb, states, events,
	// sqs) and of REST-JSON calls (lambda, ses); nil for others.
	JSON map[string]any

	// RequestID is the request id that the answer carries.
	RequestID string

	Method string
	URL    *url.URL
	Header http.Header
	Body   []byte
}

// Principal is who signed a call.
type Principal struct {
	AccessKeyID string
	// Account is the 12-digit account the credentials act in.
	Account string
	// ARN is the caller as AWS names it:
	// arn:aws:sts::111111111111:assumed-role/NAME/SESSION for a role session,
	// arn:aws:iam::111111111111:root for credentials nobody handed out (the
	// deployer, a developer's shell), which no policy limits.
	ARN string
	// RoleARN is the role behind a role session, empty otherwise.
	RoleARN string
	// SessionName is the role session's name, empty otherwise.
	SessionName string
	// Service is the AWS service that calls on a role's behalf
	// (states.amazonaws.com), empty otherwise.
	Service string
}

// Response answers a Call.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Handler answers a call. A nil Response closes the connection without an
// answer, which is what a lost response looks like to the caller.
type Handler func(ctx context.Context, call *Call) *Response

// Behaviour adds something to the handler behind it that the emulator lacks.
type Behaviour func(next Handler) Handler
