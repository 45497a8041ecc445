package dynamo_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

func calls(from time.Time, n int) []dynamo.Call {
	list := make([]dynamo.Call, n)
	for i := range list {
		list[i] = dynamo.Call{
			Seq: i + 1, At: from.Add(time.Duration(i) * time.Millisecond), Duration: 20 * time.Millisecond,
			Service: "ec2", Action: "CreateSubnet", Resources: []string{fmt.Sprint("subnet-", i)}, Result: "ok",
			RequestID: "request-1", Account: "123456789012", Region: "eu-west-1",
			Caller: "arn:aws:sts::123456789012:assumed-role/cce-1-iam-role/1-provision-1", DryRun: i == 0,
		}
	}
	return list
}

func TestHistoryIsNewestFirst(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	made := calls(now.Add(2500*time.Millisecond), 25)
	w.db.Calls()
	w.ok(w.AppendCalls(ctx(t), c.Ref(), made))
	w.calls("PutItem")
	w.ok(w.AppendCalls(ctx(t), c.Ref(), made)) // the same batch again
	w.to(w.find(c.ID), cloud.CreationFailed)
	w.draft("another") // has a history of its own

	w.db.Calls()
	entries, next, err := w.History(ctx(t), org, c.ID, 10, "")
	w.ok(err)
	w.calls("Query")
	var got []string
	for _, e := range entries {
		if e.Event != nil {
			got = append(got, string(e.Event.To))
			continue
		}
		got = append(got, "calls")
		if diff := cmp.Diff(made, e.Calls); diff != "" || e.Attempt != c.Attempt {
			t.Errorf("attempt %d: %s", e.Attempt, diff)
		}
	}
	if s := strings.Join(got, " "); s != "creation_failed calls creating validating draft" || next != "" {
		t.Errorf("got %s, next %q", s, next)
	}

	var pages []dynamo.Entry
	cursor := ""
	for n := 1; ; n++ {
		page, next, err := w.History(ctx(t), org, c.ID, 2, cursor)
		w.ok(err)
		pages = append(pages, page...)
		if cursor = next; next == "" {
			if n != 3 {
				t.Errorf("%d pages of two, want 3", n)
			}
			break
		}
	}
	if diff := cmp.Diff(entries, pages); diff != "" {
		t.Error(diff)
	}
}

func TestManyCallsAreSeveralItems(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	w.db.Calls()
	w.ok(w.AppendCalls(ctx(t), c.Ref(), calls(now, 250)))
	w.calls("PutItem PutItem PutItem")
	w.ok(w.AppendCalls(ctx(t), c.Ref(), nil))
	w.calls("")
	entries, _, err := w.History(ctx(t), org, c.ID, 10, "")
	w.ok(err)
	n := 0
	for _, e := range entries {
		n += len(e.Calls)
	}
	if n != 250 {
		t.Errorf("%d calls on record, want 250", n)
	}
}

func TestHistoryRefusesACursorThatIsNone(t *testing.T) {
	w := newWorld(t)
	_, _, err := w.History(ctx(t), org, "x", 10, "%%%")
	w.code(err, cloud.Invalid)
}

// A cursor is a place in the history that the path names, whosever it was.
func TestACursorOfAnotherHistoryOpensNothing(t *testing.T) {
	w := newWorld(t)
	mine, other := w.creating("mine"), w.creating("other")
	w.ok(w.AppendCalls(ctx(t), other.Ref(), calls(now.Add(time.Hour), 3)))
	_, cursor, err := w.History(ctx(t), org, other.ID, 1, "")
	w.ok(err)
	if cursor == "" {
		t.Fatal("no cursor: the test shows nothing")
	}
	entries, _, err := w.History(ctx(t), org, mine.ID, 100, cursor)
	w.ok(err)
	for _, e := range entries {
		if e.Event == nil || e.Event.CloudID != mine.ID {
			t.Errorf("of another history: %+v", e)
		}
	}
	if len(entries) == 0 {
		t.Error("none of one's own entries, which are all older")
	}
}

// Whatever limit is asked for: what a client gets stays far below what a Lambda
// function can answer, and is read at once.
func TestAPageOfAHistoryEndsBeforeItGrowsTooLarge(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	const items = 15
	for i := range items {
		long := calls(now.Add(time.Duration(i)*time.Hour), 1)
		long[0].Resources = []string{strings.Repeat("x", 100_000)}
		w.ok(w.AppendCalls(ctx(t), c.Ref(), long))
	}
	seen, pages := 0, 0
	for cursor := ""; ; pages++ {
		list, next, err := w.History(ctx(t), org, c.ID, 1000, cursor)
		w.ok(err)
		text, err := json.Marshal(list)
		w.ok(err)
		if len(text) > 1_300_000 {
			t.Errorf("%d bytes on a page", len(text))
		}
		seen += len(list)
		if cursor = next; cursor == "" {
			break
		}
	}
	if seen != items+1 || pages == 0 {
		t.Errorf("%d entries on one page and %d", seen, pages)
	}
}

// A busy cloud is looked at every hour: its year is long, and a page of it costs
// what the first page of a new cloud's costs.
func TestAPageCostsTheSameHoweverLongTheHistory(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	const entries, page = 400, 20
	for i := range entries {
		w.ok(w.AppendCalls(ctx(t), c.Ref(), calls(now.Add(time.Duration(i)*time.Hour), 1)))
	}
	seen := 0
	for cursor := ""; ; {
		w.db.Calls()
		list, next, err := w.History(ctx(t), org, c.ID, page, cursor)
		w.ok(err)
		w.calls("Query")
		seen += len(list)
		if cursor = next; cursor == "" {
			break
		}
	}
	if seen != entries+1 { // and the draft's creation
		t.Errorf("%d entries", seen)
	}
}

// DynamoDB removes an entry when its year, and a month to notice that, are over.
func TestHistoryIsKeptForFourHundredDays(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	w.ok(w.AppendCalls(ctx(t), c.Ref(), calls(now, 1)))
	w.ok(w.Journal(c.Ref(), c.Fence()).Record(ctx(t), cloud.Step{Key: "vpc", State: cloud.StepReady, ResourceID: "vpc-1", StartedAt: now, EndedAt: now}))
	out, err := w.db.Client.Scan(ctx(t), &dynamodb.ScanInput{TableName: &w.db.Table})
	w.ok(err)
	checked := 0
	for _, item := range out.Items {
		pk, sk := item[dynamo.PartitionKey].(*types.AttributeValueMemberS), item[dynamo.SortKey].(*types.AttributeValueMemberS)
		if !strings.HasSuffix(pk.Value, "#CLOUD#"+c.ID) {
			continue
		}
		at, err := time.Parse(time.RFC3339Nano, sk.Value[:strings.IndexByte(sk.Value, '#')])
		w.ok(err)
		expires, ok := item[dynamo.TTLAttribute].(*types.AttributeValueMemberN)
		if !ok || expires.Value != fmt.Sprint(at.Add(400*24*time.Hour).Unix()) {
			t.Errorf("%s expires at %v", sk.Value, item[dynamo.TTLAttribute])
		}
		checked++
	}
	// Three changes of state, the calls, the step.
	if checked != 5 {
		t.Errorf("%d entries", checked)
	}
}
