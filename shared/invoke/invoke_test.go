package invoke

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
	"byoc/shared/task"
)

const function = "arn:aws:lambda:eu-west-1:111111111111:function:byoc-validaterole"

func checks(t *testing.T, handler http.HandlerFunc) *Checks {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return NewChecks(aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIA", SecretAccessKey: "s"}, nil
		}),
	}, function)
}

var asked = preflight.Task{Answer: true, Input: task.Input{Ref: cloud.Ref{CloudID: "c", Attempt: 1}, Execution: "c-preflight"}}

func TestPreflight(t *testing.T) {
	c := checks(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var got preflight.Task
		if err := json.Unmarshal(body, &got); err != nil || got != asked {
			t.Errorf("%v: %s", err, body)
		}
		if !strings.Contains(r.URL.Path, function) || !strings.Contains(r.Header.Get("Authorization"), "/eu-west-1/lambda/aws4_request") {
			t.Errorf("%s %v", r.URL, r.Header)
		}
		_ = json.NewEncoder(w).Encode(preflight.NewAnswer([]preflight.Check{{Name: preflight.Role, Verdict: preflight.Warning}}))
	})
	a, err := c.Preflight(t.Context(), asked)
	if err != nil || a.Verdict != preflight.Warning || len(a.Checks) != 1 {
		t.Errorf("%v %+v", err, a)
	}
}

func TestErrorsKeepTheirCode(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   cloud.Code
	}{
		"throttled":        {429, `{}`, cloud.Unavailable},
		"Lambda is down":   {503, `{}`, cloud.Unavailable},
		"not allowed":      {403, `{"Message":"no"}`, cloud.Internal},
		"gone":             {200, `{"errorType":"NotFound","errorMessage":"gone"}`, cloud.NotFound},
		"internal":         {200, `{"errorType":"Internal","errorMessage":"x"}`, cloud.Internal},
		"crashed":          {200, `{"errorType":"Runtime.ExitError","errorMessage":"x"}`, cloud.Internal},
		"out of time":      {200, `{"errorType":"Sandbox.Timedout","errorMessage":"x"}`, cloud.Unavailable},
		"no JSON":          {200, `x`, cloud.Internal},
		"Lambda's own 404": {404, `{"Message":"Function not found"}`, cloud.Internal},
	} {
		c := checks(t, func(w http.ResponseWriter, _ *http.Request) {
			if test.status == 200 {
				w.Header().Set("X-Amz-Function-Error", "Unhandled")
			}
			w.WriteHeader(test.status)
			_, _ = io.WriteString(w, test.body)
		})
		if _, err := c.Preflight(t.Context(), asked); cloud.CodeOf(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNoAnswerInTimeIsUnavailable(t *testing.T) {
	c := checks(t, func(_ http.ResponseWriter, r *http.Request) {
		// The server notices that a client is gone only once it has read the body.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := c.Preflight(ctx, asked); cloud.CodeOf(err) != cloud.Unavailable {
		t.Error(err)
	}
}
