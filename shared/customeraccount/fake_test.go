package customeraccount

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"byoc/shared/awsconfig"
	"byoc/shared/cloud"
	"byoc/shared/template/rolepolicy"
)

const (
	cloudID    = "0b6a6a2c-5a3f-4f8e-9f0b-1d2c3b4a5968"
	principal  = "arn:aws:iam::111111111111:role/byoc-customer-access"
	externalID = "ext-5f1d7a90c2b34e6f"
	region     = "eu-west-1"
)

var (
	ref     = cloud.Ref{OrganizationID: "org1", CloudID: cloudID, Attempt: 1}
	roleARN = "arn:aws:iam::222222222222:role/" + cloud.Stem(cloudID) + "-iam-role"
)

// fakeAWS speaks STS, IAM and EC2 over HTTP as far as this package calls them.
// It checks trust as AWS does: one answer for every cause.
type fakeAWS struct {
	t *testing.T

	mu sync.Mutex
	// trust of the customer's role; empty while there is no role.
	trust    string
	policy   string
	boundary string
	attached string
	// account that GetCallerIdentity answers for the customer's role.
	account string
	// fail answers actions with an error code; failures counts down, and below
	// zero never ends.
	fail     map[string]string
	failures map[string]int
	message  string
	calls    []string
	// disabled: the region is not enabled in the account.
	disabled bool
	// zones by type; vpcs by id, with their ranges; addresses by allocation id.
	// What is named after the cloud carries its tag.
	zones     []string
	vpcs      [][2]string
	addresses []string
	// hang are actions that never answer. Set before the first call.
	hang map[string]bool
}

func trustOf(principal, condition string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":%q}%s}]}`, principal, condition)
}

func demanding(externalID string) string {
	return fmt.Sprintf(`,"Condition":{"StringEquals":{"sts:ExternalId":%q}}`, externalID)
}

// newFake is a customer's account in which everything is as the template makes it.
func newFake(t *testing.T) (*fakeAWS, *Assumer) {
	t.Helper()
	policy, err := rolepolicy.For(cloud.Stem(cloudID), region)
	if err != nil {
		t.Fatal(err)
	}
	f := &fakeAWS{
		t: t, trust: trustOf(principal, demanding(externalID)), policy: policy.JSON(),
		account: "222222222222", fail: map[string]string{}, failures: map[string]int{},
		message: "You are not authorized to perform this operation.",
		zones:   []string{"availability-zone", "availability-zone", "local-zone", "wavelength-zone"},
		vpcs:    [][2]string{{"vpc-default", "172.31.0.0/16"}},
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAFUNCTION",
		"AWS_SECRET_ACCESS_KEY": "SECRET-function", "AWS_SESSION_TOKEN": "TOKEN-function",
	} {
		t.Setenv(name, value)
	}
	config, err := awsconfig.FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	a, err := NewAssumer(config, principal)
	if err != nil {
		t.Fatal(err)
	}
	return f, a
}

func request(r *Recorder) Request {
	return Request{Ref: ref, RoleARN: roleARN, ExternalID: externalID, Region: region, CIDR: "10.20.0.0/16", NATGateways: cloud.NATPerZone, Session: cloudID + "-provision-1", Recorder: r}
}

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		f.t.Error(err)
	}
	action := r.Form.Get("Action")
	if f.hang[action] {
		<-r.Context().Done()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, action)
	w.Header().Set("X-Amzn-Requestid", fmt.Sprintf("req-%d", len(f.calls)))
	ec2 := strings.Contains(r.Header.Get("Authorization"), "/ec2/")
	if code := f.fail[action]; code != "" && f.failures[action] != 0 {
		f.failures[action]--
		f.refuse(w, ec2, code, f.message)
		return
	}
	token := r.Header.Get("X-Amz-Security-Token")
	customer := strings.HasPrefix(token, "TOKEN-"+roleARN)
	switch {
	case action == "AssumeRole":
		f.assume(w, r.Form, token)
	case action == "GetCallerIdentity" && customer:
		f.answer(w, action, "<Account>"+f.account+"</Account>")
	case !customer:
		f.refuse(w, ec2, "AccessDenied", "not the customer's role")
	case ec2 && f.disabled:
		f.refuse(w, ec2, "AuthFailure", "AWS was not able to validate the provided access credentials")
	case action == "DescribeAvailabilityZones" || action == "DescribeVpcs" || action == "DescribeAddresses":
		f.describe(w, action)
	case ec2 && r.Form.Get("DryRun") == "true":
		if !strings.HasPrefix(r.Form.Get("TagSpecification.1.Tag.1.Value"), cloud.Stem(cloudID)+"-") {
			f.t.Errorf("%s is not named after the cloud: %v", action, r.Form)
		}
		f.refuse(w, ec2, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	case action == "DeleteVpc":
		_, _ = w.Write([]byte(`<DeleteVpcResponse><return>true</return></DeleteVpcResponse>`))
	case action == "GetRole":
		boundary := ""
		if f.boundary != "" {
			boundary = "<PermissionsBoundary><PermissionsBoundaryArn>" + f.boundary + "</PermissionsBoundaryArn></PermissionsBoundary>"
		}
		f.answer(w, action, "<Role><AssumeRolePolicyDocument>"+html.EscapeString(url.PathEscape(f.trust))+"</AssumeRolePolicyDocument>"+boundary+"</Role>")
	case action == "GetRolePolicy" && f.policy == "":
		f.refuse(w, false, "NoSuchEntity", "The role policy cannot be found.")
	case action == "GetRolePolicy":
		f.answer(w, action, "<PolicyDocument>"+html.EscapeString(url.PathEscape(f.policy))+"</PolicyDocument>")
	case action == "ListRolePolicies":
		f.answer(w, action, "<PolicyNames><member>"+rolepolicy.Name+"</member></PolicyNames>")
	case action == "ListAttachedRolePolicies":
		attached := ""
		if f.attached != "" {
			attached = "<member><PolicyArn>" + f.attached + "</PolicyArn></member>"
		}
		f.answer(w, action, "<AttachedPolicies>"+attached+"</AttachedPolicies>")
	default:
		f.t.Errorf("unexpected %s of %s", action, token)
	}
}

func (f *fakeAWS) describe(w http.ResponseWriter, action string) {
	tags := func(name string) string {
		if !strings.HasPrefix(name, "own-") {
			return ""
		}
		return "<tagSet><item><key>aiven_custom_cloud_environment_id</key><value>" + cloudID + "</value></item></tagSet>"
	}
	var items strings.Builder
	set := ""
	switch action {
	case "DescribeAvailabilityZones":
		set = "availabilityZoneInfo"
		for i, kind := range f.zones {
			fmt.Fprintf(&items, "<item><zoneName>eu-west-1%c</zoneName><zoneId>euw1-az%d</zoneId><zoneType>%s</zoneType><zoneState>available</zoneState><optInStatus>opt-in-not-required</optInStatus></item>", 'a'+i, i+1, kind)
		}
	case "DescribeVpcs":
		set = "vpcSet"
		for _, v := range f.vpcs {
			fmt.Fprintf(&items, "<item><vpcId>%s</vpcId><cidrBlock>%s</cidrBlock>%s</item>", v[0], v[1], tags(v[0]))
		}
	case "DescribeAddresses":
		set = "addressesSet"
		for _, a := range f.addresses {
			fmt.Fprintf(&items, "<item><allocationId>%s</allocationId>%s</item>", a, tags(a))
		}
	}
	_, _ = fmt.Fprintf(w, "<%[1]sResponse><requestId>req-%[2]d</requestId><%[3]s>%[4]s</%[3]s></%[1]sResponse>", action, len(f.calls), set, items.String())
}

func (f *fakeAWS) assume(w http.ResponseWriter, form url.Values, token string) {
	role, externalID := form.Get("RoleArn"), form.Get("ExternalId")
	allowed := role == principal && token == "TOKEN-function"
	if role == roleARN && strings.HasPrefix(token, "TOKEN-"+principal) && f.trust != "" {
		var trust struct {
			Statement []struct {
				Principal struct{ AWS rolepolicy.Strings }
				Condition map[string]map[string]rolepolicy.Strings
			}
		}
		if err := json.Unmarshal([]byte(f.trust), &trust); err != nil {
			f.t.Error(err)
		}
		for _, s := range trust.Statement {
			wanted, ok := s.Condition["StringEquals"]["sts:ExternalId"]
			for _, p := range s.Principal.AWS {
				allowed = allowed || (p == principal || p == "*") && (!ok || strings.Contains(strings.Join(wanted, ","), externalID) && externalID != "")
			}
		}
	}
	if !allowed {
		f.refuse(w, false, "AccessDenied", "User: x is not authorized to perform: sts:AssumeRole on resource: "+role)
		return
	}
	if form.Get("DurationSeconds") != "3600" {
		f.t.Errorf("duration %s", form.Get("DurationSeconds"))
	}
	f.answer(w, "AssumeRole", "<Credentials><AccessKeyId>ASIA-KEY</AccessKeyId><SecretAccessKey>SECRET-session</SecretAccessKey><SessionToken>TOKEN-"+role+
		"</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>")
}

func (f *fakeAWS) answer(w http.ResponseWriter, action, body string) {
	_, _ = fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>req-%[3]d</RequestId></ResponseMetadata></%[1]sResponse>", action, body, len(f.calls))
}

func (f *fakeAWS) refuse(w http.ResponseWriter, ec2 bool, code, message string) {
	status := http.StatusForbidden
	switch code {
	case "InternalFailure":
		status = http.StatusInternalServerError
	case "DryRunOperation":
		status = http.StatusPreconditionFailed
	}
	w.WriteHeader(status)
	if ec2 {
		_, _ = fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>req-%d</RequestID></Response>", code, message, len(f.calls))
		return
	}
	_, _ = fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error><RequestId>req-%d</RequestId></ErrorResponse>", code, message, len(f.calls))
}
