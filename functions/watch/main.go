// Command watch is the scheduled function that does the work that is due:
// unpublished events, runs that were lost, clouds to be looked at.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/function"
	"byoc/shared/lambdaerror"
	"byoc/shared/look"
	"byoc/shared/network"
	"byoc/shared/stepfunctions"
	"byoc/shared/watch"
)

// width is how many accounts an invocation looks at at once: they are waited for,
// so that memory is what bounds it.
const width = 64

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[watch.Part, struct{}], error) {
	busName := f.String("EVENT_BUS_NAME")
	provision := f.String("PROVISION_MACHINE_ARN")
	deprovision := f.String("DEPROVISION_MACHINE_ARN")
	accessRole := f.String(customeraccount.AccessRoleVariable)
	management := network.Management{CIDRs: f.Prefixes("MANAGEMENT_CIDRS"), Ports: f.Ports("MANAGEMENT_PORTS")}
	timing := network.AWSTiming().Faster(f.Count("LOCAL_AWS_SPEED", 1))
	every := time.Duration(f.Count("WATCH_SECONDS", 3600)) * time.Second
	confirm := time.Duration(f.Count("WATCH_CONFIRM_SECONDS", 60)) * time.Second
	accounts, err := customeraccount.NewAssumer(f.AWS, accessRole)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(f.AWS), busName)
	machines := stepfunctions.New(sfn.NewFromConfig(f.AWS), provision, deprovision)
	watcher := &watch.Watcher{
		Store:  table,
		Runs:   machines,
		Events: bus,
		Clouds: &cloud.Clouds{Store: table, Runs: machines, Events: f.Metrics.Changes(bus, f.Log), Now: time.Now, Log: f.Log},
		Checks: watch.Checks{
			Looker: &look.Looker{
				Accounts: accounts, Records: table, Management: management, Timing: timing, Now: time.Now, Log: f.Log,
			},
			Every: every, Confirm: confirm, Width: width,
		},
		OnRecord: network.OnRecord,
		Shards:   dynamo.Shards,
		Now:      time.Now,
		Log:      f.Log,
		Metrics:  f.Metrics,
	}
	return lambdaerror.Handler(f.Log, f.Metrics, func(ctx context.Context, part watch.Part) (struct{}, error) {
		return struct{}{}, watcher.Handle(ctx, part)
	}), nil
}
