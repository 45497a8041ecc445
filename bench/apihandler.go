package main

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/infra/local/awscall"
	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/httpapi"
	"byoc/shared/idlog"
	"byoc/shared/invoke"
	"byoc/shared/measure"
	"byoc/shared/stepfunctions"
)

// gateway is the API's handler as Lambda calls it.
type gateway func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// newGateway wires what functions/api does, over these two clients.
func newGateway(config aws.Config, db dynamo.API, bus eventbridge.API) (gateway, error) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	log := idlog.New(null)
	metrics := measure.Metrics{Namespace: "bench", Function: "api", Now: time.Now}
	table := dynamo.New(db, tableName)
	machine := "arn:aws:states:eu-west-1:111111111111:stateMachine:machine"
	handler, err := httpapi.New(httpapi.Config{
		Clouds: &cloud.Clouds{
			Store: table, Runs: stepfunctions.New(sfn.NewFromConfig(config), machine, machine),
			Events: metrics.Changes(eventbridge.New(bus, "bus"), log), Now: time.Now, Log: log,
			Rules: cloud.Rules{VendorAccount: "111111111111", Vendor: "Vendor"},
		},
		Cursor: table.Cursor, History: table, Directory: table, Answers: table,
		Preflight:      invoke.NewChecks(config, "arn:aws:lambda:eu-west-1:111111111111:function:validaterole"),
		Authenticators: []httpapi.Authenticator{httpapi.NewTokens(table, time.Now)},
		Settings: httpapi.Settings{
			Principal: "arn:aws:iam::111111111111:role/byoc-customer-access", Vendor: "Vendor",
			ManagementCIDRs: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
		},
		Now: time.Now, Log: log, Measured: metrics.Request,
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Gateway(handler), nil
}

// stubConfig is what a function has, without asking the environment.
func stubConfig() (aws.Config, error) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_ENDPOINT_URL": "",
	} {
		if err := os.Setenv(name, value); err != nil {
			return aws.Config{}, err
		}
	}
	config, err := awsconfig.FromEnvironment()
	// A server on this machine answers sooner than the SDK expects.
	config.HTTPClient = &http.Client{Transport: awscall.Transport{Next: &http.Transport{MaxIdleConnsPerHost: 256}}}
	return config, err
}

// request is one request of the API, as the gateway hands it over.
type request struct{ method, path, query, body string }

func (r request) event() events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: r.path, RawQueryString: r.query, Body: r.body,
		Headers: map[string]string{
			"authorization": "Bearer " + secret, "host": "api.vendor.example", "accept": "application/json",
			"user-agent": "bench", "x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https",
		},
	}
	if r.body != "" {
		e.Headers["content-type"] = "application/json"
	}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = r.method, r.path
	e.RequestContext.RequestID, e.RequestContext.DomainName = "request", "api.vendor.example"
	return e
}

// do fails on any answer that is no success: nothing else is measured.
func (g gateway) do(ctx context.Context, r request) error { return g.doing(r)(ctx) }

// doing makes the event once: in a function it is there before the handler is.
func (g gateway) doing(r request) func(context.Context) error {
	event := r.event()
	return func(ctx context.Context) error {
		answer, err := g(ctx, event)
		if err == nil && answer.StatusCode/100 != 2 {
			err = fmt.Errorf("%s %s: %d %s", r.method, r.path, answer.StatusCode, answer.Body)
		}
		return err
	}
}

// replay notes the SDK calls that a request makes, to make them again bare.
type replay struct {
	db    *dynamodb.Client
	bus   *eventbridgeclient.Client
	calls []func(context.Context) error
}

func note[In, Out, O any](r *replay, call func(context.Context, In, ...func(*O)) (Out, error), ctx context.Context, in In) (Out, error) {
	r.calls = append(r.calls, func(ctx context.Context) error {
		_, err := call(ctx, in)
		return err
	})
	return call(ctx, in)
}

func (r *replay) GetItem(ctx context.Context, in *dynamodb.GetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return note(r, r.db.GetItem, ctx, in)
}

func (r *replay) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	return note(r, r.db.BatchGetItem, ctx, in)
}

func (r *replay) Query(ctx context.Context, in *dynamodb.QueryInput, _ ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return note(r, r.db.Query, ctx, in)
}

func (r *replay) PutItem(ctx context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	return note(r, r.db.PutItem, ctx, in)
}

func (r *replay) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	return note(r, r.db.UpdateItem, ctx, in)
}

func (r *replay) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, _ ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	return note(r, r.db.TransactWriteItems, ctx, in)
}

func (r *replay) PutEvents(ctx context.Context, in *eventbridgeclient.PutEventsInput, _ ...func(*eventbridgeclient.Options)) (*eventbridgeclient.PutEventsOutput, error) {
	return note(r, r.bus.PutEvents, ctx, in)
}

// run makes the noted calls, one after the other.
func (r *replay) run(ctx context.Context) error {
	for _, call := range r.calls {
		if err := call(ctx); err != nil {
			return err
		}
	}
	return nil
}
