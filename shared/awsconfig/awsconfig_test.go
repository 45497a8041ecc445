package awsconfig

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func environment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL",
	} {
		t.Setenv(name, set[name])
	}
}

func TestFromEnvironmentNamesWhatIsMissing(t *testing.T) {
	full := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hush"}
	for missing := range full {
		set := map[string]string{}
		for k, v := range full {
			if k != missing {
				set[k] = v
			}
		}
		environment(t, set)
		_, err := FromEnvironment()
		if err == nil || !strings.Contains(err.Error(), missing) || strings.Contains(err.Error(), "hush") {
			t.Errorf("without %s: %v", missing, err)
		}
	}
}

// A throttled call is tried again, at the overridden endpoint, with the
// credentials of the environment.
func TestCallsGoToTheOverriddenEndpointAndAreRetried(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if !strings.Contains(r.Header.Get("Authorization"), "AKIAEXAMPLE") {
			t.Errorf("signed by %q", r.Header.Get("Authorization"))
		}
		if calls == 1 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>`))
			return
		}
		_, _ = w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
	}))
	defer server.Close()
	environment(t, map[string]string{
		"AWS_DEFAULT_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
		"AWS_SECRET_ACCESS_KEY": "hush", "AWS_ENDPOINT_URL": server.URL,
	})
	cfg, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(out.Account) != "123456789012" || calls != 2 {
		t.Errorf("account %q after %d calls", aws.ToString(out.Account), calls)
	}
}
