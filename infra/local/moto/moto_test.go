package moto_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/infra/local/moto/mototest"
)

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func row(partition, sort, value string) item {
	return item{"pk": text(partition), "sk": text(sort), "value": text(value)}
}

// A transaction that fails at its last item leaves no trace of the others:
// neither of what it changed in place, nor of what it added or removed.
func TestACancelledTransactionChangesNothing(t *testing.T) {
	db := dynamodb.NewFromConfig(mototest.Config(mototest.URL(t), mototest.Account()))
	ctx, table := t.Context(), aws.String("rows")
	_, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []item{row("a", "1", "old"), row("a", "2", "kept"), row("b", "1", "kept")} {
		if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: r}); err != nil {
			t.Fatal(err)
		}
	}
	contents := func() map[string]string {
		out, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: table})
		if err != nil {
			t.Fatal(err)
		}
		rows := map[string]string{}
		for _, r := range out.Items {
			key := r["pk"].(*types.AttributeValueMemberS).Value + r["sk"].(*types.AttributeValueMemberS).Value
			rows[key] = r["value"].(*types.AttributeValueMemberS).Value
		}
		return rows
	}
	transact := func(condition string) error {
		_, err := db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
			{Update: &types.Update{
				TableName: table, Key: item{"pk": text("a"), "sk": text("1")},
				UpdateExpression:         aws.String("SET #v = :v"),
				ExpressionAttributeNames: map[string]string{"#v": "value"}, ExpressionAttributeValues: item{":v": text("new")},
			}},
			{Put: &types.Put{TableName: table, Item: row("c", "1", "added")}},
			{Put: &types.Put{TableName: table, Item: row("a", "3", "added")}},
			{Delete: &types.Delete{TableName: table, Key: item{"pk": text("a"), "sk": text("2")}}},
			{ConditionCheck: &types.ConditionCheck{
				TableName: table, Key: item{"pk": text("b"), "sk": text("1")}, ConditionExpression: aws.String(condition),
			}},
		}})
		return err
	}
	if transact("attribute_not_exists(pk)") == nil {
		t.Fatal("a transaction went through although a condition does not hold")
	}
	want(t, contents(), map[string]string{"a1": "old", "a2": "kept", "b1": "kept"})
	if err := transact("attribute_exists(pk)"); err != nil {
		t.Fatal(err)
	}
	want(t, contents(), map[string]string{"a1": "new", "a3": "added", "b1": "kept", "c1": "added"})
}

func want(t *testing.T, got, want map[string]string) {
	t.Helper()
	for key := range got {
		if got[key] != want[key] {
			t.Errorf("%s is %q, want %q", key, got[key], want[key])
		}
	}
	if len(got) != len(want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
}
