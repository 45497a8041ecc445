package customeraccount

import (
	"errors"
	"strings"

	"github.com/aws/smithy-go"
)

// denials are the phrases with which AWS says what denied a call, and what
// that means to the customer.
var denials = []struct{ phrase, by, cure string }{
	{"in a service control policy", "a service control policy of your AWS organization denies it", "Ask who administers your AWS organization to allow it for this role."},
	{"in a resource control policy", "a resource control policy of your AWS organization denies it", "Ask who administers your AWS organization to allow it for this role."},
	{"in a permissions boundary", "the role's permissions boundary does not allow it", "Allow it in the permissions boundary, or apply the template without one."},
	{"no permissions boundary allows", "the role's permissions boundary does not allow it", "Allow it in the permissions boundary, or apply the template without one."},
	{"no service control policy allows", "no service control policy of your AWS organization allows it", "Ask who administers your AWS organization to allow it for this role."},
	{"no resource control policy allows", "no resource control policy of your AWS organization allows it", "Ask who administers your AWS organization to allow it for this role."},
	{"no identity-based policy allows", "the role's policy does not allow it", applyAgain},
	{"in an identity-based policy", "a policy of the role denies it", applyAgain},
}

const applyAgain = "Apply this custom cloud's template again."

// deniedBy is what AWS says denied the call, as an addition to a sentence;
// empty where AWS does not say.
func deniedBy(err error) string {
	message := denialMessage(err)
	for _, d := range denials {
		if strings.Contains(message, d.phrase) {
			return ": " + d.by
		}
	}
	return ""
}

func curePolicy(err error) string {
	message := denialMessage(err)
	for _, d := range denials {
		if strings.Contains(message, d.phrase) {
			return d.cure
		}
	}
	return applyAgain + " If that does not help, a permissions boundary of the role or a service control policy of your AWS organization denies it."
}

func denialMessage(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}
