package dynamo

import (
	"context"
	"time"

	"byoc/shared/cloud"
)

// tokenItem is a token where it is found by its hash, and, for a member of an
// organization, its twin where the organization's are listed.
type tokenItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	Hash           string `dynamodbav:"hash"`
	PrincipalID    string `dynamodbav:"principal_id"`
	Role           string `dynamodbav:"role"`
	OrganizationID string `dynamodbav:"organization_id,omitempty"`
	Email          string `dynamodbav:"email,omitempty"`
	Name           string `dynamodbav:"name,omitempty"`
	Description    string `dynamodbav:"description,omitempty"`
	CreatedAt      string `dynamodbav:"created_at,omitempty"`
	ValidUntil     string `dynamodbav:"valid_until,omitempty"`
	RevokedAt      string `dynamodbav:"revoked_at,omitempty"`
	ExpiresAt      int64  `dynamodbav:"expires_at,omitempty"`
}

// FindToken reads a token by its hash. NotFound where there is none, and where
// it has expired or is revoked: nobody has to think of that again.
//
// The read is eventually consistent, at half the price of the only read that
// authentication needs: answers are cached for up to 30 seconds anyway, a
// replica lags by less than a second, and a revocation has 60.
func (t *Table) FindToken(ctx context.Context, hash string) (cloud.Token, error) {
	var i tokenItem
	found, err := t.get(ctx, tokenKey(hash), false, &i)
	if err != nil {
		return cloud.Token{}, err
	}
	token := i.token()
	if !found || !token.RevokedAt.IsZero() || (!token.ExpiresAt.IsZero() && !t.Now().Before(token.ExpiresAt)) {
		return cloud.Token{}, noToken()
	}
	return token, nil
}

func noToken() error { return cloud.Errorf(cloud.NotFound, "There is no such token.") }

func (i tokenItem) token() cloud.Token {
	return cloud.Token{
		Hash: i.Hash, Description: i.Description,
		Principal: cloud.Principal{
			ID: i.PrincipalID, Role: cloud.Role(i.Role), OrganizationID: i.OrganizationID,
			Email: i.Email, Name: i.Name,
		},
		CreatedAt: parseTime(i.CreatedAt), ExpiresAt: parseTime(i.ValidUntil), RevokedAt: parseTime(i.RevokedAt),
	}
}

// ListTokens reads the tokens of an organization's members.
func (t *Table) ListTokens(ctx context.Context, organizationID string) ([]cloud.Token, error) {
	return listAll(ctx, t, organizationID, tokenPrefix, tokenItem.token)
}

// CreateToken writes a new token; one of an organization only while its
// principal is a member in the same role. Conflict where not, AlreadyExists,
// *cloud.Repeated before both.
func (t *Table) CreateToken(ctx context.Context, token cloud.Token, kept ...cloud.Kept) error {
	k, p := tokenKey(token.Hash), token.Principal
	item := tokenItem{
		PK: k.pk, SK: k.sk, Entity: "token", Hash: token.Hash,
		PrincipalID: p.ID, Role: string(p.Role), OrganizationID: p.OrganizationID, Email: p.Email, Name: p.Name,
		Description: token.Description, CreatedAt: formatTime(token.CreatedAt),
		ValidUntil: formatTime(token.ExpiresAt), RevokedAt: formatTime(token.RevokedAt),
	}
	if !token.ExpiresAt.IsZero() {
		item.ExpiresAt = token.ExpiresAt.Unix()
	}
	x := t.transaction()
	x.keep(kept)
	x.put(item, newExpression().absent(), refuse(cloud.Errorf(cloud.AlreadyExists, "This token already exists.")))
	if p.OrganizationID != "" {
		x.check(memberKey(p.OrganizationID, p.ID), newExpression().equal("role", string(p.Role)),
			refuse(cloud.Errorf(cloud.Conflict, "The member was changed at the same time. Try again.")))
		twin := item
		k = ownTokenKey(p.OrganizationID, cloud.TokenID(token.Hash))
		twin.PK, twin.SK = k.pk, k.sk
		x.put(twin, newExpression().absent(), nil)
	}
	return x.commit(ctx, "writing a token")
}

// RevokeToken ends a token from at on. Repeating it is harmless. NotFound.
func (t *Table) RevokeToken(ctx context.Context, hash string, at time.Time) error {
	return t.changeToken(ctx, hash, func(*transaction, tokenItem) {}, func(e *expression) { e.setOnce(formatTime(at), "revoked_at") })
}

// SetTokenRole changes what a token may do, on condition that its member has
// that role: who gave it another one meanwhile has the last word. Stale,
// NotFound.
func (t *Table) SetTokenRole(ctx context.Context, hash string, role cloud.Role) error {
	return t.changeToken(ctx, hash, func(x *transaction, i tokenItem) {
		x.check(memberKey(i.OrganizationID, i.PrincipalID), newExpression().equal("role", string(role)),
			refuse(cloud.Errorf(cloud.Stale, "The member was changed at the same time. Try again.")))
	}, func(e *expression) { e.set(string(role), "role") })
}

// changeToken changes a token and its twin, under the conditions that check adds.
func (t *Table) changeToken(ctx context.Context, hash string, check func(*transaction, tokenItem), change func(*expression)) error {
	var i tokenItem
	found, err := t.get(ctx, tokenKey(hash), true, &i)
	if err != nil {
		return err
	}
	if !found {
		return noToken()
	}
	x := t.transaction()
	check(x, i)
	keys := []key{tokenKey(hash)}
	if i.OrganizationID != "" {
		keys = append(keys, ownTokenKey(i.OrganizationID, cloud.TokenID(hash)))
	}
	for _, k := range keys {
		e := newExpression().exists()
		change(e)
		x.update(k, e, refuse(noToken()))
	}
	return x.commit(ctx, "changing a token")
}
