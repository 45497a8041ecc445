// Command validaterole is the function that proves that a customer's role can
// be trusted and used.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/function"
	"byoc/shared/lambdaerror"
	"byoc/shared/preflight"
	"byoc/shared/run"
)

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[preflight.Task, *preflight.Answer], error) {
	busName := f.String("EVENT_BUS_NAME")
	accessRole := f.String(customeraccount.AccessRoleVariable)
	accounts, err := customeraccount.NewAssumer(f.AWS, accessRole)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table)
	clouds := &cloud.Clouds{
		Store:  table,
		Events: f.Metrics.Changes(eventbridge.New(eventbridgeclient.NewFromConfig(f.AWS), busName), f.Log),
		Now:    time.Now,
		Log:    f.Log,
	}
	validator := &run.Validator{Store: table, Accounts: accounts, Records: table, Clouds: clouds, Log: f.Log}
	return lambdaerror.Handler(f.Log, f.Metrics, validator.Handle), nil
}
