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
	w.ok(w.CreateToken(ctx(t), token))
	w.calls("PutItem")
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
