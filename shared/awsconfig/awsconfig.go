// Package awsconfig builds the aws.Config that every function of ours starts
// from, by hand: config.LoadDefaultConfig links single sign-on, sign-in and
// instance metadata, 2 MB and a millisecond of start that a function on Lambda
// never uses, because its region and credentials are in the environment.
package awsconfig

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

const (
	// MaxAttempts per call. Five attempts with jitter span several seconds of
	// throttling; what lasts longer is for the state machine's Retry, which
	// costs no function time.
	MaxAttempts = 5

	// maxBackoff keeps all attempts of one call well under a function's timeout.
	maxBackoff = 8 * time.Second

	// responseTimeout bounds the wait for an answer's headers, so that a lost
	// connection becomes another attempt and not the function's timeout.
	responseTimeout = 15 * time.Second
)

// FromEnvironment reads AWS_REGION (or AWS_DEFAULT_REGION), the credentials
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, and the endpoint
// override AWS_ENDPOINT_URL. It reads no file and asks no service. An error
// says which variable is missing, never what one holds.
func FromEnvironment() (aws.Config, error) {
	region := first("AWS_REGION", "AWS_DEFAULT_REGION")
	if region == "" {
		return aws.Config{}, errors.New("AWS_REGION is not set")
	}
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		if os.Getenv(name) == "" {
			return aws.Config{}, fmt.Errorf("%s is not set", name)
		}
	}
	// Lambda replaces an execution environment before its credentials expire:
	// they are constant for as long as this process lives.
	own := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	cfg := aws.Config{
		Region: region,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return own, nil
		}),
		HTTPClient: awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = responseTimeout
		}),
		Retryer: Retryer,
	}
	if endpoint := os.Getenv("AWS_ENDPOINT_URL"); endpoint != "" {
		cfg.BaseEndpoint = aws.String(endpoint)
	}
	return cfg, nil
}

// Retryer makes the SDK's standard retryer: throttling, 5xx and lost
// connections, with exponential backoff and full jitter. The token bucket that
// would stop retrying after some hundred failures is off: one invocation makes
// few calls, and several of them may be throttled at once.
func Retryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = MaxAttempts
		o.MaxBackoff = maxBackoff
		o.RateLimiter = ratelimit.None
	})
}

func first(names ...string) string {
	for _, name := range names {
		if v := os.Getenv(name); v != "" {
			return v
		}
	}
	return ""
}
