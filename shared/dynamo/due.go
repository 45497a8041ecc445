package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/cloud"
	"byoc/shared/watch"
)

// StartGrace is how long a run is left alone after its cloud entered a running
// state.
const StartGrace = 2 * time.Minute

// dueFrom is when the watch has to look at a cloud that has just entered its
// state: the zero time where it need not. What the last run said of a cloud that
// stands is looked at again soon; from then on the watch says when.
func dueFrom(c cloud.Cloud) time.Time {
	switch {
	case c.State.Running():
		return c.UpdatedAt.Add(StartGrace)
	case c.State.Watched():
		return c.UpdatedAt
	}
	return time.Time{}
}

// Due lists unpublished events and clouds in running or watched states of one shard (0 to
// Shards-1) that are due at now, at most limit, most overdue first. An index
// answers late, so each item is read from the table as well, and what is due no
// more is left out: the answer may be shorter than what the index holds. One item
// that cannot be read holds up none of the others: they are answered beside the
// error, and it is put off, so that it is not the first of its shard for ever.
func (t *Table) Due(ctx context.Context, shard int, now time.Time, limit int) ([]watch.Due, error) {
	keys, err := t.dueKeys(ctx, shard, now, limit)
	if err != nil {
		return nil, err
	}
	items, err := t.getAll(ctx, keys...)
	if err != nil {
		return nil, err
	}
	var list []watch.Due
	var unreadable error
	for _, k := range keys {
		item := items[k]
		at, ok := item[DueAt].(*types.AttributeValueMemberS)
		if !ok || at.Value > formatTime(now) {
			continue
		}
		due, err := dueOf(k, item)
		if err != nil {
			unreadable = errors.Join(unreadable, fmt.Errorf("item %s %s: %w", k.pk, k.sk, err),
				t.putOff(ctx, k, at.Value, now.Add(putOffFor)))
			continue
		}
		list = append(list, due)
	}
	return list, unreadable
}

// putOffFor is how long an item that cannot be read is left alone.
const putOffFor = 2 * time.Minute

// PutOff makes a cloud that was listed due at until, whatever else its items
// hold: it is for one that cannot be read. Harmless where it became due at
// another time since.
func (t *Table) PutOff(ctx context.Context, ref cloud.Ref, since, until time.Time) error {
	return t.putOff(ctx, networkKey(ref.OrganizationID, ref.CloudID), formatTime(since), until)
}

func (t *Table) putOff(ctx context.Context, k key, since string, until time.Time) error {
	e := newExpression().set(formatTime(until), DueAt)
	e.where(e.path(DueAt) + " = " + e.value(since))
	_, err := t.update(ctx, k, e)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return nil
	}
	return err
}

func (t *Table) dueKeys(ctx context.Context, shard int, now time.Time, limit int) ([]key, error) {
	e := newExpression()
	condition := e.path(DueShard) + " = " + e.value(shardName(shard)) +
		" AND " + e.path(DueAt) + " <= " + e.value(formatTime(now))
	index, most := DueIndex, int32(limit)
	answer, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: &index, KeyConditionExpression: &condition,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values, Limit: &most,
	})
	if err != nil {
		return nil, classify(err, "listing what is due")
	}
	keys := make([]key, len(answer.Items))
	for i, item := range answer.Items {
		keys[i] = keyOf(item)
	}
	return keys, nil
}

func dueOf(k key, item record) (watch.Due, error) {
	if strings.HasPrefix(k.sk, networkPrefix) {
		var n networkItem
		err := unmarshal(item, &n)
		ref := cloud.Ref{
			OrganizationID: unescaper.Replace(strings.TrimPrefix(k.pk, organizationPartition(""))),
			CloudID:        unescaper.Replace(strings.TrimPrefix(k.sk, networkPrefix)),
			Attempt:        n.Attempt,
		}
		return watch.Due{Cloud: &ref, Since: parseTime(n.DueAt)}, err
	}
	var i eventItem
	err := unmarshal(item, &i)
	event := i.event()
	return watch.Due{Event: &event, Since: parseTime(i.DueAt)}, err
}

// RecordDefects replaces what the watch saw of a cloud, and makes it due at
// until. Moved.
func (t *Table) RecordDefects(ctx context.Context, ref cloud.Ref, f cloud.Fence, list []cloud.Defect, until time.Time) error {
	return t.fenced(ctx, ref, f, setList(newExpression(), newDefectItems(list), "defects").
		set(shardOf(ref.CloudID), DueShard).set(formatTime(until), DueAt))
}

// Postpone makes a cloud due at until, under its fence. Moved.
func (t *Table) Postpone(ctx context.Context, ref cloud.Ref, f cloud.Fence, until time.Time) error {
	return t.fenced(ctx, ref, f, newExpression().
		set(shardOf(ref.CloudID), DueShard).set(formatTime(until), DueAt))
}
