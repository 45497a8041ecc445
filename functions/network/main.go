// Command network is the function that works on the network in a customer's
// account: create, roll back, delete.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/lambdaerror"
	"byoc/shared/network"
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

func wire(log *slog.Logger) (func(context.Context, run.NetworkTask) (run.NetworkAnswer, error), error) {
	var env environment.Reader
	tableName := env.String("TABLE_NAME")
	accessRole := env.String(customeraccount.AccessRoleVariable)
	settings := run.Settings{
		Timing:     network.AWSTiming().Faster(env.Count("LOCAL_AWS_SPEED", 1)),
		Management: network.Management{CIDRs: env.Prefixes("MANAGEMENT_CIDRS"), Ports: env.Ports("MANAGEMENT_PORTS")},
	}
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
	networker := &run.Networker{
		Store:    table,
		Accounts: accounts,
		Records:  table,
		Journal:  func(ref cloud.Ref, fence cloud.Fence) network.Journal { return table.Journal(ref, fence) },
		Settings: settings,
		Now:      time.Now,
		Log:      log,
	}
	return func(ctx context.Context, t run.NetworkTask) (run.NetworkAnswer, error) {
		invocation, ok := lambdacontext.FromContext(ctx)
		if !ok {
			return run.NetworkAnswer{}, cloud.Errorf(cloud.Internal, "an invocation without a request id")
		}
		return networker.Handle(ctx, t, invocation.AwsRequestID)
	}, nil
}
