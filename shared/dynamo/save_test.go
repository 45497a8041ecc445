package dynamo_test

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

func TestSaveWritesCloudAndEventInOneTransaction(t *testing.T) {
	w := newWorld(t)
	before := w.draft("one")
	after := before
	after.State, after.Attempt, after.RoleARN = cloud.Validating, 1, "arn:aws:iam::123456789012:role/x"
	after.UpdatedAt = now.Add(time.Minute)
	e := event(after, cloud.Draft)
	e.Version, e.ID = 2, cloud.EventID(after.ID, 2)
	saved, err := w.Save(ctx(t), before, after, []cloud.Event{e})
	w.ok(err)
	w.calls("TransactWriteItems")
	after.Version = 2
	if diff := cmp.Diff(after, saved); diff != "" {
		t.Error("answered:", diff)
	}
	if diff := cmp.Diff(after, w.find(after.ID)); diff != "" {
		t.Error("stored:", diff)
	}
	history, _, err := w.History(ctx(t), org, after.ID, 1, "")
	w.ok(err)
	if diff := cmp.Diff(e, *history[0].Event); diff != "" {
		t.Error("event:", diff)
	}
}

func TestOfTwoSavesAtOnceOneIsStale(t *testing.T) {
	w := newWorld(t)
	before := w.draft("one")
	codes := make([]cloud.Code, 8)
	var group sync.WaitGroup
	for i := range codes {
		group.Go(func() {
			after := before
			after.Errors = []string{"edit"}
			_, err := w.Save(context.Background(), before, after, nil)
			codes[i] = cloud.CodeOf(err)
		})
	}
	group.Wait()
	count := map[cloud.Code]int{}
	for _, c := range codes {
		count[c]++
	}
	if !maps.Equal(count, map[cloud.Code]int{"": 1, cloud.Stale: 7}) {
		t.Errorf("got %v, want one success and seven Stale", count)
	}
	if v := w.find(before.ID).Version; v != 2 {
		t.Errorf("version %d, want 2", v)
	}
}

func TestSaveOfARemovedDraftIsStale(t *testing.T) {
	w := newWorld(t)
	c := w.draft("one")
	w.ok(w.Remove(ctx(t), c, removal(c)))
	_, err := w.Save(ctx(t), c, c, nil)
	w.code(err, cloud.Stale)
}

func TestRenaming(t *testing.T) {
	w := newWorld(t)
	w.draft("Taken")
	c := w.draft("Old")
	rename := func(to string) error {
		before := w.find(c.ID)
		after := before
		after.DisplayName = to
		_, err := w.Save(ctx(t), before, after, nil)
		return err
	}
	w.code(rename("tAKEN"), cloud.AlreadyExists)
	if got := w.find(c.ID); got.DisplayName != "Old" || got.Version != 1 {
		t.Errorf("a refused rename left %q, version %d", got.DisplayName, got.Version)
	}
	w.ok(rename("OLD")) // its own name in another case
	w.ok(rename("New"))
	w.draft("old") // free again
	w.code(rename("Old"), cloud.AlreadyExists)
	d := newDraft("new")
	w.code(w.Create(ctx(t), d, event(d, "")), cloud.AlreadyExists)
	if n := w.clouds(); n != 3 {
		t.Errorf("renaming changed the count to %d", n)
	}
}

func TestWhatARunRecordedSinceTheReadSurvivesSave(t *testing.T) {
	w := newWorld(t)
	before := w.creating("one")
	j := w.Journal(before.Ref(), before.Fence())
	step := cloud.Step{Key: "subnet/euw1-az1/bastion", State: cloud.StepReady, ResourceID: "subnet-1", StartedAt: now}
	w.ok(j.CreateCalled(ctx(t)))
	w.ok(j.Record(ctx(t), step))
	held, err := w.TakeLease(ctx(t), before.Ref(), before.Fence(), "run-1", now.Add(time.Hour))
	w.ok(err)
	w.ok(w.RecordFailure(ctx(t), before.Ref(), before.Fence(), "Of the attempt that ends here."))
	w.ok(w.RecordLeftovers(ctx(t), before.Ref(), before.Fence(), []cloud.Leftover{{Kind: "vpc", ID: "vpc-1"}}))

	w.to(before, cloud.Deleting)
	n := w.find(before.ID).Network
	if n.Step(step.Key) != step || !n.CreateCalled || len(n.Leftovers) != 1 {
		t.Errorf("lost what the run recorded: %+v", n)
	}
	if !held.IsZero() || n.Lease.Owner != "run-1" {
		t.Errorf("the lease has to stay until it lapses: %+v", n.Lease)
	}
	if n.Failure != "" {
		t.Errorf("the new attempt starts with the failure of the old one: %q", n.Failure)
	}
}

func TestSaveWritesTheDifferencesOfTheNetwork(t *testing.T) {
	w := newWorld(t)
	before := w.creating("one")
	after := before
	after.State = cloud.CreationFailed
	after.Network.CreateCalled = true
	after.Network.EmptySweeps, after.Network.LastEmptySweep = 2, now
	after.Network.Leftovers = []cloud.Leftover{{Kind: "vpc", ID: "vpc-1"}}
	after.Network.Zones = []cloud.Zone{{ID: "euw1-az1"}}
	after.Network.Failure = "No room."
	after, err := w.Save(ctx(t), before, after, nil)
	w.ok(err)
	if diff := cmp.Diff(after, w.find(after.ID)); diff != "" {
		t.Error(diff)
	}
	cleared := after
	cleared.Network = cloud.Network{}
	cleared, err = w.Save(ctx(t), after, cleared, nil)
	w.ok(err)
	if diff := cmp.Diff(cleared, w.find(after.ID)); diff != "" {
		t.Error("cleared:", diff)
	}
}

// between reads a batch item by item, beginning with the one at first, and lets
// something happen after that one.
type between struct {
	dynamo.API
	first int
	reads int
	then  func()
}

func (b *between) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, o ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	b.reads++
	out := &dynamodb.BatchGetItemOutput{Responses: map[string][]map[string]types.AttributeValue{}}
	for table, wanted := range in.RequestItems {
		for i := range wanted.Keys {
			k := wanted.Keys[(b.first+i)%len(wanted.Keys)]
			one, err := b.API.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
				table: {Keys: []map[string]types.AttributeValue{k}, ConsistentRead: wanted.ConsistentRead},
			}}, o...)
			if err != nil {
				return nil, err
			}
			out.Responses[table] = append(out.Responses[table], one.Responses[table]...)
			if i == 0 && b.then != nil {
				b.then()
				b.then = nil
			}
		}
	}
	return out, nil
}

func TestFindReadsAgainWhatAWriteCameBetween(t *testing.T) {
	for name, change := range map[string]func(*world, cloud.Cloud) cloud.Cloud{
		"a transition": func(w *world, c cloud.Cloud) cloud.Cloud { return w.to(c, cloud.CreationFailed) },
		"a deletion":   func(w *world, c cloud.Cloud) cloud.Cloud { return w.to(w.to(c, cloud.Deleting), cloud.Deleted) },
	} {
		t.Run(name, func(t *testing.T) {
			reads := 0
			for first := range 3 {
				w := newWorld(t)
				c := w.creating("one")
				var want cloud.Cloud
				api := &between{API: w.db.Client, first: first, then: func() { want = change(w, c) }}
				table := dynamo.New(api, w.db.Table)
				table.Now = w.Now
				got, err := table.Find(ctx(t), org, c.ID)
				w.ok(err)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("item %d read before: %s", first, diff)
				}
				reads += api.reads
			}
			if reads < 5 {
				t.Errorf("%d reads: hardly anything came between", reads)
			}
		})
	}
}

// contended refuses writes as DynamoDB does while another transaction holds an item.
type contended struct {
	dynamo.API
	refuse int
}

func (c *contended) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, o ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if c.refuse > 0 {
		c.refuse--
		return nil, &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{
			{Code: aws.String("None")}, {Code: aws.String("TransactionConflict")},
		}}
	}
	return c.API.TransactWriteItems(ctx, in, o...)
}

func (c *contended) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, o ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if c.refuse > 0 {
		c.refuse--
		return nil, &types.TransactionConflictException{}
	}
	return c.API.UpdateItem(ctx, in, o...)
}

func TestAWriteWaitsWhileAnotherHoldsTheItem(t *testing.T) {
	w := newWorld(t)
	before := w.creating("one")
	api := &contended{API: w.db.Client}
	table := dynamo.New(api, w.db.Table)
	save := func() error {
		_, err := table.Save(ctx(t), before, before, nil)
		return err
	}
	record := func() error {
		return table.Journal(before.Ref(), before.Fence()).Record(ctx(t), cloud.Step{Key: "vpc"})
	}
	api.refuse = 2
	w.ok(record())
	api.refuse = 1000
	w.code(record(), cloud.Unavailable)
	w.code(save(), cloud.Unavailable)
	api.refuse = 2
	w.ok(save())
}

func TestSaveChangesNoNetworkWhoseFenceIsAnother(t *testing.T) {
	w := newWorld(t)
	before := w.creating("one")
	_, err := w.db.Client.UpdateItem(ctx(t), &dynamodb.UpdateItemInput{
		TableName: &w.db.Table,
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORG#" + org},
			"sk": &types.AttributeValueMemberS{Value: "NETWORK#" + before.ID},
		},
		UpdateExpression:          aws.String("SET attempt = :n"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":n": &types.AttributeValueMemberN{Value: "9"}},
	})
	w.ok(err)
	after := before
	after.State = cloud.Active
	_, err = w.Save(ctx(t), before, after, nil)
	w.code(err, cloud.Stale)
}
