package dynamo

import (
	"context"
	"errors"
	"net"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"byoc/shared/cloud"
)

// record is an item as DynamoDB has it.
type record = map[string]types.AttributeValue

// conditionFailed says that nothing was written because the item is not as the
// write expected. It never leaves this package.
type conditionFailed struct {
	// old is the item as it is; nil where there is none.
	old record
}

func (*conditionFailed) Error() string { return "the condition of the write failed" }

// busyCodes are refusals that another try may overcome: of a call, and of a
// transaction (as the reason of its cancellation).
var busyCodes = map[string]bool{
	"TransactionConflictException":           true,
	"TransactionConflict":                    true,
	"TransactionInProgressException":         true,
	"ProvisionedThroughputExceededException": true,
	"ProvisionedThroughputExceeded":          true,
	"ThrottlingException":                    true,
	"ThrottlingError":                        true,
	"RequestLimitExceeded":                   true,
	"ReplicatedWriteConflictException":       true,
	"InternalServerError":                    true,
	"InternalFailure":                        true,
	"ServiceUnavailable":                     true,
	"RequestTimeout":                         true,
	"RequestTimeoutException":                true,
}

// contended says that another transaction holds one of the items just now. The
// SDK does not retry that by itself.
func contended(err error) bool {
	var conflict *types.TransactionConflictException
	if errors.As(err, &conflict) {
		return true
	}
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return false
	}
	busy := false
	for _, r := range canceled.CancellationReasons {
		switch code := deref(r.Code); {
		case code == "" || code == "None":
		case busyCodes[code]:
			busy = true
		default:
			return false
		}
	}
	return busy
}

// classify gives an error of a table call its code: Unavailable where another
// try may help, Internal for what can only be a defect. op says what was tried.
func classify(err error, op string) error {
	if err == nil {
		return nil
	}
	if unavailable(err) {
		return cloud.Wrap(&opError{op, err}, cloud.Unavailable, "The database did not answer in time. Try again in a few seconds.")
	}
	return cloud.Wrap(&opError{op, err}, cloud.Internal, cloud.InternalMessage)
}

func unavailable(err error) bool {
	if contended(err) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	var api smithy.APIError
	if errors.As(err, &api) && busyCodes[api.ErrorCode()] {
		return true
	}
	var status interface{ HTTPStatusCode() int }
	if errors.As(err, &status) && status.HTTPStatusCode() >= http.StatusInternalServerError {
		return true
	}
	var send interface{ ConnectionError() bool }
	if errors.As(err, &send) && send.ConnectionError() {
		return true
	}
	var network net.Error
	return errors.As(err, &network)
}

// opError says what was tried when a call failed.
type opError struct {
	op  string
	err error
}

func (e *opError) Error() string { return e.op + ": " + e.err.Error() }
func (e *opError) Unwrap() error { return e.err }

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
