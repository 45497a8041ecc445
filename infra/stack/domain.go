package stack

import (
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsroute53"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Domain is the API's own name; none where Name is empty.
type Domain struct {
	// Name such as api.vendor.example.
	Name string
	// CertificateARN of ACM, for Name, in the deployment's region.
	CertificateARN string
	// HostedZoneID of Route 53 in which the name is to be entered; where it is
	// empty, somebody enters it elsewhere.
	HostedZoneID string
}

var (
	hostName    = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$`)
	certificate = regexp.MustCompile(`^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	hostedZone  = regexp.MustCompile(`^Z[A-Z0-9]{1,31}$`)
)

func (r *reader) domain() Domain {
	d := Domain{r.text("domainName", ""), r.text("certificateArn", ""), r.text("hostedZoneId", "")}
	if d.Name == "" {
		if d.CertificateARN != "" || d.HostedZoneID != "" {
			r.fail("certificateArn or hostedZoneId is set without domainName")
		}
		return Domain{}
	}
	if len(d.Name) > 253 || !hostName.MatchString(d.Name) {
		r.fail("domainName is %q; it is a host's name in small letters, such as api.vendor.example", d.Name)
	}
	if !certificate.MatchString(d.CertificateARN) {
		r.fail("certificateArn is %q; domainName needs the ARN of a certificate of ACM in the region of the deployment", d.CertificateARN)
	}
	if d.HostedZoneID != "" && !hostedZone.MatchString(d.HostedZoneID) {
		r.fail("hostedZoneId is %q; it is the id of a hosted zone of Route 53, such as Z0123456789ABC", d.HostedZoneID)
	}
	return d
}

// serve makes the API answer under the name, and gives back where the name has to
// point. The API answers under its own address too: what was configured with that
// goes on working.
func (d Domain) serve(scope constructs.Construct, apiID *string, stage constructs.IConstruct) *string {
	scope = constructs.NewConstruct(scope, jsii.String("Domain"))
	name := awsapigatewayv2.NewCfnDomainName(scope, jsii.String("Name"), &awsapigatewayv2.CfnDomainNameProps{
		DomainName: jsii.String(d.Name),
		DomainNameConfigurations: []any{&awsapigatewayv2.CfnDomainName_DomainNameConfigurationProperty{
			CertificateArn: jsii.String(d.CertificateARN), EndpointType: jsii.String("REGIONAL"), SecurityPolicy: jsii.String("TLS_1_2"),
		}},
	})
	awsapigatewayv2.NewCfnApiMapping(scope, jsii.String("Mapping"), &awsapigatewayv2.CfnApiMappingProps{
		ApiId: apiID, DomainName: name.Ref(), Stage: jsii.String("$default"),
	}).Node().AddDependency(stage)
	if d.HostedZoneID != "" {
		awsroute53.NewCfnRecordSet(scope, jsii.String("Record"), &awsroute53.CfnRecordSetProps{
			HostedZoneId: jsii.String(d.HostedZoneID), Name: jsii.String(d.Name), Type: jsii.String("A"),
			AliasTarget: &awsroute53.CfnRecordSet_AliasTargetProperty{
				DnsName: name.AttrRegionalDomainName(), HostedZoneId: name.AttrRegionalHostedZoneId(),
			},
		})
	}
	return name.AttrRegionalDomainName()
}
