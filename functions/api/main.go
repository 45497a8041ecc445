// Command api is the function behind API Gateway that serves the HTTP API.
package main

import (
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/environment"
	"byoc/shared/eventbridge"
	"byoc/shared/httpapi"
	"byoc/shared/invoke"
	"byoc/shared/stepfunctions"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	handler, err := wire(log)
	if err != nil {
		log.Error("starting", "error", err)
		os.Exit(1)
	}
	lambda.Start(httpapi.Gateway(handler))
}

func wire(log *slog.Logger) (http.Handler, error) {
	var env environment.Reader
	tableName, busName := env.String("TABLE_NAME"), env.String("EVENT_BUS_NAME")
	provision, deprovision := env.String("PROVISION_MACHINE_ARN"), env.String("DEPROVISION_MACHINE_ARN")
	rules := cloud.Rules{
		VendorAccount: env.String("VENDOR_ACCOUNT_ID"), AllowOwnAccount: env.Bool("ALLOW_OWN_ACCOUNT"), Vendor: env.String("VENDOR_NAME"),
	}
	settings := httpapi.Settings{Principal: env.String("CUSTOMER_ACCESS_ROLE_ARN"), ManagementCIDRs: env.Prefixes("MANAGEMENT_CIDRS"), Vendor: rules.Vendor, TemplateBucketURL: env.Optional("TEMPLATE_BUCKET_URL")}
	oidc := httpapi.OIDC{
		Issuer: env.Optional("OIDC_ISSUER"), Audience: env.Optional("OIDC_AUDIENCE"),
		OrganizationClaim: env.Optional("OIDC_ORGANIZATION_CLAIM"), RoleClaim: env.Optional("OIDC_ROLE_CLAIM"),
	}
	checks := env.String("VALIDATE_ROLE_FUNCTION_ARN")
	if err := env.Err(); err != nil {
		return nil, err
	}
	config, err := awsconfig.FromEnvironment()
	if err != nil {
		return nil, err
	}
	table := dynamo.New(dynamodb.NewFromConfig(config), tableName)
	runs := stepfunctions.New(sfn.NewFromConfig(config), provision, deprovision)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(config), busName)
	return httpapi.New(httpapi.Config{
		Clouds:         &cloud.Clouds{Store: table, Runs: runs, Events: bus, Rules: rules, Now: time.Now, Log: log},
		Cursor:         table.Cursor,
		History:        table,
		Directory:      table,
		Answers:        table,
		Preflight:      invoke.NewChecks(config, checks),
		Authenticators: authenticators(oidc, table),
		Settings:       settings, Now: time.Now, Log: log,
	})
}

// issuerTimeout is how long an issuer may take to answer with its keys.
const issuerTimeout = 5 * time.Second

// authenticators: an issuer's JWTs, where one is configured, and opaque tokens,
// which take every credential and come last.
func authenticators(o httpapi.OIDC, table *dynamo.Table) []httpapi.Authenticator {
	tokens := httpapi.NewTokens(table, time.Now)
	if o.Issuer == "" {
		return []httpapi.Authenticator{tokens}
	}
	return []httpapi.Authenticator{httpapi.NewJWTs(o, &http.Client{Timeout: issuerTimeout}, time.Now), tokens}
}
