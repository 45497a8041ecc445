// Command infra is the CDK app: it synthesizes the stacks of one environment.
// The CDK CLI runs it as cdk.json says; stack.ReadSettings lists the context
// keys that it takes with -c.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"byoc/infra/stack"
)

func main() {
	defer closeRuntime()
	if err := synth(); err != nil {
		fmt.Fprintln(os.Stderr, "byoc:", err)
		closeRuntime()
		os.Exit(1)
	}
}

// closeRuntime ends jsii's process, when all has been said. jsii waits for it twice
// at the same time and says of one of them that it failed, which is nothing to tell
// anybody.
func closeRuntime() {
	if null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0); err == nil {
		os.Stderr = null
	}
	jsii.Close()
}

func synth() error {
	app := awscdk.NewApp(stack.AppProps())
	settings, err := stack.ReadSettings(func(key string) any { return app.Node().TryGetContext(jsii.String(key)) })
	if err != nil {
		return err
	}
	if err := stack.New(app, settings); err != nil {
		return err
	}
	app.Synth(nil)
	return nil
}
