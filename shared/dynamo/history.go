package dynamo

import (
	"context"
	"slices"
	"strings"
	"time"

	"byoc/shared/cloud"
)

// Call is one AWS API request made in a customer's account.
type Call = cloud.Call

// callsItem holds what was flushed at once: one item of many calls is a tenth
// of the price of many items, to write and to read.
type callsItem struct {
	PK        string     `dynamodbav:"pk"`
	SK        string     `dynamodbav:"sk"`
	Entity    string     `dynamodbav:"entity"`
	Attempt   int        `dynamodbav:"attempt"`
	Calls     []callItem `dynamodbav:"calls"`
	ExpiresAt int64      `dynamodbav:"expires_at"`
}

type callItem struct {
	Seq       int           `dynamodbav:"seq"`
	At        string        `dynamodbav:"at"`
	Duration  time.Duration `dynamodbav:"duration"`
	Service   string        `dynamodbav:"service"`
	Action    string        `dynamodbav:"action"`
	Resources []string      `dynamodbav:"resources,omitempty"`
	Result    string        `dynamodbav:"result"`
	RequestID string        `dynamodbav:"request_id,omitempty"`
	Account   string        `dynamodbav:"account"`
	Region    string        `dynamodbav:"region"`
	Caller    string        `dynamodbav:"caller"`
	DryRun    bool          `dynamodbav:"dry_run,omitempty"`
}

// endedItem is a step that ended.
type endedItem struct {
	PK        string   `dynamodbav:"pk"`
	SK        string   `dynamodbav:"sk"`
	Entity    string   `dynamodbav:"entity"`
	Attempt   int      `dynamodbav:"attempt"`
	Key       string   `dynamodbav:"key"`
	Step      stepItem `dynamodbav:"step"`
	ExpiresAt int64    `dynamodbav:"expires_at"`
}

// appendStep adds a step that ended to the history of the attempt. Adding it
// twice is harmless.
func (t *Table) appendStep(ctx context.Context, ref cloud.Ref, s cloud.Step) error {
	k := stepKey(ref.OrganizationID, ref.CloudID, s.EndedAt, ref.Attempt, s)
	return t.put(ctx, endedItem{
		PK: k.pk, SK: k.sk, Entity: "step", Attempt: ref.Attempt, Key: s.Key, Step: newStepItem(s),
		ExpiresAt: s.EndedAt.Add(keepHistory).Unix(),
	}, newExpression())
}

// callsPerItem keeps an item of calls far below DynamoDB's 400 KB.
const callsPerItem = 100

// AppendCalls adds calls to the history of the attempt. The calls of one batch
// share a Caller, whose session name tells the run. Adding the same batch twice
// is harmless.
func (t *Table) AppendCalls(ctx context.Context, ref cloud.Ref, calls []Call) error {
	for batch := range slices.Chunk(calls, callsPerItem) {
		first := batch[0]
		k := callsKey(ref.OrganizationID, ref.CloudID, first.At, sessionOf(first.Caller), first.Seq)
		item := callsItem{
			PK: k.pk, SK: k.sk, Entity: "calls", Attempt: ref.Attempt,
			Calls:     each(batch, newCallItem),
			ExpiresAt: first.At.Add(keepHistory).Unix(),
		}
		if err := t.put(ctx, item, newExpression()); err != nil {
			return err
		}
	}
	return nil
}

// sessionOf is the session name in the ARN of a role session.
func sessionOf(caller string) string { return caller[strings.LastIndexByte(caller, '/')+1:] }

func newCallItem(c Call) callItem {
	return callItem{
		Seq: c.Seq, At: formatTime(c.At), Duration: c.Duration, Service: c.Service, Action: c.Action,
		Resources: c.Resources, Result: c.Result, RequestID: c.RequestID,
		Account: c.Account, Region: c.Region, Caller: c.Caller, DryRun: c.DryRun,
	}
}

func (i callItem) call() Call {
	return Call{
		Seq: i.Seq, At: parseTime(i.At), Duration: i.Duration, Service: i.Service, Action: i.Action,
		Resources: i.Resources, Result: i.Result, RequestID: i.RequestID,
		Account: i.Account, Region: i.Region, Caller: i.Caller, DryRun: i.DryRun,
	}
}

// historyBytes is where a page of a history ends early: what one query reads.
// Calls are a third longer as JSON than here, and an entry may have a hundred.
const historyBytes = 1 << 20

// Entry of a cloud's history.
type Entry = cloud.Entry

var _ cloud.History = (*Table)(nil)

// History reads a page of a cloud's history, newest first, whether or not the
// cloud still exists; it ends early rather than pass historyBytes. next is empty exactly where nothing older follows.
// Invalid (the cursor).
func (t *Table) History(ctx context.Context, organizationID, cloudID string, limit int, cursor string) (entries []Entry, next string, err error) {
	after, err := decodeCursor(cursor, "")
	if err != nil {
		return nil, "", err
	}
	r := rows{
		partition: historyPartition(organizationID, cloudID), after: after,
		newestFirst: true, limit: limit + 1,
	}
	size, last := 0, ""
	err = t.each(ctx, r, func(item record) (bool, error) {
		size += sizeOf(item)
		if len(entries) == limit || (size > historyBytes && len(entries) > 0) {
			next = encodeCursor(last)
			return false, nil
		}
		entry, err := entryOf(item)
		entries, last = append(entries, entry), keyOf(item).sk
		return true, err
	})
	if err != nil {
		return nil, "", err
	}
	return entries, next, nil
}

func entryOf(item record) (Entry, error) {
	if strings.Contains(keyOf(item).sk, "#CALLS#") {
		var i callsItem
		err := unmarshal(item, &i)
		return Entry{Attempt: i.Attempt, Calls: each(i.Calls, callItem.call)}, err
	}
	if strings.Contains(keyOf(item).sk, "#STEP#") {
		var i endedItem
		err := unmarshal(item, &i)
		step := i.Step.step(i.Key)
		return Entry{Attempt: i.Attempt, Step: &step}, err
	}
	var i eventItem
	err := unmarshal(item, &i)
	event := i.event()
	return Entry{Event: &event}, err
}
