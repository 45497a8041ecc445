package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/dynamo"
)

func key(pk, sk string) map[string]types.AttributeValue {
	return map[string]types.AttributeValue{
		dynamo.PartitionKey: &types.AttributeValueMemberS{Value: pk}, dynamo.SortKey: &types.AttributeValueMemberS{Value: sk},
	}
}

func newStub(t *testing.T) (*stub, *dynamodb.Client) {
	t.Helper()
	s := &stub{table: stubTable{}, counted: counts{Calls: map[string]int{}}}
	server := httptest.NewServer(http.HandlerFunc(s.call))
	t.Cleanup(server.Close)
	config, err := stubConfig()
	if err != nil {
		t.Fatal(err)
	}
	config.BaseEndpoint = &server.URL
	return s, dynamodb.NewFromConfig(config)
}

func TestAStubRefusesWhatItCannotCount(t *testing.T) {
	s, client := newStub(t)
	for name, call := range map[string]func(context.Context) error{
		"Scan": func(ctx context.Context) error {
			_, err := client.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(tableName)})
			return err
		},
		"Query of that index": func(ctx context.Context) error {
			_, err := client.Query(ctx, &dynamodb.QueryInput{TableName: aws.String(tableName), IndexName: aws.String("another")})
			return err
		},
	} {
		if err := call(t.Context()); err == nil || !strings.Contains(err.Error(), "a stub has no "+name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.counted.total() != 0 {
		t.Errorf("counted %v", s.counted)
	}
}

func TestUnitsAreThoseOfTheSizes(t *testing.T) {
	ctx := t.Context()
	s, client := newStub(t)
	table := aws.String(tableName)
	large := key("ORG#1", "CLOUD#1")
	large["blob"] = &types.AttributeValueMemberS{Value: strings.Repeat("x", 5000)}
	for _, c := range []struct {
		name        string
		read, write float64
		call        func() error
	}{
		{"a put of five kilobytes", 0, 5, func() error {
			_, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: large})
			return err
		}},
		{"an update of them", 0, 5, func() error {
			_, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: key("ORG#1", "CLOUD#1")})
			return err
		}},
		{"a small put over them, a delete and a check of nothing, and a delete of them, in a transaction", 0, 2 * (5 + 1 + 1 + 5), func() error {
			_, err := client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
				{Put: &types.Put{TableName: table, Item: key("ORG#1", "CLOUD#1")}},
				{Delete: &types.Delete{TableName: table, Key: key("ORG#1", "NAME#1")}},
				{ConditionCheck: &types.ConditionCheck{TableName: table, Key: key("ORG#1", "NAME#1"), ConditionExpression: aws.String("x")}},
				{Delete: &types.Delete{TableName: table, Key: key("ORG#1", "CLOUD#1")}},
			}})
			return err
		}},
		{"a read of them that may be late", 1, 0, func() error {
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("ORG#1", "CLOUD#1")})
			return err
		}},
		{"a read of them as they are", 2, 0, func() error {
			_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: key("ORG#1", "CLOUD#1"), ConsistentRead: aws.Bool(true)})
			return err
		}},
	} {
		s.counted = counts{Calls: map[string]int{}}
		if err := c.call(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if s.counted.Read != c.read || s.counted.Write != c.write {
			t.Errorf("%s: %v read and %v write units, want %v and %v", c.name, s.counted.Read, s.counted.Write, c.read, c.write)
		}
		// From the first put on it forgets what is written.
		s.grown = true
	}
}
