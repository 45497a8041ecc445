// Command watch is the scheduled function that does the work that is due:
// unpublished events, runs that were lost, clouds to be looked at.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/eventbridge"
	"byoc/shared/look"
	"byoc/shared/network"
	"byoc/shared/stepfunctions"
	"byoc/shared/watch"
)

// width is how many accounts are looked at at once: they are waited for, so that
// memory is what bounds it.
const width = 64

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, err := wire(log)
	if err != nil {
		log.Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(handler)
}

func wire(log *slog.Logger) (func(context.Context) error, error) {
	var env environment.Reader
	tableName := env.String("TABLE_NAME")
	busName := env.String("EVENT_BUS_NAME")
	provision := env.String("PROVISION_MACHINE_ARN")
	deprovision := env.String("DEPROVISION_MACHINE_ARN")
	accessRole := env.String(customeraccount.AccessRoleVariable)
	management := network.Management{CIDRs: env.Prefixes("MANAGEMENT_CIDRS"), Ports: env.Ports("MANAGEMENT_PORTS")}
	timing := network.AWSTiming().Faster(env.Count("LOCAL_AWS_SPEED", 1))
	every := time.Duration(env.Count("WATCH_SECONDS", 3600)) * time.Second
	confirm := time.Duration(env.Count("WATCH_CONFIRM_SECONDS", 60)) * time.Second
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
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(config), busName)
	machines := stepfunctions.New(sfn.NewFromConfig(config), provision, deprovision)
	watcher := &watch.Watcher{
		Store:  table,
		Runs:   machines,
		Events: bus,
		Clouds: &cloud.Clouds{Store: table, Runs: machines, Events: bus, Now: time.Now, Log: log},
		Checks: watch.Checks{
			Looker: &look.Looker{
				Accounts: accounts, Records: table, Management: management, Timing: timing, Now: time.Now, Log: log,
			},
			Every: every, Confirm: confirm, Width: width,
		},
		Shards: dynamo.Shards,
		Now:    time.Now,
		Log:    log,
	}
	return watcher.Handle, nil
}
