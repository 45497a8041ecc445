// Package dynamo keeps everything in one DynamoDB table. Keys and access
// patterns are in keys.go, each access pattern is a file.
//
// Reads are strongly consistent: a client that wrote reads its write, and a run
// sees what the one before it recorded. The two exceptions say why (FindToken,
// Due). Writes are conditional, and an error carries one of cloud's codes:
// Unavailable where trying again may help, Internal for a defect, besides those
// that a method names.
package dynamo

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/cloud"
)

// API is what the table needs of DynamoDB.
type API interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error)
	PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error)
	UpdateItem(context.Context, *dynamodb.UpdateItemInput, ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
}

var _ API = (*dynamodb.Client)(nil)

// Table is the one table. It is safe for concurrent use.
type Table struct {
	client API
	name   string
	// Now is asked where an item's age matters; tests move it.
	Now func() time.Time
}

// New makes a Table of the DynamoDB table with that name.
func New(client API, table string) *Table {
	return &Table{client: client, name: table, Now: time.Now}
}

// tries is how often a call that others are in the way of is made.
const tries = 5

// retry makes the call again while another transaction is in the way.
func retry(ctx context.Context, call func() error) error {
	for i := 1; ; i++ {
		err := call()
		if !contended(err) || i == tries || pause(ctx, i) != nil {
			return err
		}
	}
}

// pause waits, longer with every try and never in step with others.
func pause(ctx context.Context, try int) error {
	d := 20 * time.Millisecond << try
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d/2 + rand.N(d/2)):
		return nil
	}
}

// get reads one item into out; false where there is none.
func (t *Table) get(ctx context.Context, k key, consistent bool, out any) (bool, error) {
	if !k.possible() {
		return false, nil
	}
	answer, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &t.name, Key: k.attributes(), ConsistentRead: &consistent,
	})
	if err != nil {
		return false, classify(err, "reading "+k.sk)
	}
	if answer.Item == nil {
		return false, nil
	}
	return true, unmarshal(answer.Item, out)
}

// batchKeys is how many items DynamoDB reads in one call.
const batchKeys = 100

// getAll reads several items, each strongly consistent but not all at one
// moment: one call per batchKeys. What does not exist is not in the answer.
func (t *Table) getAll(ctx context.Context, keys ...key) (map[key]record, error) {
	found := map[key]record{}
	for batch := range slices.Chunk(keys, batchKeys) {
		if err := t.getBatch(ctx, batch, found); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (t *Table) getBatch(ctx context.Context, keys []key, found map[key]record) error {
	consistent := true
	wanted := types.KeysAndAttributes{ConsistentRead: &consistent}
	for _, k := range keys {
		if k.possible() {
			wanted.Keys = append(wanted.Keys, k.attributes())
		}
	}
	for i := 1; len(wanted.Keys) > 0; i++ {
		answer, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: wanted},
		})
		if err != nil {
			return classify(err, "reading "+keys[0].sk)
		}
		for _, item := range answer.Responses[t.name] {
			found[keyOf(item)] = item
		}
		// DynamoDB hands back keys that it had no capacity for.
		wanted = answer.UnprocessedKeys[t.name]
		if len(wanted.Keys) == 0 {
			break
		}
		if i == tries {
			return cloud.Errorf(cloud.Unavailable, "The database is busy. Try again in a few seconds.")
		}
		if err := pause(ctx, i); err != nil {
			return classify(err, "reading "+keys[0].sk)
		}
	}
	return nil
}

// update changes one item, and answers it where the expression asks for that. *conditionFailed where the condition does not hold.
func (t *Table) update(ctx context.Context, k key, e *expression) (record, error) {
	if e.err != nil {
		return nil, classify(e.err, "marshalling "+k.sk)
	}
	names, values := e.placeholders()
	var item record
	err := retry(ctx, func() error {
		answer, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: &t.name, Key: k.attributes(),
			UpdateExpression: e.update(), ConditionExpression: e.condition(),
			ExpressionAttributeNames: names, ExpressionAttributeValues: values,
			ReturnValues:                        e.answer,
			ReturnValuesOnConditionCheckFailure: allOld,
		})
		if err == nil {
			item = answer.Attributes
		}
		return err
	})
	return item, conditionOr(err, "updating "+k.sk)
}

// put writes one item. *conditionFailed where the condition does not hold.
func (t *Table) put(ctx context.Context, item any, e *expression) error {
	values, err := encode(reflect.ValueOf(item))
	if err = errors.Join(err, e.err); err != nil {
		return classify(err, "marshalling an item")
	}
	names, placeholders := e.placeholders()
	err = retry(ctx, func() error {
		_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &t.name, Item: values, ConditionExpression: e.condition(),
			ExpressionAttributeNames: names, ExpressionAttributeValues: placeholders,
		})
		return err
	})
	return conditionOr(err, "writing "+keyOf(values).sk)
}

func conditionOr(err error, op string) error {
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		return &conditionFailed{old: failed.Item}
	}
	return classify(err, op)
}

func unmarshal(item record, out any) error {
	return classify(decode(item, out), "unmarshalling "+keyOf(item).sk)
}
