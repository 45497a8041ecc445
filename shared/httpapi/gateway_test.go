package httpapi

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"byoc/shared/cloud"
)

func (a *api) event(method, path, query, body string) events.APIGatewayV2HTTPResponse {
	a.Helper()
	return a.eventWithin(a.Context(), method, path, query, body)
}

func (a *api) eventWithin(ctx context.Context, method, path, query, body string) events.APIGatewayV2HTTPResponse {
	a.Helper()
	e := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: "$default", RawPath: path, RawQueryString: query, Body: body,
		Headers: map[string]string{"authorization": "aivenv1 " + admin, "content-type": "application/json"},
	}
	e.RequestContext.RequestID = "gateway-id="
	e.RequestContext.DomainName = "api.example.com"
	e.RequestContext.HTTP.Method = method
	e.RequestContext.HTTP.Path = path
	answer, err := Gateway(a.handler)(ctx, e)
	if err != nil {
		a.Fatal(err)
	}
	return answer
}

// waited is a table that tells until when it may be waited for.
type waited struct {
	*table
	until *time.Time
}

func (w waited) Find(ctx context.Context, organizationID, id string) (cloud.Cloud, error) {
	*w.until, _ = ctx.Deadline()
	return w.table.Find(ctx, organizationID, id)
}

func TestAnInvocationLeavesTimeForItsAnswer(t *testing.T) {
	a := newAPI(t)
	id := a.draft()
	var until time.Time
	a.server.Clouds.Store = waited{a.table, &until}
	end := time.Now().Add(time.Hour)
	ctx, cancel := context.WithDeadline(t.Context(), end)
	defer cancel()
	if answer := a.eventWithin(ctx, "GET", acmes+"/"+id, "", ""); answer.StatusCode != 200 || !until.Equal(end.Add(-answerReserve)) {
		t.Errorf("%d, waits until %v of an invocation that ends at %v", answer.StatusCode, until, end)
	}
}

func TestGatewayEvents(t *testing.T) {
	a := newAPI(t)
	created := a.event("POST", acmes, "limit=999", draftBody)
	if created.StatusCode != 201 || created.Headers["X-Request-Id"] != "gateway-id=" || created.IsBase64Encoded {
		t.Fatalf("%+v", created)
	}
	var v map[string]map[string]any
	if err := json.Unmarshal([]byte(created.Body), &v); err != nil {
		t.Fatal(err)
	}
	id := v["custom_cloud_environment"]["custom_cloud_environment_id"].(string)
	if got := a.event("GET", acmes+"/"+id, "", ""); got.StatusCode != 200 || got.Headers["Etag"] != `"1"` && got.Headers["ETag"] != `"1"` {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(a.log.String(), `"request_id":"gateway-id="`) {
		t.Error("the gateway's request id is not in the log")
	}
}

// The gateway hands paths over decoded: what they hold need not be a URL's path.
func TestGatewayPathsThatAreNoURLs(t *testing.T) {
	a := newAPI(t)
	for _, path := range []string{"", "/v1/%", "/v1/%zz", "/v1/a b", "/v1/a?b", "/v1/a#b", "/v1/\x00", "/v1/\n", "v1", "/v1/../../x", acmes + "/ä", "/v1/\xff", "http://[::1"} {
		got := a.event("GET", path, "", "")
		if got.StatusCode != 404 || !strings.Contains(got.Body, `"request_id":"gateway-id="`) {
			t.Errorf("%q: %d %s", path, got.StatusCode, got.Body)
		}
	}
	for _, query := range []string{"%zz", "a=\x00", "limit=%"} {
		if got := a.event("GET", acmes, query, ""); got.StatusCode >= 500 || !json.Valid([]byte(got.Body)) {
			t.Errorf("%q: %d %s", query, got.StatusCode, got.Body)
		}
	}
	if got := a.event("GE T", acmes, "", ""); got.StatusCode != 400 || !strings.Contains(got.Body, `"errors"`) {
		t.Errorf("%+v", got)
	}
}
