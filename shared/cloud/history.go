package cloud

import "time"

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
