package moto_test

import (
	"maps"
	"reflect"
	"slices"
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

// rows is a table that has these, with an index by "value".
func rows(t *testing.T, list ...item) (db *dynamodb.Client, table *string) {
	t.Helper()
	db, table = dynamodb.NewFromConfig(mototest.Config(mototest.URL(t), mototest.Account())), aws.String(t.Name())
	key := func(partition, sort string) []types.KeySchemaElement {
		return []types.KeySchemaElement{
			{AttributeName: &partition, KeyType: types.KeyTypeHash}, {AttributeName: &sort, KeyType: types.KeyTypeRange},
		}
	}
	var attributes []types.AttributeDefinition
	for _, name := range []string{"pk", "sk", "value"} {
		attributes = append(attributes, types.AttributeDefinition{
			AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS,
		})
	}
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: table, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: attributes, KeySchema: key("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byValue"), KeySchema: key("value", "sk"),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range list {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: r}); err != nil {
			t.Fatal(err)
		}
	}
	return db, table
}

// A query of the table or of an index shows what carries its partition key, in
// order, page by page, and what has no such attribute is in no index.
func TestAQueryShowsItsPartition(t *testing.T) {
	unindexed := item{"pk": text("a"), "sk": text("0")}
	db, table := rows(t, row("a", "3", "x"), row("b", "4", "x"), row("a", "1", "y"), row("a", "2", "x"), unindexed)
	query := func(index *string, attribute, value string, limit int32) (keys []string) {
		pages := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{
			TableName: table, IndexName: index, Limit: &limit, KeyConditionExpression: aws.String("#p = :p"),
			ExpressionAttributeNames: map[string]string{"#p": attribute}, ExpressionAttributeValues: item{":p": text(value)},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Items) > int(limit) {
				t.Errorf("a page of %d", len(page.Items))
			}
			for _, r := range page.Items {
				keys = append(keys, r["pk"].(*types.AttributeValueMemberS).Value+r["sk"].(*types.AttributeValueMemberS).Value)
			}
		}
		return keys
	}
	for _, limit := range []int32{1, 2, 9} {
		for _, c := range []struct {
			index            *string
			attribute, value string
			want             []string
		}{
			{nil, "pk", "a", []string{"a0", "a1", "a2", "a3"}},
			{nil, "pk", "nobody", nil},
			{aws.String("byValue"), "value", "x", []string{"a2", "a3", "b4"}},
			{aws.String("byValue"), "value", "nobody", nil},
		} {
			if got := query(c.index, c.attribute, c.value, limit); !slices.Equal(got, c.want) {
				t.Errorf("%s = %s, %d a page: %v, want %v", c.attribute, c.value, limit, got, c.want)
			}
		}
	}
}

// Attributes of every kind come back as they were written.
func TestAnItemComesBackAsItWasWritten(t *testing.T) {
	bytes := &types.AttributeValueMemberB{Value: []byte{0, 1, 254, 255}}
	plain := item{
		"number": &types.AttributeValueMemberN{Value: "1.5"}, "yes": &types.AttributeValueMemberBOOL{Value: true},
		"nothing": &types.AttributeValueMemberNULL{Value: true}, "texts": &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		"numbers": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"list":    &types.AttributeValueMemberL{Value: []types.AttributeValue{text("S"), &types.AttributeValueMemberM{Value: item{"M": text("")}}}},
		"empty":   &types.AttributeValueMemberM{Value: item{}},
	}
	written := maps.Clone(plain)
	written["pk"], written["sk"] = text("a"), text("1")
	written["bytes"] = bytes
	written["map"] = &types.AttributeValueMemberM{Value: plain}
	written["mixed"] = &types.AttributeValueMemberM{Value: item{"deep": &types.AttributeValueMemberL{Value: []types.AttributeValue{bytes}}, "text": text("t")}}
	db, table := rows(t, written)
	out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: item{"pk": text("a"), "sk": text("1")}})
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(out.Item, written) {
		t.Errorf("got %v", out.Item)
		for name := range written {
			if !reflect.DeepEqual(out.Item[name], written[name]) {
				t.Errorf("%s differs: %#v", name, out.Item[name])
			}
		}
	}
}

// A transaction that fails at its last item leaves no trace of the others:
// neither of what it changed in place, nor of what it added or removed.
func TestACancelledTransactionChangesNothing(t *testing.T) {
	ctx := t.Context()
	db, table := rows(t, row("a", "1", "old"), row("a", "2", "kept"), row("b", "1", "kept"))
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
