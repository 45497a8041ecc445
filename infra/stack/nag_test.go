package stack

import (
	"encoding/csv"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// Every finding of the AwsSolutions pack is gone, or has its reason beside the
// resource. A rule that broke is a finding too.
func TestNag(t *testing.T) {
	whatever := map[string]any{
		"domainName": "api.vendor.example", "certificateArn": sampleCertificate, "hostedZoneId": "Z0123456789ABC",
		"alarmEmail": "oncall@vendor.example", "oidcIssuer": "https://login.vendor.example", "oidcAudience": "byoc",
	}
	for name, c := range map[string]struct {
		environment string
		besides     map[string]any
	}{
		"sandbox":                                {"sandbox", nil},
		"production":                             {"production", nil},
		"sandbox with whatever can be asked for": {"sandbox", whatever},
		"production with whatever can be asked for": {"production", whatever},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			values := contextOf(t, variant{c.environment, "arm64"})
			maps.Copy(values, c.besides)
			settings, err := ReadSettings(func(key string) any { return values[key] })
			if err != nil {
				t.Fatal(err)
			}
			props := AppProps()
			props.Outdir = jsii.String(dir)
			app := awscdk.NewApp(props)
			if err := New(app, settings); err != nil {
				t.Fatal(err)
			}
			awscdk.Aspects_Of(app).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
			app.Synth(nil)
			for _, stack := range []string{MainStackName, AccessStackName} {
				checked := 0
				for _, line := range nagReport(t, filepath.Join(dir, "AwsSolutions-"+stack+"-NagReport.csv")) {
					rule, resource, compliance, exception := line[0], line[1], line[2], line[3]
					switch {
					case compliance == "Compliant":
						checked++
					case compliance == "Suppressed" && len(strings.Fields(exception)) >= 6:
						checked++
					default:
						t.Errorf("%s of %s: %s (%s)", rule, resource, compliance, strings.Join(line[3:], "; "))
					}
				}
				if checked == 0 {
					t.Errorf("%s: nothing was checked", stack)
				}
			}
		})
	}
}

func nagReport(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil || len(lines) < 2 {
		t.Fatalf("%s: %d lines, %v", file, len(lines), err)
	}
	return lines[1:]
}
