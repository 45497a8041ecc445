// Package dynamotest gives tests a real table in moto, which speaks DynamoDB's
// protocol over the wire.
package dynamotest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/infra/local/awscall"
	"byoc/infra/local/moto/mototest"
	"byoc/shared/dynamo"
)

// Database is one fresh table, and a client that counts what it is asked.
type Database struct {
	Client *dynamodb.Client
	Table  string

	transport *transport
}

var tables atomic.Int64

// New makes a table of the shape that package dynamo wants. The test is skipped
// where there is no server.
func New(t testing.TB) *Database {
	t.Helper()
	endpoint := mototest.URL(t)
	d := &Database{Table: fmt.Sprintf("byoc-%d", tables.Add(1)), transport: &transport{}}
	d.Client = dynamodb.New(dynamodb.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(endpoint),
		HTTPClient:   &http.Client{Transport: d.transport},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	_, err := d.Client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:   &d.Table,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			text(dynamo.PartitionKey), text(dynamo.SortKey), text(dynamo.DueShard), text(dynamo.DueAt),
		},
		KeySchema: keySchema(dynamo.PartitionKey, dynamo.SortKey),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String(dynamo.DueIndex),
			KeySchema:  keySchema(dynamo.DueShard, dynamo.DueAt),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
	})
	if err != nil {
		t.Fatal("creating table:", err)
	}
	d.Calls()
	return d
}

func text(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func keySchema(partition, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &partition, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

// Calls made since it was last asked, by operation, joined by spaces.
func (d *Database) Calls() string {
	d.transport.mu.Lock()
	defer d.transport.mu.Unlock()
	calls := strings.Join(d.transport.calls, " ")
	d.transport.calls = nil
	return calls
}

// Eventual are the reads since it was last asked that need not see the newest
// write, by operation, joined by spaces.
func (d *Database) Eventual() string {
	d.transport.mu.Lock()
	defer d.transport.mu.Unlock()
	reads := strings.Join(d.transport.eventual, " ")
	d.transport.eventual = nil
	return reads
}

// LoseAnswers carries out the next call and loses its answer, n times, as a
// broken connection does; the SDK then sends it again.
func (d *Database) LoseAnswers(n int) {
	d.transport.mu.Lock()
	defer d.transport.mu.Unlock()
	d.transport.lose = n
}

// direct keeps no connection: one that the server closed meanwhile would make
// the SDK send a call twice, and the count of calls wrong.
var direct = awscall.Transport{Next: &http.Transport{DisableKeepAlives: true}}

// transport lets one call through at a time: moto copies the table without a
// lock for each transaction.
type transport struct {
	mu       sync.Mutex
	calls    []string
	eventual []string
	lose     int
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	t.calls = append(t.calls, operation)
	if slices.Contains([]string{"GetItem", "BatchGetItem", "Query"}, operation) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if !bytes.Contains(body, []byte(`"ConsistentRead":true`)) {
			t.eventual = append(t.eventual, operation)
		}
	}
	answer, err := direct.RoundTrip(r)
	if err == nil && t.lose > 0 {
		t.lose--
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return answer, err
}
