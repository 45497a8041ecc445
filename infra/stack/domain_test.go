package stack

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"
)

const sampleCertificate = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d-0000-4000-8000-000000000000"

// The API answers under a name of the vendor's where one is given, and only then.
func TestTheAPIsOwnName(t *testing.T) {
	each(t, func(t *testing.T, _ variant, a assembly) {
		if len(a.main.all("AWS::ApiGatewayV2::DomainName")) != 0 {
			t.Error("there is a domain that nobody asked for")
		}
	})
	for name, zone := range map[string]string{"zone of ours": "Z0123456789ABC", "zone elsewhere": ""} {
		t.Run(name, func(t *testing.T) {
			values := contextOf(t, variant{"production", "arm64"})
			maps.Copy(values, map[string]any{"domainName": "api.vendor.example", "certificateArn": sampleCertificate, "hostedZoneId": zone})
			a := synthInto(t, filepath.Join(workDir, "domain-"+zone), values)
			domains, mappings, records := a.main.all("AWS::ApiGatewayV2::DomainName"), a.main.all("AWS::ApiGatewayV2::ApiMapping"), a.main.all("AWS::Route53::RecordSet")
			if len(domains) != 1 || len(mappings) != 1 || len(records) != map[bool]int{true: 1, false: 0}[zone != ""] {
				t.Fatalf("%d domains, %d mappings, %d records", len(domains), len(mappings), len(records))
			}
			settings := list(domains[0].Properties["DomainNameConfigurations"])
			if len(settings) != 1 || at(settings[0], "CertificateArn") != sampleCertificate || at(settings[0], "SecurityPolicy") != "TLS_1_2" {
				t.Errorf("the domain is served with %v", settings)
			}
			if at(mappings[0].Properties, "ApiId", "Ref") != a.main.all("AWS::ApiGatewayV2::Api")[0].ID || mappings[0].Properties["Stage"] != "$default" {
				t.Errorf("the mapping is %v", mappings[0].Properties)
			}
			for _, r := range records {
				if at(r.Properties, "AliasTarget", "DNSName", "Fn::GetAtt", 0) != domains[0].ID || r.Properties["Name"] != "api.vendor.example" {
					t.Errorf("the record is %v", r.Properties)
				}
			}
			if url := flat(a.main.Outputs["ApiUrl"].Value); url != "https://api.vendor.example" {
				t.Errorf("ApiUrl is %s", url)
			}
			if _, ok := a.main.Outputs["ApiDomainTarget"]; ok != (zone == "") {
				t.Error("where the name has to point is said where somebody has to enter it, and only there")
			}
			lint(t, a.main.file)
		})
	}
}

func TestWhatIsWrongWithADomain(t *testing.T) {
	for want, c := range map[string]map[string]any{
		"without domainName":         {"certificateArn": sampleCertificate},
		"a host's name":              {"domainName": "https://api.vendor.example", "certificateArn": sampleCertificate},
		"the ARN of a certificate":   {"domainName": "api.vendor.example"},
		"the id of a hosted zone":    {"domainName": "api.vendor.example", "certificateArn": sampleCertificate, "hostedZoneId": "vendor.example"},
		"in the region of the deplo": {"domainName": "api.vendor.example", "certificateArn": "arn:aws:iam::123456789012:server-certificate/x"},
	} {
		values := contextOf(t, variant{"sandbox", "arm64"})
		maps.Copy(values, c)
		if _, err := ReadSettings(func(key string) any { return values[key] }); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want a sentence with %q", err, want)
		}
	}
}
