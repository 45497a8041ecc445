package dynamo

import (
	"context"
	"errors"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// transaction collects writes that happen together or not at all.
type transaction struct {
	table  *Table
	writes []types.TransactWriteItem
	// refusals say, for each write, what its failed condition means; old is the
	// item as it is, nil where there is none.
	refusals []func(old record) error
	err      error
}

func (t *Table) transaction() *transaction { return &transaction{table: t} }

func (x *transaction) add(w types.TransactWriteItem, e *expression, refused func(old record) error) {
	x.err = errors.Join(x.err, e.err)
	x.writes = append(x.writes, w)
	x.refusals = append(x.refusals, refused)
}

// allOld makes a failed condition answer the item.
const allOld = types.ReturnValuesOnConditionCheckFailureAllOld

func (x *transaction) put(item any, e *expression, refused func(old record) error) {
	values, err := encode(reflect.ValueOf(item))
	x.err = errors.Join(x.err, err)
	names, placeholders := e.placeholders()
	x.add(types.TransactWriteItem{Put: &types.Put{
		TableName: &x.table.name, Item: values, ConditionExpression: e.condition(),
		ExpressionAttributeNames: names, ExpressionAttributeValues: placeholders,
		ReturnValuesOnConditionCheckFailure: allOld,
	}}, e, refused)
}

func (x *transaction) update(k key, e *expression, refused func(old record) error) {
	names, placeholders := e.placeholders()
	x.add(types.TransactWriteItem{Update: &types.Update{
		TableName: &x.table.name, Key: k.attributes(),
		UpdateExpression: e.update(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: names, ExpressionAttributeValues: placeholders,
		ReturnValuesOnConditionCheckFailure: allOld,
	}}, e, refused)
}

func (x *transaction) delete(k key, e *expression, refused func(old record) error) {
	names, placeholders := e.placeholders()
	x.add(types.TransactWriteItem{Delete: &types.Delete{
		TableName: &x.table.name, Key: k.attributes(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: names, ExpressionAttributeValues: placeholders,
		ReturnValuesOnConditionCheckFailure: allOld,
	}}, e, refused)
}

func (x *transaction) check(k key, e *expression, refused func(old record) error) {
	names, placeholders := e.placeholders()
	x.add(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &x.table.name, Key: k.attributes(), ConditionExpression: e.condition(),
		ExpressionAttributeNames: names, ExpressionAttributeValues: placeholders,
		ReturnValuesOnConditionCheckFailure: allOld,
	}}, e, refused)
}

// commit writes everything or nothing. Where several conditions fail, the error
// is that of the write added first.
func (x *transaction) commit(ctx context.Context, op string) error {
	if x.err != nil {
		return classify(x.err, op)
	}
	err := retry(ctx, func() error {
		// Each try is an input of its own, for which the SDK makes a token: a
		// repeated delivery of one try writes once, and a canceled try has
		// written nothing that the next could be taken for.
		_, err := x.table.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: x.writes})
		return err
	})
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		for i, r := range canceled.CancellationReasons {
			if i < len(x.refusals) && x.refusals[i] != nil && deref(r.Code) == "ConditionalCheckFailed" {
				return x.refusals[i](r.Item)
			}
		}
	}
	return classify(err, op)
}

// refuse answers err whatever the item is.
func refuse(err error) func(record) error { return func(record) error { return err } }
