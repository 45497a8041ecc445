package cloud

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"time"
	"unicode/utf8"
)

// PutMember writes a member and gives the tokens that it has its role. A
// repetition finishes what was interrupted. NotFound, Invalid.
//
// Each token changes only while the member still has that role: of two changes
// at once, the one that wrote the member last has the last word on its tokens.
func (d *Directory) PutMember(ctx context.Context, p Principal, ifMatch func(version int) error) (Membership, error) {
	var bad problems
	if p.Role != Admin && p.Role != Member {
		bad.add("body.role", "Must be admin or member.")
	}
	if p.Email != "" && !validEmail(p.Email) {
		bad.add("body.email", "This is not an email address of at most %d ASCII characters, such as ops@example.com.", MaxEmail)
	}
	if utf8.RuneCountInString(p.Name) > MaxContactText || !printable(p.Name) {
		bad.add("body.real_name", "At most %d characters, none of them control characters.", MaxContactText)
	}
	if err := bad.err(); err != nil {
		return Membership{}, err
	}
	m, err := retryStale(func() (Membership, error) {
		before, err := d.Store.FindMember(ctx, p.OrganizationID, p.ID)
		if err != nil && CodeOf(err) != NotFound {
			return Membership{}, err
		}
		if err := ifMatch(before.Version); err != nil {
			return Membership{}, err
		}
		return d.Store.PutMember(ctx, Membership{Principal: p, Version: before.Version})
	})
	if err != nil {
		return Membership{}, err
	}
	return m, d.eachToken(ctx, p.OrganizationID, p.ID, func(t Token) error {
		if t.Principal.Role == p.Role {
			return nil
		}
		err := d.Store.SetTokenRole(ctx, t.Hash, p.Role)
		if CodeOf(err) == Stale {
			// Whoever changed the member since changes its tokens.
			return nil
		}
		return err
	})
}

// RemoveMember deletes a member and ends its tokens. The member goes first: a
// token that is made meanwhile is refused, or seen here. A repetition finishes
// what was interrupted, and answers NotFound.
func (d *Directory) RemoveMember(ctx context.Context, organizationID, id string, ifMatch func(version int) error) error {
	_, gone := retryStale(func() (Membership, error) {
		m, err := d.Store.FindMember(ctx, organizationID, id)
		if err == nil {
			err = ifMatch(m.Version)
		}
		if err == nil {
			err = d.Store.RemoveMember(ctx, m)
		}
		return m, err
	})
	if gone != nil && CodeOf(gone) != NotFound {
		return gone
	}
	err := d.eachToken(ctx, organizationID, id, func(t Token) error {
		return d.Store.RevokeToken(ctx, t.Hash, d.Now())
	})
	if err != nil {
		return err
	}
	return gone
}

// eachToken does f for every token of a member that is not revoked.
func (d *Directory) eachToken(ctx context.Context, organizationID, member string, f func(Token) error) error {
	tokens, err := d.Store.ListTokens(ctx, organizationID)
	if err != nil {
		return err
	}
	for _, t := range tokens {
		if t.Principal.ID != member || !t.RevokedAt.IsZero() {
			continue
		}
		if err := f(t); err != nil && CodeOf(err) != NotFound {
			return err
		}
	}
	return nil
}

// Lifetimes of tokens.
const (
	DefaultTokenLife = 90 * 24 * time.Hour
	MaxTokenLife     = 365 * 24 * time.Hour
)

// NewSecret makes a token's secret, 256 random bits, and what is kept of it.
func NewSecret() (secret, hash string) {
	var random [32]byte
	// It never fails: without randomness the program ends.
	_, _ = rand.Read(random[:])
	secret = "byoc_" + base64.RawURLEncoding.EncodeToString(random[:])
	return secret, HashSecret(secret)
}

// HashSecret is what is kept of a token's secret: its SHA-256, in hex. A secret
// is random, so that no salt and no slow hash is needed.
func HashSecret(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// TokenID names a token in lists and logs; nobody can make the token from it.
func TokenID(hash string) string {
	const length = 16
	return hash[:min(length, len(hash))]
}

// CreateToken makes a token for a member. The secret is not kept: it is shown
// once. NotFound, Invalid, Conflict.
func (d *Directory) CreateToken(ctx context.Context, organizationID, member, description string, expires time.Time, kept ...Kept) (t Token, secret string, err error) {
	now := d.Now().UTC()
	if expires.IsZero() {
		expires = now.Add(DefaultTokenLife)
	}
	var bad problems
	if !expires.After(now) || expires.After(now.Add(MaxTokenLife)) {
		bad.add("body.expires_at", "Must be a time in the future, at most %d days from now.", int(MaxTokenLife.Hours()/24))
	}
	if utf8.RuneCountInString(description) > MaxContactText || !printable(description) {
		bad.add("body.description", "At most %d characters, none of them control characters.", MaxContactText)
	}
	if err := bad.err(); err != nil {
		return Token{}, "", err
	}
	m, err := d.Store.FindMember(ctx, organizationID, member)
	if CodeOf(err) == NotFound {
		bad.add("body.member_id", "The organization has no member with this id.")
		err = bad.err()
	}
	if err != nil {
		return Token{}, "", err
	}
	secret, hash := NewSecret()
	t = Token{Hash: hash, Principal: m.Principal, Description: description, CreatedAt: now, ExpiresAt: expires.UTC()}
	return t, secret, d.Store.CreateToken(ctx, t, kept...)
}

// RevokeToken ends a token of an organization's member, wherever it is known,
// within a minute. Repeating it is harmless. NotFound.
func (d *Directory) RevokeToken(ctx context.Context, organizationID, id string, ifMatch func(version int) error) (Token, error) {
	tokens, err := d.Store.ListTokens(ctx, organizationID)
	if err != nil {
		return Token{}, err
	}
	for _, t := range tokens {
		if TokenID(t.Hash) != id {
			continue
		}
		if err := ifMatch(t.Version()); err != nil {
			return t, err
		}
		if t.RevokedAt.IsZero() {
			t.RevokedAt = d.Now().UTC()
			err = d.Store.RevokeToken(ctx, t.Hash, t.RevokedAt)
		}
		return t, err
	}
	return Token{}, Errorf(NotFound, "There is no such token.")
}
