// Package dynamotest gives tests a real table in moto, which speaks DynamoDB's
// protocol over the wire.
package dynamotest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"byoc/shared/dynamo"
)

// endpoint of the server that Main started; empty where there is none.
var endpoint string

// Main is a package's TestMain: it starts one server for all of its tests and
// ends it afterwards.
func Main(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		fmt.Fprintln(os.Stderr, "\n*** moto_server is missing: NO TEST OF THE TABLE WILL RUN. pip install 'moto[server]' ***")
		return m.Run()
	}
	port, err := freePort()
	if err != nil {
		fmt.Fprintln(os.Stderr, "finding a port:", err)
		return 1
	}
	server := exec.Command(path, "-p", port)
	if err := server.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "starting moto_server:", err)
		return 1
	}
	defer func() {
		server.Process.Kill()
		server.Wait()
	}()
	url := "http://127.0.0.1:" + port
	if err := answers(url); err != nil {
		fmt.Fprintln(os.Stderr, "waiting for moto_server:", err)
		return 1
	}
	endpoint = url
	return m.Run()
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

func answers(url string) (err error) {
	for range 600 {
		var r *http.Response
		if r, err = http.Get(url + "/moto-api/"); err == nil {
			return r.Body.Close()
		}
		time.Sleep(50 * time.Millisecond)
	}
	return err
}

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
	if endpoint == "" {
		t.Skip("moto_server is missing: this test of the table DID NOT RUN. pip install 'moto[server]'")
	}
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

// LoseAnswers carries out the next call and loses its answer, n times, as a
// broken connection does; the SDK then sends it again.
func (d *Database) LoseAnswers(n int) {
	d.transport.mu.Lock()
	defer d.transport.mu.Unlock()
	d.transport.lose = n
}

// direct keeps no connection: one that the server closed meanwhile would make
// the SDK send a call twice, and the count of calls wrong.
var direct = &http.Transport{DisableKeepAlives: true}

// transport lets one call through at a time: moto copies the table without a
// lock for each transaction.
type transport struct {
	mu    sync.Mutex
	calls []string
	lose  int
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	t.calls = append(t.calls, operation)
	answer, err := direct.RoundTrip(r)
	if err == nil && t.lose > 0 {
		t.lose--
		io.Copy(io.Discard, answer.Body)
		answer.Body.Close()
		return nil, io.ErrUnexpectedEOF
	}
	return answer, err
}
