package network

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"byoc/shared/cloud"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestClassify(t *testing.T) {
	const blob = "Encoded authorization failure message: q7_secretBLOB"
	for _, c := range []struct {
		action, code, message string
		want                  cloud.Code
		says                  string
	}{
		{"ec2:CreateVpc", "UnauthorizedOperation", "You are not authorized to perform this operation. User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ec2:CreateVpc on resource: arn:aws:ec2:::vpc/* because no identity-based policy allows the ec2:CreateVpc action. " + blob, cloud.Denied, "the action ec2:CreateVpc: no policy of the role allows it."},
		{"ec2:CreateVpc", "UnauthorizedOperation", "User: x is not authorized to perform: ec2:CreateVpc with an explicit deny in a service control policy. " + blob, cloud.Denied, "a service control policy of your AWS organization denies it explicitly"},
		{"ec2:CreateVpc", "UnauthorizedOperation", "… because no permissions boundary allows the ec2:CreateVpc action", cloud.Denied, "permissions boundary does not allow it"},
		{"ec2:CreateVpc", "UnauthorizedOperation", "You are not authorized to perform this operation. " + blob, cloud.Denied, "does not say"},
		{"ec2:CreateVpc", "AuthFailure", "AWS was not able to validate the provided access credentials", cloud.Denied, "ec2:CreateVpc"},
		{"ec2:ReleaseAddress", "AuthFailure", "You do not have permission to access the specified resource.", cloud.Conflict, "for now"},
		{"ec2:ReleaseAddress", "InvalidIPAddress.InUse", "in use", cloud.Conflict, "in use"},
		{"ec2:DeleteVpc", "DependencyViolation", "The vpc 'vpc-1' has dependencies and cannot be deleted.", cloud.Conflict, "has dependencies"},
		{"ec2:CreateVpc", "VpcLimitExceeded", "", cloud.LimitExceeded, "5"},
		{"ec2:AllocateAddress", "AddressLimitExceeded", "", cloud.LimitExceeded, "elastic IP"},
		{"ec2:CreateNatGateway", "NatGatewayLimitExceeded", "", cloud.LimitExceeded, "Service Quotas"},
		{"ec2:CreateX", "SomethingNewLimitExceeded", "", cloud.LimitExceeded, "limit"},
		{"ec2:CreateVpc", "RequestLimitExceeded", "", cloud.Unavailable, "moment"},
		{"ec2:CreateVpc", "Throttling", "", cloud.Unavailable, ""},
		{"ec2:CreateVpc", "InternalError", "", cloud.Unavailable, ""},
		{"ec2:CreateVpc", "Unavailable", "", cloud.Unavailable, ""},
		{"ec2:CreateVpc", "ExpiredToken", "", cloud.Unavailable, ""},
		{"ec2:CreateSubnet", "InvalidVpcID.NotFound", "", cloud.NotFound, ""},
		{"ec2:DeleteNatGateway", "NatGatewayNotFound", "", cloud.NotFound, ""},
		{"ec2:CreateSubnet", "InvalidSubnet.Conflict", "The CIDR '10.0.0.0/24' conflicts with another subnet", cloud.Conflict, "conflicts"},
		{"ec2:CreateVpc", "InvalidVpc.Range", "The CIDR is invalid.", cloud.ResourceFailed, "The CIDR is invalid (InvalidVpc.Range)"},
	} {
		err := Classify(&smithy.OperationError{ServiceID: "EC2", Err: &smithy.GenericAPIError{Code: c.code, Message: c.message}}, c.action)
		if got := cloud.CodeOf(err); got != c.want {
			t.Errorf("%s to %s is %s, want %s", c.code, c.action, got, c.want)
		}
		if m := cloud.MessageOf(err); !strings.Contains(m, c.says) || strings.Contains(m, "BLOB") {
			t.Errorf("%s to %s says %q, want %q in it", c.code, c.action, m, c.says)
		}
	}
	for _, err := range []error{
		errors.New("connection reset by peer"),
		&smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 503}}, Err: &smithy.GenericAPIError{Code: "Odd"}},
	} {
		if got := cloud.CodeOf(Classify(err, "ec2:CreateVpc")); got != cloud.Unavailable {
			t.Errorf("%v is %s", err, got)
		}
	}
	role := cloud.Errorf(cloud.RoleNotAssumable, "x")
	if got := cloud.CodeOf(Classify(fmt.Errorf("operation error: %w", role), "ec2:CreateVpc")); got != cloud.RoleNotAssumable {
		t.Errorf("an error that has a code became %s", got)
	}
	if Classify(nil, "ec2:CreateVpc") != nil {
		t.Error("nil is an error")
	}
}
