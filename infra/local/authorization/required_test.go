package authorization

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"byoc/infra/local/awscall"
)

// knownAccount stands for an account in which everything asked for exists.
type knownAccount struct{}

func (knownAccount) RouteTableAssociation(context.Context, string) (string, string, error) {
	return "rtb-1", "subnet-1", nil
}

func (knownAccount) AddressAssociation(context.Context, string, string) (string, string, error) {
	return "eipalloc-1", "eni-1", nil
}

func (knownAccount) Role(_ context.Context, name string) (Role, error) {
	if name == "missing" {
		return Role{}, nil
	}
	return Role{ARN: "arn:aws:iam::111111111111:role/path/" + name, Boundary: "arn:b", Tags: map[string]string{"k": "v"}}, nil
}

func (knownAccount) VerifiedAddress(_ context.Context, address string) (bool, error) {
	return address == "verified@example.com", nil
}

var caller = awscall.Principal{
	Account: "111111111111", RoleARN: "arn:aws:iam::111111111111:role/caller",
	ARN: "arn:aws:sts::111111111111:assumed-role/caller/session",
}

func queryCall(service, query string) *awscall.Call {
	values, err := url.ParseQuery(query)
	if err != nil {
		panic(err)
	}
	return &awscall.Call{
		Service: service, Operation: values.Get("Action"), Region: "eu-west-1", Caller: caller,
		Query: values, Header: http.Header{}, Method: "POST", URL: &url.URL{Path: "/"},
	}
}

// shown writes authorizations one per line, without the account's part of the
// ARNs and without ec2:Region, which every EC2 authorization has.
func shown(list []Authorization) string {
	var lines []string
	for _, a := range list {
		line := a.Action + " " + strings.ReplaceAll(strings.ReplaceAll(a.Resource, "eu-west-1:111111111111:", ""), "arn:aws:", "")
		if a.TagsOf != "" {
			line += " tags-of=" + a.TagsOf
		}
		for _, key := range slices.Sorted(maps.Keys(a.Context)) {
			if key != "ec2:Region" {
				line += fmt.Sprintf(" %s=%s", key, strings.Join(a.Context[key], ","))
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func checkRequired(t *testing.T, call *awscall.Call, want ...string) {
	t.Helper()
	list, err := Required(t.Context(), call, knownAccount{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shown(list), strings.Join(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestQueryServices(t *testing.T) {
	const tags = "&TagSpecification.1.ResourceType=%s&TagSpecification.1.Tag.1.Key=Name&TagSpecification.1.Tag.1.Value=x"
	tagged := func(kind string) string { return fmt.Sprintf(tags, kind) }
	for _, c := range []struct {
		service, query string
		want           []string
	}{
		{"cloudformation", "Action=CreateChangeSet&StackName=s&ChangeSetName=c", []string{"cloudformation:CreateChangeSet cloudformation:stack/s/*"}},
		{"cloudformation", "Action=DescribeStacks&StackName=arn:aws:cloudformation:eu-west-1:111111111111:stack/s/1", []string{"cloudformation:DescribeStacks cloudformation:stack/s/1"}},
		{"cloudformation", "Action=DescribeStacks", []string{"cloudformation:DescribeStacks *"}},
		{"ec2", "Action=DescribeVpcs", []string{"ec2:DescribeVpcs *"}},
		{"ec2", "Action=DescribeNetworkInterfaces&DryRun=true", []string{"ec2:DescribeNetworkInterfaces *"}},
		{"ec2", "Action=DescribeVpcAttribute&VpcId=vpc-1", []string{"ec2:DescribeVpcAttribute ec2:vpc/vpc-1 tags-of=vpc-1 ec2:VpcID=vpc-1"}},
		{"ec2", "Action=CreateVpc", []string{"ec2:CreateVpc ec2:vpc/*"}},
		{"ec2", "Action=CreateVpc&DryRun=true" + tagged("vpc"), []string{
			"ec2:CreateVpc ec2:vpc/* aws:RequestTag/Name=x aws:TagKeys=Name",
			"ec2:CreateTags ec2:vpc/* aws:RequestTag/Name=x aws:TagKeys=Name ec2:CreateAction=CreateVpc",
		}},
		{"ec2", "Action=ModifyVpcAttribute&VpcId=vpc-1", []string{"ec2:ModifyVpcAttribute ec2:vpc/vpc-1 tags-of=vpc-1 ec2:VpcID=vpc-1"}},
		{"ec2", "Action=CreateSubnet&VpcId=vpc-1" + tagged("subnet"), []string{
			"ec2:CreateSubnet ec2:vpc/vpc-1 tags-of=vpc-1 ec2:VpcID=vpc-1",
			"ec2:CreateSubnet ec2:subnet/* aws:RequestTag/Name=x aws:TagKeys=Name ec2:Vpc=arn:aws:ec2:eu-west-1:111111111111:vpc/vpc-1",
			"ec2:CreateTags ec2:subnet/* aws:RequestTag/Name=x aws:TagKeys=Name ec2:CreateAction=CreateSubnet",
		}},
		{"ec2", "Action=AttachInternetGateway&InternetGatewayId=igw-1&VpcId=vpc-1", []string{
			"ec2:AttachInternetGateway ec2:internet-gateway/igw-1 tags-of=igw-1 ec2:InternetGatewayID=igw-1",
			"ec2:AttachInternetGateway ec2:vpc/vpc-1 tags-of=vpc-1 ec2:VpcID=vpc-1",
		}},
		{"ec2", "Action=AllocateAddress&Domain=vpc", []string{"ec2:AllocateAddress ec2:elastic-ip/*"}},
		{"ec2", "Action=DisassociateAddress&AssociationId=eipassoc-1", []string{
			"ec2:DisassociateAddress ec2:elastic-ip/eipalloc-1 tags-of=eipalloc-1 ec2:AllocationId=eipalloc-1",
			"ec2:DisassociateAddress ec2:network-interface/eni-1 tags-of=eni-1 ec2:NetworkInterfaceID=eni-1",
		}},
		{"ec2", "Action=CreateNatGateway&SubnetId=subnet-1&AllocationId=eipalloc-1", []string{
			"ec2:CreateNatGateway ec2:subnet/subnet-1 tags-of=subnet-1 ec2:SubnetID=subnet-1",
			"ec2:CreateNatGateway ec2:elastic-ip/eipalloc-1 tags-of=eipalloc-1 ec2:AllocationId=eipalloc-1",
			"ec2:CreateNatGateway ec2:natgateway/*",
		}},
		{"ec2", "Action=DeleteNatGateway&NatGatewayId=nat-1", []string{"ec2:DeleteNatGateway ec2:natgateway/nat-1 tags-of=nat-1"}},
		{"ec2", "Action=CreateRoute&RouteTableId=rtb-1&GatewayId=igw-1", []string{"ec2:CreateRoute ec2:route-table/rtb-1 tags-of=rtb-1 ec2:RouteTableID=rtb-1"}},
		{"ec2", "Action=AssociateRouteTable&RouteTableId=rtb-1&SubnetId=subnet-1", []string{
			"ec2:AssociateRouteTable ec2:route-table/rtb-1 tags-of=rtb-1 ec2:RouteTableID=rtb-1",
			"ec2:AssociateRouteTable ec2:subnet/subnet-1 tags-of=subnet-1 ec2:SubnetID=subnet-1",
		}},
		{"ec2", "Action=DisassociateRouteTable&AssociationId=rtbassoc-1", []string{
			"ec2:DisassociateRouteTable ec2:route-table/rtb-1 tags-of=rtb-1 ec2:RouteTableID=rtb-1",
			"ec2:DisassociateRouteTable ec2:subnet/subnet-1 tags-of=subnet-1 ec2:SubnetID=subnet-1",
		}},
		{"ec2", "Action=ReplaceRouteTableAssociation&AssociationId=rtbassoc-1&RouteTableId=rtb-2", []string{
			"ec2:ReplaceRouteTableAssociation ec2:route-table/rtb-2 tags-of=rtb-2 ec2:RouteTableID=rtb-2",
			"ec2:ReplaceRouteTableAssociation ec2:subnet/subnet-1 tags-of=subnet-1 ec2:SubnetID=subnet-1",
		}},
		{"ec2", "Action=AuthorizeSecurityGroupIngress&GroupId=sg-1", []string{"ec2:AuthorizeSecurityGroupIngress ec2:security-group/sg-1 tags-of=sg-1 ec2:SecurityGroupID=sg-1"}},
		{"ec2", "Action=AuthorizeSecurityGroupEgress&GroupId=sg-1" + tagged("security-group-rule"), []string{
			"ec2:AuthorizeSecurityGroupEgress ec2:security-group/sg-1 tags-of=sg-1 ec2:SecurityGroupID=sg-1",
			"ec2:AuthorizeSecurityGroupEgress ec2:security-group-rule/* aws:RequestTag/Name=x aws:TagKeys=Name",
			"ec2:CreateTags ec2:security-group-rule/* aws:RequestTag/Name=x aws:TagKeys=Name ec2:CreateAction=AuthorizeSecurityGroupEgress",
		}},
		{"ec2", "Action=RevokeSecurityGroupIngress&GroupId=sg-1&SecurityGroupRuleId.1=sgr-1", []string{"ec2:RevokeSecurityGroupIngress ec2:security-group/sg-1 tags-of=sg-1 ec2:SecurityGroupID=sg-1"}},
		{"ec2", "Action=ModifySecurityGroupRules&GroupId=sg-1&SecurityGroupRule.1.SecurityGroupRuleId=sgr-1", []string{
			"ec2:ModifySecurityGroupRules ec2:security-group/sg-1 tags-of=sg-1 ec2:SecurityGroupID=sg-1",
			"ec2:ModifySecurityGroupRules ec2:security-group-rule/sgr-1 tags-of=sgr-1",
		}},
		{"ec2", "Action=CreateTags&ResourceId.1=vpc-1&ResourceId.2=sg-1&Tag.1.Key=k&Tag.1.Value=v", []string{
			"ec2:CreateTags ec2:vpc/vpc-1 tags-of=vpc-1 aws:RequestTag/k=v aws:TagKeys=k ec2:VpcID=vpc-1",
			"ec2:CreateTags ec2:security-group/sg-1 tags-of=sg-1 aws:RequestTag/k=v aws:TagKeys=k ec2:SecurityGroupID=sg-1",
		}},
		{"ec2", "Action=DeleteTags&ResourceId.1=nat-1&Tag.1.Key=k", []string{"ec2:DeleteTags ec2:natgateway/nat-1 tags-of=nat-1 aws:TagKeys=k"}},

		{"iam", "Action=CreateRole&RoleName=r&PermissionsBoundary=arn:p&Tags.member.1.Key=k&Tags.member.1.Value=v", []string{
			"iam:CreateRole iam::111111111111:role/r aws:RequestTag/k=v aws:TagKeys=k iam:PermissionsBoundary=arn:p",
			"iam:TagRole iam::111111111111:role/r aws:RequestTag/k=v aws:TagKeys=k",
		}},
		{"iam", "Action=AttachRolePolicy&RoleName=r&PolicyArn=arn:p", []string{
			"iam:AttachRolePolicy iam::111111111111:role/path/r aws:ResourceTag/k=v iam:PermissionsBoundary=arn:b iam:PolicyARN=arn:p iam:ResourceTag/k=v"}},
		{"iam", "Action=GetRole&RoleName=missing", []string{"iam:GetRole iam::111111111111:role/missing"}},

		{"sts", "Action=GetCallerIdentity", nil},
		{"sts", "Action=AssumeRole&RoleArn=arn:aws:iam::222222222222:role/r&RoleSessionName=s&ExternalId=e", []string{
			"sts:AssumeRole iam::222222222222:role/r sts:ExternalId=e sts:RoleSessionName=s"}},
		{"sts", "Action=AssumeRole&RoleArn=r&SourceIdentity=i&Tags.member.1.Key=k&Tags.member.1.Value=v", []string{
			"sts:AssumeRole r sts:SourceIdentity=i", "sts:TagSession r aws:RequestTag/k=v aws:TagKeys=k", "sts:SetSourceIdentity r sts:SourceIdentity=i"}},

		{"sns", "Action=Publish&TopicArn=arn:aws:sns:eu-west-1:111111111111:t", []string{"sns:Publish sns:t"}},
		{"ses", "Action=SendEmail&Source=a@example.com&Destination.ToAddresses.member.1=b@x", []string{
			"ses:SendEmail ses:identity/example.com ses:FromAddress=a@example.com ses:Recipients=b@x"}},
	} {
		t.Run(c.query, func(t *testing.T) { checkRequired(t, queryCall(c.service, c.query), c.want...) })
	}
}

func TestUnknownCalls(t *testing.T) {
	for _, c := range []struct{ service, query string }{
		{"ec2", "Action=RunInstances"},
		{"ec2", "Action=DeleteSecurityGroup&GroupName=x"},
		{"ec2", "Action=CreateTags&ResourceId.1=i-1"},
		{"ec2", "Action=CreateVpc&Ipv4IpamPoolId=p"},
		{"iam", "Action=CreateUser"},
		{"sts", "Action=GetSessionToken"},
		{"kms", "Action=Decrypt"},
		{"ses", "Action=SendEmail&Source=nobody"},
	} {
		t.Run(c.query, func(t *testing.T) {
			_, err := Required(t.Context(), queryCall(c.service, c.query), knownAccount{})
			var unknown *UnknownError
			if !errors.As(err, &unknown) || unknown.Service != c.service {
				t.Errorf("%v", err)
			}
		})
	}
}
