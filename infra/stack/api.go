package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigateway"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Requests per second that the gateway lets through, all callers together.
const (
	apiRate  = 100
	apiBurst = 200
)

// accessLog has no address and no credential of a caller.
const accessLog = `{"requestId":"$context.requestId","time":"$context.requestTime","method":"$context.httpMethod",` +
	`"path":"$context.path","status":"$context.status","latency":"$context.responseLatency",` +
	`"integrationLatency":"$context.integrationLatency","error":"$context.error.message",` +
	`"integrationError":"$context.integrationErrorMessage"}`

// api is the HTTP API.
type api struct {
	id, url *string
	// target is where its own name has to point, if that is for somebody else to
	// enter.
	target *string
}

// newAPI is an HTTP API with one $default route: routing, methods and errors
// are the function's, the same here as in tests.
func newAPI(scope constructs.Construct, s Settings, handler function) api {
	scope = constructs.NewConstruct(scope, jsii.String("Api"))
	httpAPI := awsapigatewayv2.NewHttpApi(scope, jsii.String("HttpApi"), &awsapigatewayv2.HttpApiProps{
		ApiName:            s.named("api"),
		CreateDefaultStage: jsii.Bool(false),
		DefaultIntegration: awsapigatewayv2integrations.NewHttpLambdaIntegration(jsii.String("Function"), handler.Function,
			// No timeout: the default of 30 s is above the function's own, and the
			// longest there is.
			&awsapigatewayv2integrations.HttpLambdaIntegrationProps{
				PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_2_0(),
			}),
	})
	justify(httpAPI.Node().FindChild(jsii.String("DefaultRoute")).Node().DefaultChild(), "AwsSolutions-APIG4",
		"The function authenticates: a token or JWT on every route but health and the API's description, in our own shape of error; a test holds every route against that.")
	logs := awslogs.NewLogGroup(scope, jsii.String("AccessLogs"), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/vendedlogs/apis/" + *s.named("api")),
		Retention:     s.logRetention(),
		RemovalPolicy: s.removal(),
	})
	stage := awsapigatewayv2.NewHttpStage(scope, jsii.String("Stage"), &awsapigatewayv2.HttpStageProps{
		HttpApi:    httpAPI,
		StageName:  jsii.String("$default"),
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(apiRate),
			BurstLimit: jsii.Number(apiBurst),
		},
		// No detailed metrics: they are paid for, and there is one route.
	})
	// The L2's access log settings are an interface that Go would have to implement.
	cfn := stage.Node().DefaultChild().(awsapigatewayv2.CfnStage)
	cfn.SetAccessLogSettings(&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
		DestinationArn: logs.LogGroupArn(),
		Format:         awsapigateway.AccessLogFormat_Custom(jsii.String(accessLog)).ToString(),
	})
	served := api{id: httpAPI.ApiId(), url: stage.Url()}
	if s.Domain.Name != "" {
		target := s.Domain.serve(scope, httpAPI.ApiId(), stage)
		served.url = jsii.String("https://" + s.Domain.Name)
		if s.Domain.HostedZoneID == "" {
			served.target = target
		}
	}
	return served
}
