package local

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/local/awscall"
)

const stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"

// tokenService answers for STS: moto hands out any role to anyone.
type tokenService struct {
	emulator       awscall.Emulator
	store          *credentialStore
	log            *slog.Logger
	freshRoleDelay time.Duration
}

var (
	roleARNPattern     = regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:role/.+$`)
	sessionNamePattern = regexp.MustCompile(`^[\w+=,.@-]{2,64}$`)
	externalIDPattern  = regexp.MustCompile(`^[\w+=,.@:/-]{2,}$`)
)

const maxChainedSession = 3600

func (t *tokenService) assumeRole(ctx context.Context, call *awscall.Call) *awscall.Response {
	roleARN := call.Query.Get("RoleArn")
	sessionName := call.Query.Get("RoleSessionName")
	seconds := 3600
	if text := call.Query.Get("DurationSeconds"); text != "" {
		var err error
		if seconds, err = strconv.Atoi(text); err != nil || seconds < 900 || seconds > 43200 {
			return invalid(call, "durationSeconds must be between 900 and 43200")
		}
	}
	if !roleARNPattern.MatchString(roleARN) {
		return invalid(call, roleARN+" is invalid")
	}
	if !sessionNamePattern.MatchString(sessionName) {
		return invalid(call, `roleSessionName must satisfy regular expression pattern: [\w+=,.@-]{2,64}`)
	}
	externalID := call.Query.Get("ExternalId")
	if call.Query.Has("ExternalId") && (len(externalID) > 1224 || !externalIDPattern.MatchString(externalID)) {
		return invalid(call, `externalId must satisfy regular expression pattern: [\w+=,.@:\/-]{2,1224}`)
	}

	request := trustRequest{
		caller:      call.Caller,
		roleARN:     roleARN,
		action:      "sts:AssumeRole",
		sessionName: sessionName,
		externalID:  call.Query["ExternalId"],
	}
	maxSession, err := t.checkTrust(ctx, roleARN, request)
	if err != nil {
		return t.refuse(call, roleARN, err)
	}
	if call.Caller.RoleARN != "" && seconds > maxChainedSession {
		return invalid(call, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
	}
	if seconds > maxSession {
		return invalid(call, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	issued := t.store.issue(roleARN, sessionName, time.Duration(seconds)*time.Second)
	return awscall.XMLResponse(call, http.StatusOK, assumeRoleAnswer(call, issued))
}

// assumeForService hands a role to an AWS service that trusts it, a
// function's execution role to Lambda for instance.
func (t *tokenService) assumeForService(ctx context.Context, service, roleARN, sessionName string, duration time.Duration) (session, error) {
	request := trustRequest{
		caller:      awscall.Principal{Service: service},
		roleARN:     roleARN,
		action:      "sts:AssumeRole",
		sessionName: sessionName,
	}
	if _, err := t.checkTrust(ctx, roleARN, request); err != nil {
		return session{}, fmt.Errorf("%s cannot assume %s: %w", service, roleARN, err)
	}
	return t.store.issue(roleARN, sessionName, duration), nil
}

var (
	errNoRole       = errors.New("the role does not exist")
	errNotTrusted   = errors.New("the role's trust policy does not allow it")
	errRoleTooFresh = errors.New("the role has just been created and is not known everywhere yet")
)

// checkTrust answers the role's longest session in seconds if its trust
// policy lets the caller assume it.
func (t *tokenService) checkTrust(ctx context.Context, roleARN string, request trustRequest) (int, error) {
	client := iam.NewFromConfig(t.emulator.Config(accountOf(roleARN), "us-east-1"))
	out, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(roleName(roleARN))})
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errNoRole, err)
	}
	role := out.Role
	if aws.ToString(role.Arn) != roleARN {
		return 0, errNoRole
	}
	// A service's roles are deployed with what uses them; AWS retries there.
	if request.caller.Service == "" && time.Since(aws.ToTime(role.CreateDate)) < t.freshRoleDelay {
		return 0, errRoleTooFresh
	}
	document, err := url.PathUnescape(aws.ToString(role.AssumeRolePolicyDocument))
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errUnknownTrust, err)
	}
	if err := evaluateTrust(document, request); err != nil {
		return 0, err
	}
	if role.MaxSessionDuration == nil {
		return 3600, nil
	}
	return int(*role.MaxSessionDuration), nil
}

// refuse gives every cause the same answer, as AWS does, so that nobody
// learns which roles exist; the log tells a developer. What cannot be judged here
// has an answer of its own, as other calls that cannot be.
func (t *tokenService) refuse(call *awscall.Call, roleARN string, cause error) *awscall.Response {
	if errors.Is(cause, errUnknownTrust) {
		t.log.Error("refused AssumeRole: trust policy not understood", "role", roleARN, "cause", cause)
		return awscall.ErrorResponse(call, http.StatusNotImplemented, "LocalAWSUnknownTrust", fmt.Sprintf("%s: %v", roleARN, cause))
	}
	t.log.Debug("refused AssumeRole", "role", roleARN, "caller", call.Caller.ARN, "cause", cause)
	return awscall.ErrorResponse(call, http.StatusForbidden, "AccessDenied",
		fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", call.Caller.ARN, roleARN))
}

func invalid(call *awscall.Call, message string) *awscall.Response {
	return awscall.ErrorResponse(call, http.StatusBadRequest, "ValidationError", message)
}

func (t *tokenService) callerIdentity(call *awscall.Call) *awscall.Response {
	userID := call.Caller.Account
	if call.Caller.RoleARN != "" {
		userID = roleID(call.Caller.RoleARN) + ":" + call.Caller.SessionName
	}
	return awscall.XMLResponse(call, http.StatusOK, callerIdentityResponse{
		Namespace: stsNamespace,
		ARN:       call.Caller.ARN,
		UserID:    userID,
		Account:   call.Caller.Account,
		RequestID: call.RequestID,
	})
}

type callerIdentityResponse struct {
	XMLName   xml.Name `xml:"GetCallerIdentityResponse"`
	Namespace string   `xml:"xmlns,attr"`
	ARN       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type assumeRoleResponse struct {
	XMLName         xml.Name `xml:"AssumeRoleResponse"`
	Namespace       string   `xml:"xmlns,attr"`
	AccessKeyID     string   `xml:"AssumeRoleResult>Credentials>AccessKeyId"`
	SecretAccessKey string   `xml:"AssumeRoleResult>Credentials>SecretAccessKey"`
	SessionToken    string   `xml:"AssumeRoleResult>Credentials>SessionToken"`
	Expiration      string   `xml:"AssumeRoleResult>Credentials>Expiration"`
	ARN             string   `xml:"AssumeRoleResult>AssumedRoleUser>Arn"`
	AssumedRoleID   string   `xml:"AssumeRoleResult>AssumedRoleUser>AssumedRoleId"`
	RequestID       string   `xml:"ResponseMetadata>RequestId"`
}

func assumeRoleAnswer(call *awscall.Call, issued session) assumeRoleResponse {
	return assumeRoleResponse{
		Namespace:       stsNamespace,
		AccessKeyID:     issued.accessKeyID,
		SecretAccessKey: issued.secret,
		SessionToken:    issued.token,
		Expiration:      issued.expires.UTC().Format(time.RFC3339),
		ARN:             issued.principal.ARN,
		AssumedRoleID:   roleID(issued.principal.RoleARN) + ":" + issued.principal.SessionName,
		RequestID:       call.RequestID,
	}
}
