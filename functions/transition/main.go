// Command transition is the function that writes the last state of a run and
// emits its event. It has no way into a customer's account.
package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/function"
	"byoc/shared/lambdaerror"
	"byoc/shared/task"
)

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[task.TransitionInput, struct{}], error) {
	busName := f.String("EVENT_BUS_NAME")
	return lambdaerror.Handler(f.Log, f.Metrics, task.Transition(&cloud.Clouds{
		Store:  dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table),
		Events: f.Metrics.Changes(eventbridge.New(eventbridgeclient.NewFromConfig(f.AWS), busName), f.Log),
		Now:    time.Now,
		Log:    f.Log,
	})), nil
}
