package cloud_test

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"byoc/shared/cloud"
)

func valid() cloud.Description {
	return cloud.Description{
		DisplayName: "Production", Provider: "aws", Region: "eu-west-1", DeploymentModel: "standard",
		CIDR: "10.0.0.0/16", Contacts: []cloud.Contact{{Email: "ops@customer.example", Role: "SRE"}},
	}
}

// refusals are the locations that creating d is refused for.
func refusals(t *testing.T, d cloud.Description) []string {
	t.Helper()
	clouds := &cloud.Clouds{Store: newStore(), Events: &bus{}, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	_, err := clouds.Create(context.Background(), "org1", d, cloud.Principal{ID: "u1"})
	if err != nil && cloud.CodeOf(err) != cloud.Invalid {
		t.Fatal(err)
	}
	var locations []string
	for _, f := range cloud.FieldsOf(err) {
		if f.Message == "" {
			t.Errorf("%s is refused without a word", f.Location)
		}
		locations = append(locations, f.Location)
	}
	return locations
}

func TestAValidDescriptionIsTaken(t *testing.T) {
	if got := refusals(t, valid()); got != nil {
		t.Errorf("refused for %v", got)
	}
}

func TestEachFieldIsRefusedByName(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*cloud.Description)
		want   string
	}{
		"empty name":               {func(d *cloud.Description) { d.DisplayName = "  " }, "body.display_name"},
		"65 characters":            {func(d *cloud.Description) { d.DisplayName = strings.Repeat("ä", 65) }, "body.display_name"},
		"control character":        {func(d *cloud.Description) { d.DisplayName = "a\x00b" }, "body.display_name"},
		"right-to-left override":   {func(d *cloud.Description) { d.DisplayName = "a\u202eb" }, "body.display_name"},
		"zero-width space":         {func(d *cloud.Description) { d.DisplayName = "a\u200bb" }, "body.display_name"},
		"another provider":         {func(d *cloud.Description) { d.Provider = "google" }, "body.cloud_provider"},
		"no such provider":         {func(d *cloud.Description) { d.Provider = "AWS" }, "body.cloud_provider"},
		"region with prefix":       {func(d *cloud.Description) { d.Region = "aws-eu-west-1" }, "body.cloud_region"},
		"zone for region":          {func(d *cloud.Description) { d.Region = "eu-west-1a" }, "body.cloud_region"},
		"another deployment model": {func(d *cloud.Description) { d.DeploymentModel = "hipaa" }, "body.deployment_model"},
		"host address":             {func(d *cloud.Description) { d.CIDR = "10.0.0.1/16" }, "body.reserved_cidr"},
		"too large":                {func(d *cloud.Description) { d.CIDR = "10.0.0.0/15" }, "body.reserved_cidr"},
		"too small":                {func(d *cloud.Description) { d.CIDR = "10.0.0.0/25" }, "body.reserved_cidr"},
		"public":                   {func(d *cloud.Description) { d.CIDR = "8.8.0.0/16" }, "body.reserved_cidr"},
		"IPv6":                     {func(d *cloud.Description) { d.CIDR = "fd00::/16" }, "body.reserved_cidr"},
		"leading zeros":            {func(d *cloud.Description) { d.CIDR = "010.0.0.0/16" }, "body.reserved_cidr"},
		"peer overlaps":            {func(d *cloud.Description) { d.PeerCIDRs = []string{"192.168.0.0/24", "10.0.128.0/20"} }, "body.peer_cidrs[1]"},
		"NAT layout":               {func(d *cloud.Description) { d.NATGateways = "none" }, "body.nat_gateways"},
		"no contact":               {func(d *cloud.Description) { d.Contacts = []cloud.Contact{} }, "body.contact_emails"},
		"no address":               {func(d *cloud.Description) { d.Contacts[0].Email = "Ops <ops@customer.example>" }, "body.contact_emails[0].email"},
		"letters SES refuses":      {func(d *cloud.Description) { d.Contacts[0].Email = "jörg@customer.example" }, "body.contact_emails[0].email"},
		"a domain in letters":      {func(d *cloud.Description) { d.Contacts[0].Email = "ops@kunde-ä.example" }, "body.contact_emails[0].email"},
		"header in an address":     {func(d *cloud.Description) { d.Contacts[0].Email = "a@b.example\r\nBcc: c@d.example" }, "body.contact_emails[0].email"},
		"upper case tag":           {func(d *cloud.Description) { d.Tags = map[string]string{"Team": "x"} }, "body.tags.Team"},
		"tag with a dash first":    {func(d *cloud.Description) { d.Tags = map[string]string{"-team": "x"} }, "body.tags.-team"},
		"tag with a dash last":     {func(d *cloud.Description) { d.Tags = map[string]string{"team-": "x"} }, "body.tags.team-"},
		"tag without a key":        {func(d *cloud.Description) { d.Tags = map[string]string{"": "x"} }, "body.tags."},
		"tag with an underscore":   {func(d *cloud.Description) { d.Tags = map[string]string{"a_b": "x"} }, "body.tags.a_b"},
		"reserved tag":             {func(d *cloud.Description) { d.Tags = map[string]string{"aws-x": "x"} }, "body.tags.aws-x"},
		"reserved tag with prefix": {func(d *cloud.Description) { d.Tags = map[string]string{"byoc_resource_tag:aiven": "x"} }, "body.tags.byoc_resource_tag:aiven"},
		"rule without source": {func(d *cloud.Description) {
			d.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 1, ToPort: 2}}
		}, "body.ingress_rules[0]"},
		"rule with ports upside down": {func(d *cloud.Description) {
			d.IngressRules = []cloud.IngressRule{{Protocol: "tcp", FromPort: 2, ToPort: 1, CIDR: "10.9.0.0/24"}}
		}, "body.ingress_rules[0].from_port"},
	} {
		t.Run(name, func(t *testing.T) {
			d := valid()
			test.change(&d)
			if got := refusals(t, d); !slices.Equal(got, []string{test.want}) {
				t.Errorf("refused for %v, want %v", got, test.want)
			}
		})
	}
}

func TestAllInvalidFieldsAreReportedTogether(t *testing.T) {
	got := refusals(t, cloud.Description{})
	for _, want := range []string{"body.display_name", "body.cloud_provider", "body.cloud_region", "body.deployment_model", "body.reserved_cidr", "body.contact_emails"} {
		if !slices.Contains(got, want) {
			t.Errorf("%s is missing among %v", want, got)
		}
	}
}

func TestTheTagPrefixOfTheCommandLineClientIsKept(t *testing.T) {
	d := valid()
	d.Tags = map[string]string{"byoc_resource_tag:team": "data"}
	if got := refusals(t, d); got != nil {
		t.Errorf("refused for %v", got)
	}
}
