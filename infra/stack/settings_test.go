package stack

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func TestSettingsSayWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change map[string]any
		want   string
	}{
		"no management ranges":       {map[string]any{"managementCidrs": nil}, "managementCidrs is missing"},
		"no management ports":        {map[string]any{"managementPorts": ""}, "managementPorts is missing"},
		"open to everyone":           {map[string]any{"managementCidrs": "0.0.0.0/0"}, "open customers' bastions to everyone"},
		"no range":                   {map[string]any{"managementCidrs": "192.0.2.1/24"}, "IPv4 ranges"},
		"no port":                    {map[string]any{"managementPorts": "22,ssh"}, "1 to 65535"},
		"an unknown environment":     {map[string]any{"env": "staging"}, "sandbox or production"},
		"an unknown architecture":    {map[string]any{"architecture": "amd64"}, "arm64 or x86_64"},
		"own account in production":  {map[string]any{"env": "production", "allowOwnAccount": "true"}, "sandboxes"},
		"no sender in production":    {map[string]any{"env": "production", "mailSender": nil}, "mailSender is missing"},
		"a sender without a domain":  {map[string]any{"mailSender": "clouds"}, "no mail address"},
		"an interval that is no one": {map[string]any{"waitSeconds": "soon"}, "whole number"},
		"a function that outlives":   {map[string]any{"networkSeconds": "130"}, "below networkTaskSeconds"},
		"an issuer over http":        {map[string]any{"env": "production", "oidcIssuer": "http://id.example", "oidcAudience": "a"}, "https URL"},
		"an issuer for everyone":     {map[string]any{"oidcIssuer": "https://id.example"}, "oidcAudience is missing"},
		"an audience of nobody":      {map[string]any{"oidcAudience": "byoc"}, "without oidcIssuer"},
		"a bucket with dots":         {map[string]any{"templateBucket": "my.templates"}, "without dots"},
		"a link to no cloud":         {map[string]any{"cloudUrl": "https://clouds.vendor.example/"}, "{custom_cloud_environment_id} in it"},
		"a link that is none":        {map[string]any{"cloudUrl": "clouds/{custom_cloud_environment_id}"}, "https URL"},
		"an interval of zero":        {map[string]any{"maxPolls": "0"}, "1 or more"},
	} {
		t.Run(name, func(t *testing.T) {
			values := contextOf(t, variant{"sandbox", "arm64"})
			maps.Copy(values, c.change)
			_, err := ReadSettings(func(key string) any { return values[key] })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want a sentence with %q", err, c.want)
			}
		})
	}
}

func TestSettingsTakeJSON(t *testing.T) {
	values := contextOf(t, variant{"sandbox", "arm64"})
	maps.Copy(values, map[string]any{
		"managementCidrs": []any{"192.0.2.0/24", "198.51.100.0/24"}, "managementPorts": []any{float64(22)},
		"allowOwnAccount": true, "waitSeconds": float64(3), "oidcIssuer": "https://id.example", "oidcAudience": "byoc",
	})
	s, err := ReadSettings(func(key string) any { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	if len(s.ManagementCIDRs) != 2 || s.ManagementPorts[0] != 22 || !s.AllowOwnAccount || s.Intervals.WaitSeconds != 3 ||
		s.OIDC != (OIDC{"https://id.example", "byoc", "organization_id", "role"}) {
		t.Errorf("got %+v", s)
	}
}

func TestFunctionsHaveToBeBuilt(t *testing.T) {
	values := contextOf(t, variant{"sandbox", "arm64"})
	s, err := ReadSettings(func(key string) any { return values[key] })
	if err != nil {
		t.Fatal(err)
	}
	s.FunctionsDir = filepath.Join(t.TempDir(), "functions")
	if err := os.Mkdir(s.FunctionsDir, 0o755); err != nil {
		t.Fatal(err)
	}
	err = New(awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())}), s)
	if err == nil || !strings.Contains(err.Error(), "make functions ARCH=arm64") {
		t.Errorf("got %v", err)
	}
}
