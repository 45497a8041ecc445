package authorization

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

// keyed is a table of pk and sk, with an index of owner, and a client of a role
// that may do everything to items whose partition key begins with TOKEN#.
func keyed(t *testing.T, w *world) *dynamodb.Client {
	t.Helper()
	_, err := dynamodb.NewFromConfig(w.root()).CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("keyed"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}, {AttributeName: aws.String("owner"), AttributeType: "S"},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("byowner"), Projection: &types.Projection{ProjectionType: "ALL"},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("owner"), KeyType: "HASH"}},
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return dynamodb.NewFromConfig(w.role(t, "tokens", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",
		"Condition":{"ForAllValues:StringLike":{"dynamodb:LeadingKeys":"TOKEN#*"}}}]}`))
}

// dynamodb:LeadingKeys is the partition key of the item that the call is about,
// and of no other attribute.
func TestLeadingKeys(t *testing.T) {
	w := newWorld(t, Options{})
	client := keyed(t, w)
	table := aws.String("keyed")
	const ours, theirs = "TOKEN#a", "CLOUD#a"
	// The other key is named like what the policy wants.
	item := func(pk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{"pk": text(pk), "sk": text(ours)}
	}
	query := func(condition, index string) func(string) error {
		return func(pk string) error {
			in := &dynamodb.QueryInput{TableName: table, KeyConditionExpression: &condition, ExpressionAttributeValues: map[string]types.AttributeValue{":p": text(pk)}}
			if index != "" {
				in.IndexName = &index
			}
			if strings.Contains(condition, "#k") {
				in.ExpressionAttributeNames = map[string]string{"#k": "pk"}
			}
			if strings.Contains(condition, ":s") {
				in.ExpressionAttributeValues[":s"] = text(ours)
			}
			_, err := client.Query(t.Context(), in)
			return err
		}
	}
	update, set := aws.String("SET #n = :n"), map[string]types.AttributeValue{":n": text("n")}
	names := map[string]string{"#n": "n"}
	for name, call := range map[string]func(pk string) error{
		"PutItem": func(pk string) error {
			_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: item(pk)})
			return err
		},
		"UpdateItem": func(pk string) error {
			_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: table, Key: item(pk), UpdateExpression: update, ExpressionAttributeNames: names, ExpressionAttributeValues: set})
			return err
		},
		"GetItem": func(pk string) error {
			_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: table, Key: item(pk)})
			return err
		},
		"DeleteItem": func(pk string) error {
			_, err := client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: item(pk)})
			return err
		},
		"a query":                 query("pk = :p", ""),
		"a query by another name": query("sk = :s AND #k=:p", ""),
		"a query of an index":     query("owner = :p", "byowner"),
		"the second of a transaction": func(pk string) error {
			_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: table, Item: item("TOKEN#first")}}, {Put: &types.Put{TableName: table, Item: item(pk)}},
			}})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, answerOf(t, call(ours)), "")
			expect(t, answerOf(t, call(theirs)), "because no identity-based policy allows the dynamodb:")
		})
	}
}

// A call whose leading keys are not modelled is refused, not taken for one that
// has none: ForAllValues would allow that.
func TestUnknownLeadingKeysAreNotJudged(t *testing.T) {
	w := newWorld(t, Options{})
	client := keyed(t, w)
	const refusal = "condition key dynamodb:LeadingKeys is not modelled for dynamodb:"
	_, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("keyed")})
	expect(t, answerOf(t, err), refusal+"Scan")
	_, err = client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{
		"keyed": {Keys: []map[string]types.AttributeValue{{"pk": text("CLOUD#a"), "sk": text("x")}}},
	}})
	expect(t, answerOf(t, err), refusal+"BatchGetItem")
	_, err = client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("keyed"), IndexName: aws.String("none"),
		KeyConditionExpression: aws.String("pk = :p"), ExpressionAttributeValues: map[string]types.AttributeValue{":p": text("TOKEN#a")}})
	expect(t, answerOf(t, err), refusal+"Query")
}
