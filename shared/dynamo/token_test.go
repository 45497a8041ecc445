package dynamo_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
)

func TestATokenIsFoundUntilItExpiresOrIsRevoked(t *testing.T) {
	w := newWorld(t)
	token := cloud.Token{
		Hash:      "0f1e2d",
		Principal: cloud.Principal{ID: "user-1", Role: cloud.Admin, OrganizationID: org, Email: "a@example.com", Name: "A"},
		ExpiresAt: now.Add(time.Hour),
	}
	w.code(w.CreateToken(ctx(t), token), cloud.Conflict)
	w.putMember(token.Principal)
	w.db.Calls()
	w.ok(w.CreateToken(ctx(t), token))
	w.calls("TransactWriteItems")
	w.code(w.CreateToken(ctx(t), token), cloud.AlreadyExists)
	w.db.Calls()
	got, err := w.FindToken(ctx(t), token.Hash)
	w.ok(err)
	w.calls("GetItem")
	if diff := cmp.Diff(token, got); diff != "" {
		t.Error(diff)
	}
	at := now
	w.Now = func() time.Time { return at }
	at = now.Add(time.Hour - time.Nanosecond)
	_, err = w.FindToken(ctx(t), token.Hash)
	w.ok(err)
	at = now.Add(time.Hour)
	_, err = w.FindToken(ctx(t), token.Hash)
	w.code(err, cloud.NotFound)

	at = now
	w.ok(w.RevokeToken(ctx(t), token.Hash, now))
	w.ok(w.RevokeToken(ctx(t), token.Hash, now))
	_, err = w.FindToken(ctx(t), token.Hash)
	w.code(err, cloud.NotFound)
}

func TestAnOrganizationsTokensAreListedAndFollowTheirMember(t *testing.T) {
	w := newWorld(t)
	member := cloud.Principal{ID: "user-1", Role: cloud.Admin, OrganizationID: org}
	w.putMember(member)
	token := cloud.Token{Hash: cloud.HashSecret("s"), Principal: member, Description: "CI", CreatedAt: now}
	w.ok(w.CreateToken(ctx(t), token))
	w.code(w.SetTokenRole(ctx(t), token.Hash, cloud.Member), cloud.Stale)
	member.Role = cloud.Member
	w.putMember(member)
	w.ok(w.SetTokenRole(ctx(t), token.Hash, cloud.Member))
	w.ok(w.RevokeToken(ctx(t), token.Hash, now))
	token.Principal.Role, token.RevokedAt = cloud.Member, now
	list, err := w.ListTokens(ctx(t), org)
	w.ok(err)
	if diff := cmp.Diff([]cloud.Token{token}, list); diff != "" {
		t.Error(diff)
	}
	w.code(w.SetTokenRole(ctx(t), "nothing", cloud.Admin), cloud.NotFound)
}

func TestATokenWithoutExpiryStays(t *testing.T) {
	w := newWorld(t)
	w.ok(w.CreateToken(ctx(t), cloud.Token{Hash: "h", Principal: cloud.Principal{ID: "op", Role: cloud.Operator}}))
	w.Now = func() time.Time { return now.AddDate(50, 0, 0) }
	_, err := w.FindToken(ctx(t), "h")
	w.ok(err)
}

func TestAnUnknownTokenIsNotFound(t *testing.T) {
	w := newWorld(t)
	_, err := w.FindToken(ctx(t), "nope")
	w.code(err, cloud.NotFound)
	w.code(w.RevokeToken(ctx(t), "nope", now), cloud.NotFound)
	_, err = w.FindToken(ctx(t), "nope")
	w.code(err, cloud.NotFound)
}

// putMember writes a member over whatever there is.
func (w *world) putMember(p cloud.Principal) cloud.Membership {
	w.t.Helper()
	before, _ := w.FindMember(ctx(w.t), p.OrganizationID, p.ID)
	m, err := w.PutMember(ctx(w.t), cloud.Membership{Principal: p, Version: before.Version})
	w.ok(err)
	return m
}
