package httpapi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"byoc/shared/cloud"
)

// Authenticator tells whose credential it is.
type Authenticator interface {
	// Authenticate answers known = false for a credential that is not of its
	// kind, so that another one may know it. Unauthenticated where it is of its
	// kind and not valid, Unavailable where that cannot be found out now.
	Authenticate(ctx context.Context, credential string) (p cloud.Principal, known bool, err error)
}

// maxCredential is the longest credential that is looked at, in bytes.
const maxCredential = 8 << 10

func badCredential() error {
	return cloud.Errorf(cloud.Unauthenticated, "The token is not valid: it is unknown, expired or revoked.")
}

// authenticate takes "aivenv1 <token>", as the compatible clients send it, and
// "Bearer <token>".
func (s *server) authenticate(r *http.Request) (cloud.Principal, error) {
	scheme, credential, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	credential = strings.TrimSpace(credential)
	if !strings.EqualFold(scheme, "aivenv1") && !strings.EqualFold(scheme, "Bearer") || credential == "" {
		return cloud.Principal{}, cloud.Errorf(cloud.Unauthenticated, "Send an API token in the header Authorization: Bearer <token>.")
	}
	if len(credential) > maxCredential {
		return cloud.Principal{}, badCredential()
	}
	for _, a := range s.Authenticators {
		if p, known, err := a.Authenticate(r.Context(), credential); known || err != nil {
			return p, err
		}
	}
	return cloud.Principal{}, badCredential()
}

// TokenFinder finds opaque tokens.
type TokenFinder interface {
	// FindToken by the hex SHA-256 of its secret. NotFound.
	FindToken(ctx context.Context, hash string) (cloud.Token, error)
}

// Tokens authenticates by opaque tokens, of which the table keeps hashes only.
// What it finds, or does not find, it remembers for Freshness; expiry is checked
// every time. Every credential is of its kind: it comes last in the list.
type Tokens struct {
	find  TokenFinder
	now   func() time.Time
	known *cache[cloud.Token]
	// unknown is apart, so that guessing tokens does not push out good ones.
	unknown *cache[struct{}]
}

var _ Authenticator = (*Tokens)(nil)

// NewTokens remembers at most some thousand tokens.
func NewTokens(find TokenFinder, now func() time.Time) *Tokens {
	const max = 4096
	return &Tokens{
		find: find, now: now,
		known: newCache[cloud.Token](max, Freshness), unknown: newCache[struct{}](max, Freshness),
	}
}

// Authenticate answers the principal of a token that is neither expired nor revoked.
func (t *Tokens) Authenticate(ctx context.Context, credential string) (cloud.Principal, bool, error) {
	sum := sha256.Sum256([]byte(credential))
	hash := hex.EncodeToString(sum[:])
	now := t.now()
	if _, ok := t.unknown.get(hash, now); ok {
		return cloud.Principal{}, true, badCredential()
	}
	token, ok := t.known.get(hash, now)
	if !ok {
		var err error
		token, err = t.find.FindToken(ctx, hash)
		if cloud.CodeOf(err) == cloud.NotFound {
			t.unknown.put(hash, struct{}{}, now)
			return cloud.Principal{}, true, badCredential()
		}
		if err != nil {
			return cloud.Principal{}, true, err
		}
		t.known.put(hash, token, now)
	}
	expired := !token.ExpiresAt.IsZero() && !now.Before(token.ExpiresAt)
	revoked := !token.RevokedAt.IsZero() && !now.Before(token.RevokedAt)
	if expired || revoked {
		return cloud.Principal{}, true, badCredential()
	}
	return token.Principal, true, nil
}
