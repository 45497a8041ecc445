package authorization

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// denied words a denial as the called service does ("Access denied error
// message examples"; EC2's own in "Troubleshooting: UnauthorizedOperation").
func denied(call *awscall.Call, authorization Authorization, decision iampolicy.Decision, encoded bool) *awscall.Response {
	action := authorization.Action
	if call.Service == "sqs" {
		action = strings.ToLower(action)
	}
	message := fmt.Sprintf("User: %s is not authorized to perform: %s on resource: %s", call.Caller.ARN, action, authorization.Resource)
	// AssumeRole tells nobody why: every refusal of it reads the same.
	if action != "sts:AssumeRole" {
		message += " " + decision.Because(action)
	}
	switch {
	case call.Service == "ec2":
		message = "You are not authorized to perform this operation. " + message
		if encoded {
			detail := fmt.Sprintf("%s %s %+v", action, authorization.Resource, decision)
			message += ". Encoded authorization failure message: " + base64.RawURLEncoding.EncodeToString([]byte(detail))
		}
		return awscall.ErrorResponse(call, http.StatusForbidden, "UnauthorizedOperation", message)
	case call.Service == "sns":
		return awscall.ErrorResponse(call, http.StatusForbidden, "AuthorizationError", message)
	case call.Query != nil, call.Service == "s3":
		return awscall.ErrorResponse(call, http.StatusForbidden, "AccessDenied", message)
	case call.Header.Get("X-Amz-Target") != "":
		return awscall.ErrorResponse(call, http.StatusBadRequest, "AccessDeniedException", message)
	default:
		return awscall.ErrorResponse(call, http.StatusForbidden, "AccessDeniedException", message)
	}
}
