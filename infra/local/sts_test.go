package local_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/uuid"

	"byoc/infra/local"
)

const customer = "222222222222"

// code is the error code in an SDK's error.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func createRole(t *testing.T, account string, policy m) string {
	t.Helper()
	document, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	name := "role-" + uuid.NewString()[:8]
	out, err := iam.NewFromConfig(config(account)).CreateRole(context.Background(), &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(string(document)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.Role.Arn)
}

func assume(config aws.Config, roleARN, externalID string) (aws.Config, error) {
	input := &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("tester")}
	if externalID != "" {
		input.ExternalId = aws.String(externalID)
	}
	out, err := sts.NewFromConfig(config).AssumeRole(context.Background(), input)
	if err != nil {
		return aws.Config{}, err
	}
	c := out.Credentials
	return configOf(shared, aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken)), nil
}

func identity(t *testing.T, config aws.Config) string {
	t.Helper()
	out, err := sts.NewFromConfig(config).GetCallerIdentity(context.Background(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(out.Account) + " " + aws.ToString(out.Arn)
}

func TestAccountsAreApart(t *testing.T) {
	if got, want := identity(t, config(customer)), customer+" arn:aws:iam::"+customer+":root"; got != want {
		t.Errorf("identity %q, want %q", got, want)
	}
	if got, want := identity(t, config("AKIADEVELOPER")), vendor+" arn:aws:iam::"+vendor+":root"; got != want {
		t.Errorf("identity %q, want %q", got, want)
	}
	created, err := ec2.NewFromConfig(config(customer)).CreateVpc(context.Background(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.9.0.0/20")})
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]int{customer: 1, vendor: 0} {
		for via, config := range map[string]aws.Config{"proxy": config(account), "emulator": shared.Emulator().Config(account, region)} {
			out, err := ec2.NewFromConfig(config).DescribeVpcs(context.Background(), &ec2.DescribeVpcsInput{})
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, vpc := range out.Vpcs {
				if aws.ToString(vpc.VpcId) == aws.ToString(created.Vpc.VpcId) {
					found++
				}
			}
			if found != want {
				t.Errorf("account %s through the %s sees the VPC %d times, want %d", account, via, found, want)
			}
		}
	}
}

func TestTrustPolicyDecides(t *testing.T) {
	middle := createRole(t, vendor, trustPolicy(m{"AWS": vendor}, nil))
	caller, err := assume(config(vendor), middle, "")
	if err != nil {
		t.Fatal(err)
	}
	other := createRole(t, vendor, trustPolicy(m{"AWS": vendor}, nil))
	external := m{"StringEquals": m{"sts:ExternalId": "secret-id"}}
	tests := map[string]struct {
		policy     m
		externalID string
		allowed    bool
	}{
		"role and external id":      {trustPolicy(m{"AWS": middle}, external), "secret-id", true},
		"one of several roles":      {trustPolicy(m{"AWS": []string{other, middle}}, nil), "", true},
		"account root":              {trustPolicy(m{"AWS": "arn:aws:iam::" + vendor + ":root"}, nil), "", true},
		"account id":                {trustPolicy(m{"AWS": vendor}, nil), "unasked", true},
		"everyone with external id": {trustPolicy("*", external), "secret-id", true},
		"wrong external id":         {trustPolicy(m{"AWS": middle}, external), "other", false},
		"no external id":            {trustPolicy(m{"AWS": middle}, external), "", false},
		"another role":              {trustPolicy(m{"AWS": other}, external), "secret-id", false},
		"another account":           {trustPolicy(m{"AWS": "333333333333"}, nil), "", false},
		"a service":                 {trust("lambda.amazonaws.com"), "", false},
		"denied": {m{"Version": "2012-10-17", "Statement": []any{
			m{"Effect": "Allow", "Principal": m{"AWS": middle}, "Action": "sts:AssumeRole"},
			m{"Effect": "Deny", "Principal": "*", "Action": "sts:*"},
		}}, "", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			roleARN := createRole(t, customer, test.policy)
			session, err := assume(caller, roleARN, test.externalID)
			if !test.allowed {
				checkRefusal(t, err, roleARN, "assumed-role/"+middle[strings.LastIndexByte(middle, '/')+1:]+"/tester")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := customer + " arn:aws:sts::" + customer + ":assumed-role/" + roleARN[strings.LastIndexByte(roleARN, '/')+1:] + "/tester"
			if got := identity(t, session); got != want {
				t.Errorf("identity %q, want %q", got, want)
			}
		})
	}
	for name, policy := range map[string]m{
		"unknown condition": trustPolicy(m{"AWS": middle}, m{"DateLessThan": m{"aws:CurrentTime": "2099-01-01"}}),
		"unknown element":   {"Version": "2012-10-17", "Statement": m{"Effect": "Allow", "NotPrincipal": m{"AWS": other}, "Action": "sts:AssumeRole"}},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := assume(caller, createRole(t, customer, policy), ""); code(err) != "LocalAWSUnknownTrust" {
				t.Errorf("AssumeRole: %v, want that it cannot be judged", err)
			}
		})
	}
	t.Run("missing role", func(t *testing.T) {
		roleARN := "arn:aws:iam::" + customer + ":role/missing"
		_, err := assume(caller, roleARN, "secret-id")
		checkRefusal(t, err, roleARN, "/tester")
	})
}

// checkRefusal wants the one answer that AWS gives for every cause.
func checkRefusal(t *testing.T, err error, roleARN, caller string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("AssumeRole: %v, want a refusal", err)
	}
	want := "User: arn:aws:sts::" + vendor + ":assumed-role/"
	if api.ErrorCode() != "AccessDenied" || !strings.HasPrefix(api.ErrorMessage(), want) ||
		!strings.HasSuffix(api.ErrorMessage(), caller+" is not authorized to perform: sts:AssumeRole on resource: "+roleARN) {
		t.Errorf("refusal %s: %q", api.ErrorCode(), api.ErrorMessage())
	}
}

func TestSessionLimits(t *testing.T) {
	middle := createRole(t, vendor, trustPolicy(m{"AWS": vendor}, nil))
	caller, err := assume(config(vendor), middle, "")
	if err != nil {
		t.Fatal(err)
	}
	target := createRole(t, customer, trustPolicy(m{"AWS": middle}, nil))
	_, err = sts.NewFromConfig(caller).AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn: aws.String(target), RoleSessionName: aws.String("tester"), DurationSeconds: aws.Int32(3601),
	})
	if code(err) != "ValidationError" {
		t.Errorf("chained session of more than an hour: %v", err)
	}
	_, err = dynamodb.NewFromConfig(configOf(shared, "ASIALOCALGONE", "x", "y")).ListTables(context.Background(), &dynamodb.ListTablesInput{})
	if code(err) != "UnrecognizedClientException" {
		t.Errorf("credentials of a former run: %v", err)
	}
}

func TestFreshRoleIsRefusedForAWhile(t *testing.T) {
	ctx := context.Background()
	server, err := local.Start(ctx, local.Config{
		Addr: "127.0.0.1:0", APIAddr: "127.0.0.1:0", Region: region, Account: "444444444444",
		Upstream: shared.Emulator().URL, FreshRoleDelay: 1500 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	roleARN := createRole(t, customer, trustPolicy("*", nil))
	client := sts.NewFromConfig(configOf(server, vendor, "x", ""))
	input := &sts.AssumeRoleInput{RoleArn: aws.String(roleARN), RoleSessionName: aws.String("tester")}
	if _, err := client.AssumeRole(ctx, input); code(err) != "AccessDenied" {
		t.Errorf("role just created: %v, want AccessDenied", err)
	}
	eventually(t, func() (string, bool) {
		_, err := client.AssumeRole(ctx, input)
		return "assume", err == nil
	})
}
