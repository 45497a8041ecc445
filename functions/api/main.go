// Command api is the function behind API Gateway that serves the HTTP API.
package main

import (
	"net/http"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	eventbridgeclient "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/eventbridge"
	"byoc/shared/function"
	"byoc/shared/httpapi"
	"byoc/shared/invoke"
	"byoc/shared/stepfunctions"
)

func main() { function.Start(wire) }

func wire(f *function.Function) (function.Handler[events.APIGatewayV2HTTPRequest, events.APIGatewayV2HTTPResponse], error) {
	busName := f.String("EVENT_BUS_NAME")
	provision, deprovision := f.String("PROVISION_MACHINE_ARN"), f.String("DEPROVISION_MACHINE_ARN")
	rules := cloud.Rules{
		VendorAccount: f.String("VENDOR_ACCOUNT_ID"), AllowOwnAccount: f.Bool("ALLOW_OWN_ACCOUNT"), Vendor: f.String("VENDOR_NAME"),
	}
	settings := httpapi.Settings{Principal: f.String("CUSTOMER_ACCESS_ROLE_ARN"), ManagementCIDRs: f.Prefixes("MANAGEMENT_CIDRS"), Vendor: rules.Vendor, TemplateBucketURL: f.Optional("TEMPLATE_BUCKET_URL")}
	oidc := httpapi.OIDC{
		Issuer: f.Optional("OIDC_ISSUER"), Audience: f.Optional("OIDC_AUDIENCE"),
		OrganizationClaim: f.Optional("OIDC_ORGANIZATION_CLAIM"), RoleClaim: f.Optional("OIDC_ROLE_CLAIM"),
	}
	checks := f.String("VALIDATE_ROLE_FUNCTION_ARN")
	table := dynamo.New(dynamodb.NewFromConfig(f.AWS), f.Table)
	runs := stepfunctions.New(sfn.NewFromConfig(f.AWS), provision, deprovision)
	bus := eventbridge.New(eventbridgeclient.NewFromConfig(f.AWS), busName)
	handler, err := httpapi.New(httpapi.Config{
		Clouds:         &cloud.Clouds{Store: table, Runs: runs, Events: f.Metrics.Changes(bus, f.Log), Rules: rules, Now: time.Now, Log: f.Log},
		Cursor:         table.Cursor,
		History:        table,
		Directory:      table,
		Answers:        table,
		Preflight:      invoke.NewChecks(f.AWS, checks),
		Authenticators: authenticators(oidc, table),
		Settings:       settings, Now: time.Now, Log: f.Log, Measured: f.Metrics.Request,
	})
	if err != nil {
		return nil, err
	}
	return httpapi.Gateway(handler), nil
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
