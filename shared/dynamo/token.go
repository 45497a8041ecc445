package dynamo

import (
	"context"
	"errors"
	"time"

	"byoc/shared/cloud"
)

type tokenItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	PrincipalID    string `dynamodbav:"principal_id"`
	Role           string `dynamodbav:"role"`
	OrganizationID string `dynamodbav:"organization_id,omitempty"`
	Email          string `dynamodbav:"email,omitempty"`
	Name           string `dynamodbav:"name,omitempty"`
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
	notFound := cloud.Errorf(cloud.NotFound, "There is no such token.")
	var i tokenItem
	found, err := t.get(ctx, tokenKey(hash), false, &i)
	if err != nil {
		return cloud.Token{}, err
	}
	until := parseTime(i.ValidUntil)
	if !found || i.RevokedAt != "" || (!until.IsZero() && !t.Now().Before(until)) {
		return cloud.Token{}, notFound
	}
	return cloud.Token{
		Hash: hash,
		Principal: cloud.Principal{
			ID: i.PrincipalID, Role: cloud.Role(i.Role), OrganizationID: i.OrganizationID,
			Email: i.Email, Name: i.Name,
		},
		ExpiresAt: until,
	}, nil
}

// CreateToken writes a new token. AlreadyExists.
func (t *Table) CreateToken(ctx context.Context, token cloud.Token) error {
	k, p := tokenKey(token.Hash), token.Principal
	item := tokenItem{
		PK: k.pk, SK: k.sk, Entity: "token",
		PrincipalID: p.ID, Role: string(p.Role), OrganizationID: p.OrganizationID, Email: p.Email, Name: p.Name,
		ValidUntil: formatTime(token.ExpiresAt), RevokedAt: formatTime(token.RevokedAt),
	}
	if !token.ExpiresAt.IsZero() {
		item.ExpiresAt = token.ExpiresAt.Unix()
	}
	err := t.put(ctx, item, newExpression().absent())
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return cloud.Errorf(cloud.AlreadyExists, "This token already exists.")
	}
	return err
}

// RevokeToken ends a token from at on. Repeating it is harmless. NotFound.
func (t *Table) RevokeToken(ctx context.Context, hash string, at time.Time) error {
	_, err := t.update(ctx, tokenKey(hash), newExpression().exists().setOnce(formatTime(at), "revoked_at"))
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return cloud.Errorf(cloud.NotFound, "There is no such token.")
	}
	return err
}
