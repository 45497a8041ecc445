package cloud

import (
	"context"
	"time"
)

// Entry of a cloud's history: an event, a step that ended, or calls that one run
// made in the customer's account, in their order.
type Entry struct {
	Event *Event
	// Step as it was when it ended.
	Step *Step
	// Attempt that ended Step or made Calls.
	Attempt int
	Calls   []Call
}

// History tells what happened to clouds.
type History interface {
	// History reads a page of a cloud's history, newest first, whether or not the
	// cloud still exists; entries of limit at most. next is empty exactly where
	// nothing older follows. Invalid (the cursor).
	History(ctx context.Context, organizationID, cloudID string, limit int, cursor string) (entries []Entry, next string, err error)
}

// Call is one AWS API request made in a customer's account: each attempt is
// one, because AWS counts, throttles and logs each.
type Call struct {
	// Seq numbers the calls of one Recorder from 1.
	Seq      int
	At       time.Time
	Duration time.Duration
	// Service and Action as IAM names them: ec2, CreateVpc.
	Service string
	Action  string
	// Resources are the ids that the call named or made.
	Resources []string
	// Result is OK, AWS's error code, or NoAnswer.
	Result string
	// RequestID is AWS's; empty where it did not answer.
	RequestID string
	Account   string
	Region    string
	// Caller is the ARN of the role session that signed the call.
	Caller string
	DryRun bool
}
