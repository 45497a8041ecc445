package network

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/denial"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Classify turns an error of an AWS call into a cloud.Error; action is the call
// as policies name it (ec2:CreateVpc). What is a cloud.Error already, anywhere
// in the chain, stays (assuming the role fails inside the first call).
//
// Denied: a permission is missing. LimitExceeded: a quota. NotFound: the call
// names something that does not exist, or that is not visible yet. Conflict:
// something is in the way that may go by itself. Unavailable: throttled, 5xx,
// lost connection, expired session. ResourceFailed: AWS refused for another
// reason, which the message carries.
func Classify(err error, action string) error {
	var known *cloud.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return cloud.Wrap(err, cloud.Unavailable, "AWS did not answer %s.", action)
	}
	code := api.ErrorCode()
	switch {
	case denied(code, action):
		d := denial.Read(action, api.ErrorMessage())
		return cloud.Wrap(err, cloud.Denied, "%s %s", d.Message(), d.Cure())
	case isLimit(code):
		return cloud.Wrap(err, cloud.LimitExceeded, "%s (AWS answered %s to %s.)", cure(code), code, action)
	case isUnavailable(err, code):
		return cloud.Wrap(err, cloud.Unavailable, "AWS could not answer %s at the moment (%s).", action, code)
	case isNotFound(code):
		return cloud.Wrap(err, cloud.NotFound, "AWS does not know something that %s names (%s).", action, code)
	case conflicts[code] || action == "ec2:ReleaseAddress" && code == "AuthFailure":
		return cloud.Wrap(err, cloud.Conflict, "AWS refused %s for now: %s (%s).", action, sentence(api.ErrorMessage()), code)
	}
	return cloud.Wrap(err, cloud.ResourceFailed, "AWS refused %s: %s (%s).", action, sentence(api.ErrorMessage()), code)
}

// denied lists the codes of a missing permission. ReleaseAddress answers
// AuthFailure for an address that is in use: that is no missing permission.
func denied(code, action string) bool {
	switch code {
	case "UnauthorizedOperation", "AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation":
		return true
	case "AuthFailure":
		return action != "ec2:ReleaseAddress"
	}
	return false
}

// limits are AWS's defaults, by error code. They cannot be read with the
// role's permissions, so that a message calls them defaults.
var limits = map[string]string{
	"VpcLimitExceeded":                        "The account has reached its number of VPCs in the region (AWS's default is 5).",
	"AddressLimitExceeded":                    "The account has reached its number of elastic IP addresses in the region (AWS's default is 5; a network takes one per NAT gateway).",
	"NatGatewayLimitExceeded":                 "The account has reached its number of NAT gateways in an availability zone (AWS's default is 5).",
	"InternetGatewayLimitExceeded":            "The account has reached its number of internet gateways in the region (AWS's default is 5).",
	"SubnetLimitExceeded":                     "The VPC has reached its number of subnets (AWS's default is 200).",
	"RouteTableLimitExceeded":                 "The VPC has reached its number of route tables (AWS's default is 200).",
	"RouteLimitExceeded":                      "The route table has reached its number of routes (AWS's default is 50 or more).",
	"SecurityGroupLimitExceeded":              "The account has reached its number of security groups in the region (AWS's default is 2,500).",
	"RulesPerSecurityGroupLimitExceeded":      "The security group has reached its number of inbound rules (AWS's default is 60).",
	"SecurityGroupsPerInterfaceLimitExceeded": "An interface has reached its number of security groups (AWS's default is 5).",
}

func isLimit(code string) bool {
	return strings.HasSuffix(code, "LimitExceeded") && code != "RequestLimitExceeded" && code != "BandwidthLimitExceeded"
}

func cure(code string) string {
	s, ok := limits[code]
	if !ok {
		s = "A limit of the account is reached."
	}
	return s + " Remove what is no longer used, or ask AWS for more under Service Quotas, then try again."
}

// expired sessions are renewed by the next invocation.
var sessions = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}

var unavailable = []string{"InternalError", "InternalFailure", "Unavailable", "ServiceUnavailable", "InsufficientAddressCapacity", "RequestTimeout", "RequestTimeoutException"}

func isUnavailable(err error, code string) bool {
	if _, throttled := retry.DefaultThrottleErrorCodes[code]; throttled || slices.Contains(unavailable, code) || slices.Contains(sessions, code) {
		return true
	}
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) && response.HTTPStatusCode() >= http.StatusInternalServerError
}

func isNotFound(code string) bool {
	return strings.HasSuffix(code, ".NotFound") || code == "NatGatewayNotFound" || code == "Gateway.NotAttached"
}

// conflicts are refusals because of something else that exists or is still in
// use: it may be ours and not visible yet, or be going already.
var conflicts = map[string]bool{
	"DependencyViolation":         true,
	"InvalidIPAddress.InUse":      true,
	"Resource.AlreadyAssociated":  true,
	"Resource.AlreadyAttached":    true,
	"RouteAlreadyExists":          true,
	"InvalidGroup.Duplicate":      true,
	"InvalidGroup.InUse":          true,
	"InvalidPermission.Duplicate": true,
	"InvalidSubnet.Conflict":      true,
	"IncorrectState":              true,
	"InvalidState":                true,
	"IncorrectInstanceState":      true,
}

// sentence is AWS's message without its own full stop.
func sentence(s string) string {
	s = strings.TrimSuffix(denial.Plain(s), ".")
	if s == "" {
		return "no reason given"
	}
	return s
}

// ambiguous names the ids that match where one may exist.
func ambiguous(title, name string, ids []string) error {
	return cloud.Errorf(cloud.Ambiguous, "There are %d resources (%s) where one may exist: %s named %s. Remove what does not belong to this cloud.", len(ids), strings.Join(ids, ", "), title, name)
}
