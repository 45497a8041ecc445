package dynamo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/watch"
)

// due over all shards at a time.
func (w *world) due(at time.Time) (clouds []cloud.Ref, events []cloud.Event) {
	w.t.Helper()
	for shard := range dynamo.Shards {
		list, err := w.Due(ctx(w.t), shard, at, 100)
		w.ok(err)
		for _, d := range list {
			if d.Cloud != nil {
				clouds = append(clouds, *d.Cloud)
			}
			if d.Event != nil {
				events = append(events, *d.Event)
			}
		}
	}
	w.db.Calls()
	return clouds, events
}

func TestAnEventIsDueUntilItIsPublished(t *testing.T) {
	w := newWorld(t)
	c := newDraft("one")
	e := event(c, "")
	w.ok(w.Create(ctx(t), c, e))
	if _, events := w.due(now.Add(dynamo.PublishGrace - time.Nanosecond)); len(events) != 0 {
		t.Error("whoever wrote it had no time to publish it")
	}
	_, events := w.due(now.Add(dynamo.PublishGrace))
	if diff := cmp.Diff([]cloud.Event{e}, events); diff != "" {
		t.Error(diff)
	}
	w.ok(w.MarkPublished(ctx(t), events[0]))
	w.calls("UpdateItem")
	w.ok(w.MarkPublished(ctx(t), e))
	if _, events := w.due(now.Add(time.Hour)); len(events) != 0 {
		t.Error("a published event is still due")
	}
	e.Version++
	w.code(w.MarkPublished(ctx(t), e), cloud.NotFound)
	if history, _, err := w.History(ctx(t), org, c.ID, 10, ""); err != nil || len(history) != 1 {
		t.Errorf("marking an event that is not there: %d in history, %v", len(history), err)
	}
}

func TestACloudIsDueWhileARunOughtToWorkOnIt(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one#of%23many")
	none := func(when string) {
		t.Helper()
		if clouds, _ := w.due(now.Add(24 * time.Hour)); len(clouds) != 0 {
			t.Errorf("%s: due: %v", when, clouds)
		}
	}
	none("draft")
	for _, s := range []cloud.State{cloud.Validating, cloud.Creating} {
		c = w.to(c, s)
		start := c.UpdatedAt.Add(dynamo.StartGrace)
		if clouds, _ := w.due(start.Add(-time.Nanosecond)); len(clouds) != 0 {
			t.Errorf("%s: due before a run could start", s)
		}
		if clouds, _ := w.due(start); len(clouds) != 1 || clouds[0] != c.Ref() {
			t.Errorf("%s: due: %v, want %v", s, clouds, c.Ref())
		}
	}
	later := now.Add(time.Hour)
	w.ok(w.Postpone(ctx(t), c.Ref(), c.Fence(), later))
	if clouds, _ := w.due(later.Add(-time.Nanosecond)); len(clouds) != 0 {
		t.Error("postponed in vain")
	}
	if clouds, _ := w.due(later); len(clouds) != 1 {
		t.Error("postponed for ever")
	}
	w.to(w.to(w.to(c, cloud.CreationFailed), cloud.Deleting), cloud.Deleted)
	none("deleted")
}

func TestACloudThatStandsIsDueForTheWatch(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	defects := []cloud.Defect{{Reason: cloud.ReasonAltered, Subject: "vpc-1", Property: "DNS support", Message: "It differs.", Since: now}}
	for _, s := range []cloud.State{cloud.Active, cloud.Disconnected} {
		c = w.to(c, s)
		if clouds, _ := w.due(c.UpdatedAt); len(clouds) != 1 || clouds[0] != c.Ref() {
			t.Errorf("%s: due: %v, want %v", s, clouds, c.Ref())
		}
		later := now.Add(time.Hour)
		w.db.Calls()
		w.ok(w.RecordDefects(ctx(t), c.Ref(), c.Fence(), defects, later))
		w.calls("UpdateItem")
		if clouds, _ := w.due(later.Add(-time.Nanosecond)); len(clouds) != 0 {
			t.Errorf("%s: due before the watch wants to look again", s)
		}
		if clouds, _ := w.due(later); len(clouds) != 1 {
			t.Errorf("%s: the watch never looks again", s)
		}
		if diff := cmp.Diff(defects, w.find(c.ID).Network.Defects); diff != "" {
			t.Error(diff)
		}
		w.code(w.RecordDefects(ctx(t), c.Ref(), cloud.Fence{State: cloud.Deleting, Attempt: c.Attempt}, nil, later), cloud.Moved)
		w.ok(w.RecordDefects(ctx(t), c.Ref(), c.Fence(), nil, later))
		if got := w.find(c.ID).Network.Defects; got != nil {
			t.Errorf("%v, want none", got)
		}
	}
	w.to(c, cloud.CreationFailed)
	if clouds, _ := w.due(now.Add(24 * time.Hour)); len(clouds) != 0 {
		t.Errorf("due: %v", clouds)
	}
}

func TestDueKeepsItsLimitAndTheOrder(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	for range 3 {
		c = w.to(w.to(c, cloud.Validating), cloud.CreationFailed)
	}
	var shard int
	var all []watch.Due
	for s := range dynamo.Shards {
		if list, err := w.Due(ctx(t), s, now.Add(time.Hour), 100); err != nil {
			t.Fatal(err)
		} else if len(list) > 0 {
			shard, all = s, list
		}
	}
	if len(all) != 7 || all[0].Event.Version != 1 || all[6].Event.Version != 7 {
		t.Fatalf("want versions 1 to 7 in order, got %d", len(all))
	}
	w.db.Calls()
	first, err := w.Due(ctx(t), shard, now.Add(time.Hour), 2)
	w.ok(err)
	w.calls("Query BatchGetItem")
	if diff := cmp.Diff(all[:2], first); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCannotBeReadIsPutOff(t *testing.T) {
	w := newWorld(t)
	first, second := w.creating("one"), w.creating("two")
	w.poison(first)
	at := now.Add(time.Hour)
	unreadable := func(at time.Time) (failures int, found []cloud.Ref) {
		for shard := range dynamo.Shards {
			list, err := w.Due(ctx(t), shard, at, 100)
			if err != nil {
				failures++
			}
			for _, d := range list {
				if d.Cloud != nil {
					found = append(found, *d.Cloud)
				}
			}
		}
		return failures, found
	}
	for _, look := range []struct {
		at       time.Time
		failures int
	}{{at, 1}, {at.Add(2*time.Minute - time.Nanosecond), 0}, {at.Add(2 * time.Minute), 1}} {
		if failures, found := unreadable(look.at); failures != look.failures || len(found) != 1 || found[0] != second.Ref() {
			t.Errorf("at %s: %d failures beside %v", look.at, failures, found)
		}
	}
	// What the watch itself could not read.
	since, later := now.Add(dynamo.StartGrace), at.Add(time.Hour)
	w.ok(w.Postpone(ctx(t), second.Ref(), second.Fence(), since))
	w.ok(w.PutOff(ctx(t), second.Ref(), since.Add(-time.Nanosecond), later))
	if _, found := unreadable(since); len(found) != 1 {
		t.Error("put off although it became due at another time since")
	}
	w.ok(w.PutOff(ctx(t), second.Ref(), since, later))
	if _, found := unreadable(later.Add(-time.Nanosecond)); len(found) != 0 {
		t.Error("put off in vain")
	}
}

// poison makes an attribute what no code of ours writes.
func (w *world) poison(c cloud.Cloud) {
	w.t.Helper()
	_, err := w.db.Client.UpdateItem(ctx(w.t), &dynamodb.UpdateItemInput{
		TableName: &w.db.Table,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + c.OrganizationID}, "sk": &types.AttributeValueMemberS{Value: "NETWORK#" + c.ID},
		},
		UpdateExpression:          aws.String("SET steps = :s"),
		ConditionExpression:       aws.String("attribute_exists(pk)"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":s": &types.AttributeValueMemberS{Value: "poison"}},
	})
	w.ok(err)
}

func TestADueIndexThatLagsTellsNothingUntrue(t *testing.T) {
	w := newWorld(t)
	c := w.creating("one")
	// The index still has the cloud when the table says that it was looked at, and
	// when it says that the run is over.
	for _, meanwhile := range []func(){
		func() { w.ok(w.Postpone(ctx(t), c.Ref(), c.Fence(), now.Add(time.Hour+time.Nanosecond))) },
		func() { w.to(c, cloud.CreationFailed) },
	} {
		w.ok(w.Postpone(ctx(t), c.Ref(), c.Fence(), now))
		api := &hook{API: w.db.Client, beforeBatch: meanwhile}
		lagging := dynamo.New(api, w.db.Table)
		for shard := range dynamo.Shards {
			list, err := lagging.Due(ctx(t), shard, now.Add(time.Hour), 100)
			w.ok(err)
			for _, d := range list {
				if d.Cloud != nil {
					t.Error("due:", *d.Cloud)
				}
			}
		}
		if api.beforeBatch != nil {
			t.Error("nothing was due: the test shows nothing")
		}
	}
}

// hook does something once, before items are read.
type hook struct {
	dynamo.API
	beforeBatch func()
}

func (h *hook) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if h.beforeBatch != nil {
		h.beforeBatch()
		h.beforeBatch = nil
	}
	return h.API.BatchGetItem(ctx, in, o...)
}
