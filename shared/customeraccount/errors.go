package customeraccount

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"byoc/shared/cloud"
)

// refused says that AWS answered, and that the answer is no.
func refused(err error) bool {
	switch errorCode(err) {
	case "AccessDenied", "AccessDeniedException", "UnauthorizedOperation":
		return true
	}
	return false
}

// transient says that asking again may get another answer: throttling, a
// fault of AWS's, a lost connection, a deadline.
func transient(err error) bool {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return true
	}
	return api.ErrorFault() == smithy.FaultServer ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}

func errorCode(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func assumeError(err error, r Request, principal string) error {
	var known *cloud.Error
	if errors.As(err, &known) {
		return err
	}
	switch {
	case refused(err):
		return cloud.Wrap(err, cloud.RoleNotAssumable, "%s", notAssumable(r.RoleARN, principal))
	case transient(err):
		return cloud.Wrap(err, cloud.Unavailable, "AWS did not answer whether role %s can be assumed.", r.RoleARN)
	}
	return cloud.Wrap(err, cloud.Internal, "assuming role %s", r.RoleARN)
}

// notAssumable lists what it can be, because AWS answers all of it alike.
func notAssumable(role, principal string) string {
	return fmt.Sprintf("AWS refuses to let us assume role %s. AWS does not say why; it is one of these: "+
		"the role does not exist (apply the template of this custom cloud, or apply it again); "+
		"its trust policy names another principal than %s; "+
		"its trust policy demands another external ID than the one in the variables file of this custom cloud; "+
		"it was created in the last two minutes and AWS has not spread it yet (try again); "+
		"a service or resource control policy of your AWS organization denies sts:AssumeRole, or denies it in this region.",
		role, principal)
}

// ownRoleError never blames the customer: our own functions could not become
// our own role.
func ownRoleError(err error, role string) error {
	if !refused(err) && transient(err) {
		return cloud.Wrap(err, cloud.Unavailable, "AWS did not answer; try again in a minute.")
	}
	return cloud.Wrap(err, cloud.Internal, "assuming our own role %s", role)
}

// disabled says that AWS does not know the credentials in the region, although
// they are good in another: the region is not enabled in the account. Answered
// by a call that needs no resource; elsewhere AuthFailure has other causes.
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
func disabled(err error) bool {
	switch errorCode(err) {
	case "AuthFailure", "OptInRequired", "UnrecognizedClientException", "InvalidClientTokenId":
		return true
	}
	return false
}
