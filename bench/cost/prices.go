// Package cost is what running the system costs on AWS: prices, what one thing
// takes of what is priced, and the sums. docs/cost.md and docs/watch-cost.md say
// what comes out, and their tests compute it anew.
package cost

// Prices in dollars, on demand, of us-east-1, as known in November 2025 from
// AWS's public price pages (aws.amazon.com/<service>/pricing). They were not
// looked up again when the figures were computed: check them before you rely on a
// sum. Free tiers are left out.
const (
	DynamoDBWrite         = 0.625 / 1e6
	DynamoDBRead          = 0.125 / 1e6
	DynamoDBGBMonth       = 0.25
	DynamoDBBackupGBMonth = 0.20 // point-in-time recovery, of the same gigabytes
	LambdaCall            = 0.20 / 1e6
	LambdaGBSecond        = 0.0000133334 // arm64
	Transition            = 0.025 / 1e3  // Step Functions, standard
	HTTPAPICall           = 1.00 / 1e6   // API Gateway, up to 512 KB
	Event                 = 1.00 / 1e6   // EventBridge, custom, up to 64 KB
	QueueCall             = 0.40 / 1e6   // SQS, standard
	Mail                  = 0.10 / 1e3   // SES
	LogGB                 = 0.50         // CloudWatch, ingested
)
