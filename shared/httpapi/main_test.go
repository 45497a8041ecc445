package httpapi

import (
	"io"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/dynamo/dynamotest"
)

// onTable makes an API over a real table, with acme, its administrator and an
// operator. store wraps the table where a test looks at its writes.
func onTable(t *testing.T, store func(cloud.Store) cloud.Store) (*api, *dynamotest.Database, *dynamo.Table) {
	t.Helper()
	a, db := newAPI(t), dynamotest.New(t)
	real := dynamo.New(db.Client, db.Table)
	a.now = time.Now().UTC()
	a.server.Clouds.Store = store(real)
	a.server.Answers, a.server.Directory, a.server.Cursor = real, real, real.Cursor
	a.server.directory.Store = real
	a.server.Authenticators = []Authenticator{NewTokens(real, time.Now)}
	a.server.Clouds.Events, a.server.Clouds.Runs = &quiet{}, &quiet{}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	a.server.Log, a.server.Clouds.Log = log, log
	o := a.organizations["acme"]
	o.Version = 0
	if _, err := real.PutOrganization(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{admin, operator} {
		p := a.tokens[hashOf(token)].Principal
		if p.OrganizationID != "" {
			if _, err := real.PutMember(t.Context(), cloud.Membership{Principal: p}); err != nil {
				t.Fatal(err)
			}
		}
		if err := real.CreateToken(t.Context(), cloud.Token{Hash: hashOf(token), Principal: p}); err != nil {
			t.Fatal(err)
		}
	}
	return a, db, real
}

var _ http.Handler = (*server)(nil)
