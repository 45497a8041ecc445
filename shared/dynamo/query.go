package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// rows is one query over items of a partition whose sort keys have a prefix.
type rows struct {
	partition string
	prefix    string
	// after is the sort key to go on after.
	after string
	// newestFirst turns the order around.
	newestFirst bool
	// limit is how many items the caller can use; 0 where it cannot say.
	limit int
	// found is told how many items the next calls of take will be given; may be nil.
	found func(n int)
}

// each reads rows in order, one query per megabyte, until take says stop.
func (t *Table) each(ctx context.Context, r rows, take func(record) (more bool, err error)) error {
	e := newExpression()
	condition := e.path(PartitionKey) + " = " + e.value(r.partition)
	if r.prefix != "" {
		condition += " AND begins_with(" + e.path(SortKey) + ", " + e.value(r.prefix) + ")"
	}
	consistent, forward := true, !r.newestFirst
	input := &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: &condition, ConsistentRead: &consistent,
		ExpressionAttributeNames: e.names, ExpressionAttributeValues: e.values,
		ScanIndexForward: &forward,
	}
	if r.limit > 0 {
		limit := int32(r.limit)
		input.Limit = &limit
	}
	if r.after != "" {
		input.ExclusiveStartKey = key{r.partition, r.after}.attributes()
	}
	if !(key{pk: r.partition, sk: r.after}).possible() {
		return nil
	}
	for {
		answer, err := t.client.Query(ctx, input)
		if err != nil {
			return classify(err, "listing "+r.prefix)
		}
		if r.found != nil {
			r.found(len(answer.Items))
		}
		for _, item := range answer.Items {
			if more, err := take(item); err != nil || !more {
				return err
			}
		}
		if answer.LastEvaluatedKey == nil {
			return nil
		}
		input.ExclusiveStartKey = answer.LastEvaluatedKey
	}
}

// sizeOf is an item's size in bytes as DynamoDB counts it, nearly: names and
// values, without the few bytes that lists and maps add.
func sizeOf(item record) int {
	n := 0
	for name, v := range item {
		n += len(name) + sizeOfValue(v)
	}
	return n
}

func sizeOfValue(v types.AttributeValue) int {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return len(v.Value)
	case *types.AttributeValueMemberL:
		n := 3
		for _, entry := range v.Value {
			n += 1 + sizeOfValue(entry)
		}
		return n
	case *types.AttributeValueMemberM:
		return 3 + sizeOf(v.Value)
	}
	return 1
}
