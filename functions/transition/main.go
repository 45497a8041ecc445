// Command transition is the function that writes the last state of a run and
// emits its event. It has no way into a customer's account.
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
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/eventbridge"
	"byoc/shared/lambdaerror"
	"byoc/shared/task"
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

func wire(log *slog.Logger) (func(context.Context, task.TransitionInput) (struct{}, error), error) {
	var env environment.Reader
	tableName := env.String("TABLE_NAME")
	busName := env.String("EVENT_BUS_NAME")
	if err := env.Err(); err != nil {
		return nil, err
	}
	config, err := awsconfig.FromEnvironment()
	if err != nil {
		return nil, err
	}
	return task.Transition(&cloud.Clouds{
		Store:  dynamo.New(dynamodb.NewFromConfig(config), tableName),
		Events: eventbridge.New(eventbridgeclient.NewFromConfig(config), busName),
		Now:    time.Now,
		Log:    log,
	}), nil
}
