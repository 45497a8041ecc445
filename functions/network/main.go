// Command network is the function that works on the network in a customer's
// account: create, roll back, delete.
package main

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/dynamo"
	"byoc/shared/function"
	"byoc/shared/lambdaerror"
	"byoc/shared/network"
	"byoc/shared/run"
)

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[run.NetworkTask, run.NetworkAnswer], error) {
	accessRole := f.String(customeraccount.AccessRoleVariable)
	settings := run.Settings{
		Timing:     network.AWSTiming().Faster(f.Count("LOCAL_AWS_SPEED", 1)),
		Management: network.Management{CIDRs: f.Prefixes("MANAGEMENT_CIDRS"), Ports: f.Ports("MANAGEMENT_PORTS")},
	}
	accounts, err := customeraccount.NewAssumer(f.AWS, accessRole)
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table)
	networker := &run.Networker{
		Store:    table,
		Accounts: accounts,
		Records:  table,
		Journal:  func(ref cloud.Ref, fence cloud.Fence) network.Journal { return table.Journal(ref, fence) },
		Settings: settings,
		Now:      time.Now,
		Log:      f.Log,
	}
	return lambdaerror.Handler(f.Log, f.Metrics, func(ctx context.Context, t run.NetworkTask) (run.NetworkAnswer, error) {
		invocation, ok := lambdacontext.FromContext(ctx)
		if !ok {
			return run.NetworkAnswer{}, cloud.Errorf(cloud.Internal, "an invocation without a request id")
		}
		return networker.Handle(ctx, t, invocation.AwsRequestID)
	}), nil
}
