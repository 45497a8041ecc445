package httpapi

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

func TestBothSchemesAreTaken(t *testing.T) {
	a := newAPI(t)
	for value, want := range map[string]int{
		"aivenv1 " + admin: 200, "Bearer " + admin: 200, "bearer " + admin: 200, "AIVENV1  " + admin: 200,
		"Basic " + admin: 401, admin: 401, "": 401, "Bearer": 401, "Bearer ": 401, "Bearer " + admin[:5]: 401, "Bearer " + admin + "x": 401, "Bearer " + hashOf(admin): 401,
	} {
		r := a.as("", "GET", acmes, "", header("Authorization", value)).wants(want)
		if want == 401 && r.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%q: no WWW-Authenticate", value)
		}
	}
}

func TestATokenEndsWhenItExpires(t *testing.T) {
	a := newAPI(t)
	token := a.tokens[hashOf(admin)]
	token.ExpiresAt = a.now.Add(10 * time.Second)
	a.tokens[token.Hash] = token
	a.as(admin, "GET", acmes, "").wants(200)
	a.now = a.now.Add(10 * time.Second)
	a.as(admin, "GET", acmes, "").wants(401)
}

func TestARevokedTokenEndsWithinThirtySeconds(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "GET", acmes, "").wants(200)
	token := a.tokens[hashOf(admin)]
	token.RevokedAt = a.now
	a.tokens[token.Hash] = token
	a.now = a.now.Add(30 * time.Second)
	a.as(admin, "GET", acmes, "").wants(401)
}

func TestANewTokenIsKnownWithinThirtySeconds(t *testing.T) {
	a := newAPI(t)
	a.as("new", "GET", acmes, "").wants(401)
	a.tokens[hashOf("new")] = cloud.Token{Hash: hashOf("new"), Principal: cloud.Principal{ID: "n", Role: cloud.Member, OrganizationID: "acme"}}
	a.now = a.now.Add(30 * time.Second)
	a.as("new", "GET", acmes, "").wants(200)
}

func TestAThrottledTableIsNoBadToken(t *testing.T) {
	a := newAPI(t)
	a.fail = cloud.Errorf(cloud.Unavailable, "Try again in a few seconds.")
	a.as(admin, "GET", acmes, "").wants(503)
	a.fail = nil
	a.as(admin, "GET", acmes, "").wants(200)
}

func TestGuessingTokensDoesNotGrowMemoryOrPushOutGoodOnes(t *testing.T) {
	a := newAPI(t)
	a.as(admin, "GET", acmes, "").wants(200)
	tokens := a.server.Authenticators[0].(*Tokens)
	for i := range 10000 {
		_, _, _ = tokens.Authenticate(context.Background(), fmt.Sprint("guess", i))
	}
	if n := len(tokens.unknown.entries); n > 4096 {
		t.Errorf("%d guesses are remembered", n)
	}
	a.calls = nil
	a.as(admin, "GET", acmes, "").wants(200)
	if strings.Contains(strings.Join(a.calls, " "), "FindToken") {
		t.Error("a good token was pushed out")
	}
}

func TestAuthenticatorsAreAskedInOrder(t *testing.T) {
	a := newAPI(t)
	a.server.Authenticators = append([]Authenticator{prefix("jwt.")}, a.server.Authenticators...)
	a.as("jwt.good", "GET", acmes, "").wants(200)
	a.as("jwt.bad", "GET", acmes, "").wants(401)
	a.as(admin, "GET", acmes, "").wants(200)
}

// prefix knows credentials that begin with it.
type prefix string

func (p prefix) Authenticate(_ context.Context, credential string) (cloud.Principal, bool, error) {
	rest, known := strings.CutPrefix(credential, string(p))
	if known && rest != "good" {
		return cloud.Principal{}, true, badCredential()
	}
	return cloud.Principal{ID: "j", Role: cloud.Member, OrganizationID: "acme"}, known, nil
}
