package authorization

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"byoc/infra/local/awscall"
	"byoc/infra/local/iampolicy"
)

// describe makes the cheapest call there is, and answers "" or code: message.
func describe(t testing.TB, config aws.Config) string {
	t.Helper()
	_, err := ec2Of(config).DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
	return answerOf(t, err)
}

func answerOf(t testing.TB, err error) string {
	t.Helper()
	var answer smithy.APIError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &answer):
		return answer.ErrorCode() + ": " + answer.ErrorMessage()
	}
	t.Fatal(err)
	return ""
}

func expect(t testing.TB, got, want string) {
	t.Helper()
	if (want == "") != (got == "") || !strings.Contains(got, want) {
		t.Errorf("answered %q, want %q", got, want)
	}
}

const noIdentity = "because no identity-based policy allows the ec2:DescribeVpcs action"

func TestPolicyTypes(t *testing.T) {
	w := newWorld(t, Options{})
	config := w.role(t, "r", allow("ec2:*"))
	expect(t, describe(t, config), "")

	t.Run("service control policies", func(t *testing.T) {
		if err := w.SetSCP(w.account, iampolicy.FullAWSAccess, deny("ec2:DescribeVpcs")); err != nil {
			t.Fatal(err)
		}
		expect(t, describe(t, config), "with an explicit deny in a service control policy")
		expect(t, describe(t, w.root()), "User: arn:aws:iam::"+w.account+":root is not authorized")
		w.SetSCP(w.account, allow("s3:*"))
		expect(t, describe(t, config), "because no service control policy allows the ec2:DescribeVpcs action")
		w.SetSCP(w.account)
		expect(t, describe(t, config), "")
	})

	t.Run("managed policies and a boundary", func(t *testing.T) {
		config := w.role(t, "managed", "")
		expect(t, describe(t, config), noIdentity)
		attach := func(arn string) {
			t.Helper()
			_, err := iam.NewFromConfig(w.root()).AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("managed"), PolicyArn: &arn})
			expect(t, answerOf(t, err), "")
		}
		attach("arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess")
		expect(t, describe(t, config), "")

		own, err := w.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("own"), PolicyDocument: aws.String(allow("s3:*"))})
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.iam.PutRolePermissionsBoundary(t.Context(), &iam.PutRolePermissionsBoundaryInput{RoleName: aws.String("managed"), PermissionsBoundary: own.Policy.Arn})
		if err != nil {
			t.Fatal(err)
		}
		attach(*own.Policy.Arn)
		expect(t, describe(t, config), "because no permissions boundary allows the ec2:DescribeVpcs action")
	})
}

func TestChangesTakeEffectAtOnce(t *testing.T) {
	w := newWorld(t, Options{KeepPolicies: 1e15})
	config := w.role(t, "r", "")
	expect(t, describe(t, config), noIdentity)
	_, err := iam.NewFromConfig(w.root()).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("r"), PolicyName: aws.String("p"), PolicyDocument: aws.String(allow("ec2:DescribeVpcs")),
	})
	expect(t, answerOf(t, err), "")
	expect(t, describe(t, config), "")

	// Behind the Enforcer's back a change shows when the kept copy is old.
	w.putPolicy(t, "r", deny("ec2:*"))
	expect(t, describe(t, config), "")
	w.policies.keep = 0
	expect(t, describe(t, config), "with an explicit deny in an identity-based policy")
}

func TestADeletedRoleHasNoPermission(t *testing.T) {
	w := newWorld(t, Options{})
	gone := w.session(awscall.Principal{
		AccessKeyID: "ASIAGONE", Account: w.account, RoleARN: "arn:aws:iam::" + w.account + ":role/gone",
		ARN: "arn:aws:sts::" + w.account + ":assumed-role/gone/session",
	})
	expect(t, describe(t, gone), noIdentity)
	_, err := sts.NewFromConfig(gone).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	expect(t, answerOf(t, err), "")
}

func TestWhatCannotBeJudgedIsRefused(t *testing.T) {
	w := newWorld(t, Options{})
	config := w.role(t, "r", allow("*"))
	_, err := ec2Of(config).RunInstances(t.Context(), &ec2.RunInstancesInput{MinCount: aws.Int32(1), MaxCount: aws.Int32(1)})
	expect(t, answerOf(t, err), "LocalAWSUnknownAuthorization: the authorizations of ec2:RunInstances are not known")
	if !strings.Contains(w.log.String(), "ec2:RunInstances") {
		t.Errorf("logged: %s", w.log.String())
	}
	_, err = ec2Of(w.root()).RunInstances(t.Context(), &ec2.RunInstancesInput{MinCount: aws.Int32(1), MaxCount: aws.Int32(1), ImageId: aws.String("ami-12345678")})
	if strings.Contains(answerOf(t, err), "LocalAWS") {
		t.Errorf("root was refused: %v", err)
	}

	_, err = iam.NewFromConfig(w.root()).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("r"), PolicyName: aws.String("p"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"ec2:*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}]}`)})
	expect(t, answerOf(t, err), "")
	expect(t, describe(t, config), "LocalAWSCannotAuthorize: policy p, statement \"\": condition key aws:SourceIp is not modelled")
	if len(w.Denied()) != 0 {
		t.Errorf("counted as denials: %+v", w.Denied())
	}
}

func TestServicesWordDenials(t *testing.T) {
	w := newWorld(t, Options{EncodedMessages: true})
	config := w.role(t, "r", allow("s3:*"))
	_, err := dynamodb.NewFromConfig(config).Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("t")})
	user := "User: arn:aws:sts::" + w.account + ":assumed-role/r/session is not authorized to perform: "
	expect(t, answerOf(t, err), "AccessDeniedException: "+user+"dynamodb:Scan on resource: arn:aws:dynamodb:eu-west-1:"+w.account+":table/t because no identity-based policy allows the dynamodb:Scan action")
	_, err = iam.NewFromConfig(config).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("r")})
	expect(t, answerOf(t, err), "AccessDenied: "+user+"iam:GetRole on resource: arn:aws:iam::"+w.account+":role/r because no identity-based policy allows the iam:GetRole action")
	_, err = sqs.NewFromConfig(config).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String("http://localhost/" + w.account + "/q")})
	expect(t, answerOf(t, err), user+"sqs:receivemessage on resource: arn:aws:sqs:eu-west-1:"+w.account+":q because")
	expect(t, describe(t, config), noIdentity+". Encoded authorization failure message: ")
}

func TestServicesWithoutARole(t *testing.T) {
	w := newWorld(t, Options{})
	machine := w.session(awscall.Principal{AccessKeyID: "ASIASTATES", Account: w.account, Service: "states.amazonaws.com"})
	expect(t, describe(t, machine), "")
	if got := w.Unattributed(); len(got) != 1 || got[0] != (Unattributed{"states.amazonaws.com", "ec2", "DescribeVpcs"}) {
		t.Errorf("%+v", got)
	}
}

func TestAssumeRole(t *testing.T) {
	w := newWorld(t, Options{})
	caller := w.role(t, "caller", allow("s3:*"))
	assume := func(role, policy string) (string, *sts.AssumeRoleOutput) {
		t.Helper()
		in := &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: aws.String("session")}
		if policy != "" {
			in.Policy = &policy
		}
		out, err := sts.NewFromConfig(caller).AssumeRole(t.Context(), in)
		return answerOf(t, err), out
	}
	target := func(name, principal string) string {
		t.Helper()
		w.role(t, name, allow("ec2:*"))
		_, err := w.iam.UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{RoleName: &name,
			PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`)})
		if err != nil {
			t.Fatal(err)
		}
		return "arn:aws:iam::" + w.account + ":role/" + name
	}
	byAccount := target("byaccount", w.account)
	byName := target("byname", "arn:aws:iam::"+w.account+":role/caller")
	const abroad = "arn:aws:iam::999999999999:role/r"
	refusal := func(role string) string {
		return "AccessDenied: User: arn:aws:sts::" + w.account + ":assumed-role/caller/session is not authorized to perform: sts:AssumeRole on resource: " + role
	}

	for _, role := range []string{byAccount, abroad} {
		if got, _ := assume(role, ""); got != refusal(role) {
			t.Errorf("%s answered %q", role, got)
		}
	}
	got, _ := assume(byName, "")
	expect(t, got, "")

	w.putPolicy(t, "caller", allow("sts:AssumeRole"))
	w.policies.invalidate(w.account)
	for _, role := range []string{byAccount, abroad} {
		got, _ := assume(role, "")
		expect(t, got, "")
	}
	w.putPolicy(t, "caller", deny("sts:AssumeRole"))
	w.policies.invalidate(w.account)
	got, _ = assume(byName, "")
	expect(t, got, refusal(byName))

	t.Run("session policies limit the session", func(t *testing.T) {
		w.putPolicy(t, "caller", allow("sts:AssumeRole"))
		w.policies.invalidate(w.account)
		got, out := assume(byName, allow("ec2:DescribeSubnets"))
		expect(t, got, "")
		narrowed := w.session(awscall.Principal{
			AccessKeyID: *out.Credentials.AccessKeyId, Account: w.account, RoleARN: byName,
			ARN: "arn:aws:sts::" + w.account + ":assumed-role/byname/session",
		})
		expect(t, describe(t, narrowed), "because no session policy allows the ec2:DescribeVpcs action")
		_, err := ec2Of(narrowed).DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
		expect(t, answerOf(t, err), "")
	})
}

// BenchmarkEnforce is the cost of a judged call on top of moto's own answer,
// with tags to read (tagged) and without (describe). passed is the server
// without judging.
func BenchmarkEnforce(b *testing.B) {
	w := newWorld(b, Options{})
	judged, root := ec2Of(w.role(b, "r", strings.Replace(allow("ec2:*"), `"Resource":"*"`, `"Resource":"*","Condition":{"StringNotEqualsIfExists":{"ec2:ResourceTag/k":"v"}}`, 1))), ec2Of(w.root())
	vpc, err := root.CreateVpc(b.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		client *ec2.Client
	}{{"passed", root}, {"judged", judged}} {
		b.Run(c.name+"/describe", func(b *testing.B) {
			for b.Loop() {
				if _, err := c.client.DescribeSubnets(b.Context(), &ec2.DescribeSubnetsInput{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/tagged", func(b *testing.B) {
			for b.Loop() {
				if _, err := c.client.DescribeVpcAttribute(b.Context(), &ec2.DescribeVpcAttributeInput{VpcId: vpc.Vpc.VpcId, Attribute: "enableDnsSupport"}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
