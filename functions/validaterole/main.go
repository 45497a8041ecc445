// Command validaterole is the function that proves that a customer's role can
// be trusted and used.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/eventbridge"
	"byoc/shared/lambdaerror"
	"byoc/shared/preflight"
	"byoc/shared/run"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, err := wire(log)
	if err != nil {
		log.Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(lambdaerror.Handler(log, handler))
}

func wire(log *slog.Logger) (func(context.Context, preflight.Task) (*preflight.Answer, error), error) {
	var env environment.Reader
	tableName := env.String("TABLE_NAME")
	busName := env.String("EVENT_BUS_NAME")
	accessRole := env.String(customeraccount.AccessRoleVariable)
	if err := env.Err(); err != nil {
		return nil, err
	}
	config, err := awsconfig.FromEnvironment()
	if err != nil {
		return nil, err
	}
	accounts, err := customeraccount.NewAssumer(config, accessRole)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(config), tableName)
	clouds := &cloud.Clouds{
		Store:  table,
		Events: eventbridge.New(eventbridgeclient.NewFromConfig(config), busName),
		Now:    time.Now,
		Log:    log,
	}
	validator := &run.Validator{Store: table, Accounts: accounts, Records: table, Clouds: clouds, Log: log}
	return validator.Handle, nil
}
