package local

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"byoc/infra/local/awscall"
)

const (
	// issuedPrefix marks the access keys that this server handed out, so
	// that one of a former run is not taken for a developer's own.
	issuedPrefix = "ASIALOCAL"
	// interpreterKey is what moto's state machine interpreter signs with.
	interpreterKey = "ak"
	statesService  = "states.amazonaws.com"
)

// session is a set of temporary credentials.
type session struct {
	accessKeyID, secret, token string
	principal                  awscall.Principal
	expires                    time.Time
}

// credentialStore knows who is behind an access key.
type credentialStore struct {
	defaultAccount string
	// stateMachineRole finds the role a state machine makes a call with;
	// empty where that cannot be told.
	stateMachineRole func(*awscall.Call) string

	mu       sync.Mutex
	sessions map[string]session
}

func newCredentialStore(defaultAccount string) *credentialStore {
	return &credentialStore{defaultAccount: defaultAccount, sessions: map[string]session{}}
}

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// identify fills in who makes the call, or answers why the credentials are
// not accepted.
func (s *credentialStore) identify(call *awscall.Call) *awscall.Response {
	key := call.Caller.AccessKeyID
	s.mu.Lock()
	known, ok := s.sessions[key]
	s.mu.Unlock()
	switch {
	case ok:
		call.Caller = known.principal
		if time.Now().After(known.expires) {
			return expired(call)
		}
	case strings.HasPrefix(key, issuedPrefix):
		return unknownKey(call)
	case key == interpreterKey:
		call.Caller = awscall.Principal{
			AccessKeyID: key, Account: s.defaultAccount, Service: statesService, ARN: statesService,
		}
		if role := s.stateMachineRole(call); role != "" {
			call.Caller.RoleARN = role
			call.Caller.SessionName = "states"
			call.Caller.ARN = sessionARN(role, "states")
		}
	case accountID.MatchString(key):
		call.Caller = rootOf(key, key)
	default:
		call.Caller = rootOf(key, s.defaultAccount)
	}
	return nil
}

func rootOf(key, account string) awscall.Principal {
	return awscall.Principal{AccessKeyID: key, Account: account, ARN: rootARN(account)}
}

func rootARN(account string) string { return "arn:aws:iam::" + account + ":root" }

func expired(call *awscall.Call) *awscall.Response {
	const message = "The security token included in the request is expired"
	switch {
	case call.Service == "ec2":
		return awscall.ErrorResponse(call, http.StatusBadRequest, "RequestExpired", "Request has expired.")
	case call.Query != nil, call.Service == "s3":
		return awscall.ErrorResponse(call, http.StatusForbidden, "ExpiredToken", message)
	default:
		return awscall.ErrorResponse(call, http.StatusBadRequest, "ExpiredTokenException", message)
	}
}

func unknownKey(call *awscall.Call) *awscall.Response {
	const message = "The security token included in the request is invalid."
	switch {
	case call.Service == "ec2":
		return awscall.ErrorResponse(call, http.StatusUnauthorized, "AuthFailure", message)
	case call.Query != nil:
		return awscall.ErrorResponse(call, http.StatusForbidden, "InvalidClientTokenId", message)
	default:
		return awscall.ErrorResponse(call, http.StatusForbidden, "UnrecognizedClientException", message)
	}
}

// issue hands out credentials for a role session.
func (s *credentialStore) issue(roleARN, sessionName string, duration time.Duration) session {
	issued := session{
		accessKeyID: issuedPrefix + strings.ToUpper(randomHex(5)),
		secret:      randomText(30),
		token:       randomText(96),
		expires:     time.Now().Add(duration),
	}
	issued.principal = awscall.Principal{
		AccessKeyID: issued.accessKeyID,
		Account:     accountOf(roleARN),
		ARN:         sessionARN(roleARN, sessionName),
		RoleARN:     roleARN,
		SessionName: sessionName,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions[issued.accessKeyID] = issued
	return issued
}

// sessionARN names a session of a role; unlike the role's own ARN it leaves
// the role's path out.
func sessionARN(roleARN, sessionName string) string {
	return "arn:aws:sts::" + accountOf(roleARN) + ":assumed-role/" + roleName(roleARN) + "/" + sessionName
}

func accountOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

func regionOf(arn string) string {
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 {
		return parts[3]
	}
	return ""
}

func roleName(roleARN string) string {
	return roleARN[strings.LastIndexByte(roleARN, '/')+1:]
}

func randomHex(bytes int) string {
	return hex.EncodeToString(randomBytes(bytes))
}

func randomText(bytes int) string {
	return base64.StdEncoding.EncodeToString(randomBytes(bytes))
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
