package dynamo_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

func TestAPageEndsAtItsLimitWithAnExactCursor(t *testing.T) {
	w := newWorld(t)
	var all []cloud.Cloud
	for i := range 5 {
		all = append(all, w.draft(fmt.Sprint("cloud ", i)))
	}
	w.creating("under way")
	w.to(w.to(w.creating("deleted"), cloud.Deleting), cloud.Deleted)

	for limit := 1; limit <= 7; limit++ {
		var got []cloud.Cloud
		pages, cursor := 0, ""
		for {
			w.db.Calls()
			rows, next, err := w.List(ctx(t), org, cloud.Page{Limit: limit, Cursor: cursor})
			w.ok(err)
			w.calls("Query")
			got = append(got, rows...)
			pages++
			if cursor = next; next == "" {
				break
			}
			if want := w.Cursor(rows[len(rows)-1]); next != want {
				t.Errorf("limit %d: next %q, but the last row's cursor is %q", limit, next, want)
			}
		}
		if want := (6 + limit - 1) / limit; pages != want {
			t.Errorf("limit %d: %d pages, want %d", limit, pages, want)
		}
		if len(got) != 6 {
			t.Fatalf("limit %d: %d rows, want 6", limit, len(got))
		}
		if diff := cmp.Diff(all, got[:5]); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
	}
}

func TestFiltersAndPagesGoTogether(t *testing.T) {
	w := newWorld(t)
	for i := range 6 {
		c := newDraft(fmt.Sprint("Cloud ", i))
		if i%2 == 1 {
			c.Region = "eu-north-1"
		}
		w.ok(w.Create(ctx(t), c, event(c, "")))
	}
	w.creating("one")
	for name, test := range map[string]struct {
		page  cloud.Page
		want  string
		pages int
	}{
		"region":        {cloud.Page{Limit: 2, Region: "eu-north-1"}, "Cloud 1,Cloud 3,Cloud 5", 2},
		"region, exact": {cloud.Page{Limit: 3, Region: "eu-north-1"}, "Cloud 1,Cloud 3,Cloud 5", 1},
		"state":         {cloud.Page{Limit: 9, State: cloud.Creating}, "one", 1},
		"name":          {cloud.Page{Limit: 9, DisplayName: "cLOUD 2"}, "Cloud 2", 1},
		"both":          {cloud.Page{Limit: 9, Region: "eu-north-1", State: cloud.Creating}, "", 1},
	} {
		var got []string
		pages := 0
		for {
			rows, next, err := w.List(ctx(t), org, test.page)
			w.ok(err)
			for _, c := range rows {
				got = append(got, c.DisplayName)
			}
			pages++
			if test.page.Cursor = next; next == "" {
				break
			}
		}
		if s := strings.Join(got, ","); s != test.want || pages != test.pages {
			t.Errorf("%s: got %s on %d pages", name, s, pages)
		}
	}
}

func TestACursorOpensNothingElse(t *testing.T) {
	w := newWorld(t)
	w.organization("org-b")
	mine := w.draft("mine")
	theirs := newDraft("theirs")
	theirs.OrganizationID = "org-b"
	w.ok(w.Create(ctx(t), theirs, event(theirs, "")))

	// Another organization's cursor is a place in one's own list.
	rows, _, err := w.List(ctx(t), org, cloud.Page{Limit: 9, Cursor: w.Cursor(theirs)})
	w.ok(err)
	for _, c := range rows {
		if c.OrganizationID != org {
			t.Error("listed a cloud of", c.OrganizationID)
		}
	}
	encode := base64.RawURLEncoding.EncodeToString
	for _, cursor := range []string{
		"%%%", "x", w.Cursor(mine) + "=", encode([]byte("CLOUD#")), encode([]byte("DELETED#1")), encode([]byte("ORGANIZATION")),
		encode([]byte("CLOUD#\xff")), encode([]byte("CLOUD#" + strings.Repeat("x", 1025))),
	} {
		_, _, err := w.List(ctx(t), org, cloud.Page{Limit: 9, Cursor: cursor})
		w.code(err, cloud.Invalid)
		if f := cloud.FieldsOf(err); len(f) != 1 || f[0].Location != "query.cursor" {
			t.Errorf("%q: fields %v", cursor, f)
		}
	}
	if _, _, err := w.List(ctx(t), strings.Repeat("x", 5000), cloud.Page{Limit: 9}); err != nil {
		t.Error("an organization that cannot exist has no clouds:", err)
	}
}

// bulk writes n copies of a cloud, each of size bytes and some, past the use cases.
func (w *world) bulk(n, size int) {
	w.t.Helper()
	c := w.draft("original")
	out, err := w.db.Client.GetItem(ctx(w.t), &dynamodb.GetItemInput{TableName: &w.db.Table, Key: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "ORG#" + org}, "sk": &types.AttributeValueMemberS{Value: "CLOUD#" + c.ID},
	}})
	w.ok(err)
	var requests []types.WriteRequest
	for i := range n {
		item := map[string]types.AttributeValue{}
		for k, v := range out.Item {
			item[k] = v
		}
		item["id"] = &types.AttributeValueMemberS{Value: fmt.Sprintf("copy-%04d", i)}
		item["sk"] = &types.AttributeValueMemberS{Value: fmt.Sprintf("CLOUD#copy-%04d", i)}
		item["deployment_model"] = &types.AttributeValueMemberS{Value: strings.Repeat("x", size)}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		if len(requests) == 25 || i == n-1 {
			_, err := w.db.Client.BatchWriteItem(ctx(w.t), &dynamodb.BatchWriteItemInput{
				RequestItems: map[string][]types.WriteRequest{w.db.Table: requests},
			})
			w.ok(err)
			requests = nil
		}
	}
	w.db.Calls()
}

func TestAListIsOneQueryPerMegabyte(t *testing.T) {
	w := newWorld(t)
	w.bulk(99, 25_000) // 2.5 MB
	rows, next, err := w.List(ctx(t), org, cloud.Page{Limit: 1000})
	w.ok(err)
	w.calls("Query Query Query")
	if len(rows) != 100 || next != "" {
		t.Errorf("%d rows, next %q", len(rows), next)
	}
}

// limits keeps what queries ask for at most.
type limits struct {
	dynamo.API
	asked []int32
}

func (l *limits) Query(ctx context.Context, in *dynamodb.QueryInput, o ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	l.asked = append(l.asked, aws.ToInt32(in.Limit))
	return l.API.Query(ctx, in, o...)
}

func TestAListReadsNoMoreThanItShows(t *testing.T) {
	w := newWorld(t)
	api := &limits{API: w.db.Client}
	_, _, err := dynamo.New(api, w.db.Table).List(ctx(t), org, cloud.Page{Limit: 10})
	w.ok(err)
	if want := []int32{11}; !slices.Equal(api.asked, want) {
		t.Errorf("asked for %v rows, want %v: the page, and one to know whether another follows", api.asked, want)
	}
}

func TestAPageEndsBeforeFourMegabytes(t *testing.T) {
	w := newWorld(t)
	w.bulk(49, 100_000) // 4.9 MB
	rows, next, err := w.List(ctx(t), org, cloud.Page{Limit: 1000})
	w.ok(err)
	if n := len(rows); n < 40 || n > 42 || next == "" {
		t.Fatalf("%d rows, next %q", n, next)
	}
	rest, next, err := w.List(ctx(t), org, cloud.Page{Limit: 1000, Cursor: next})
	w.ok(err)
	if len(rows)+len(rest) != 50 || next != "" {
		t.Errorf("%d and %d rows, next %q", len(rows), len(rest), next)
	}
}
