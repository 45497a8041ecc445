package look

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"byoc/bench/cost"
	"byoc/infra/local/moto/mototest"
	"byoc/shared/cloud"
	"byoc/shared/customeraccount"
	"byoc/shared/network"
)

// customer is an account of the emulator whose role demands the external ID,
// and the wire to it.
type customer struct {
	emulator, account, role, externalID string

	mu    sync.Mutex
	calls []string
}

func (c *customer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	action := form.Get("Action")
	c.mu.Lock()
	c.calls = append(c.calls, action)
	c.mu.Unlock()
	if action == "AssumeRole" {
		w := httptest.NewRecorder()
		if form.Get("RoleArn") == c.role && form.Get("ExternalId") != c.externalID {
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprint(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>")
		} else {
			fmt.Fprint(w, "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>key</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"+
				"<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>")
		}
		return w.Result(), nil
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.URL.Host = strings.TrimPrefix(c.emulator, "http://")
	r.Header.Set("x-moto-account-id", c.account)
	return http.DefaultTransport.RoundTrip(r)
}

// noted is what a look keeps of its calls.
type noted struct{ calls []cloud.Call }

func (n *noted) AppendCalls(_ context.Context, _ cloud.Ref, calls []cloud.Call) error {
	n.calls = append(n.calls, calls...)
	return nil
}

// steps are on record.
type steps struct {
	mu      sync.Mutex
	network cloud.Network
}

func (s *steps) Record(_ context.Context, step cloud.Step) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.network.Steps[step.Key] = step
	return nil
}

func (s *steps) CreateCalled(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.network.CreateCalled = true
	return nil
}

func (s *steps) Swept(context.Context, bool, time.Time) error { return nil }

// What the watch costs is computed from a number of calls, and the benchmark waits
// as long as they take: it is the number that a look at a whole network makes.
func TestALookMakesTheCallsThatItsCostIsComputedFrom(t *testing.T) {
	ctx := t.Context()
	c := &customer{emulator: mototest.URL(t), account: mototest.Account(), externalID: "ext-5f1d7a90c2b34e6f"}
	active := cloud.Cloud{
		ID: "8f14e45f-ceea-467f-a9c3-7d1f0b5f4a11", OrganizationID: "org1", Region: mototest.Region, CIDR: "10.4.0.0/20",
		NATGateways: cloud.NATPerZone, ExternalID: c.externalID, State: cloud.Active, Attempt: 1,
	}
	active.RoleARN = "arn:aws:iam::" + c.account + ":role/" + cloud.Stem(active.ID) + "-iam-role"
	c.role = active.RoleARN
	accounts, err := customeraccount.NewAssumer(aws.Config{
		Region: mototest.Region, BaseEndpoint: aws.String("http://emulator"), HTTPClient: &http.Client{Transport: c},
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
	}, "arn:aws:iam::111111111111:role/byoc-customer-access")
	if err != nil {
		t.Fatal(err)
	}
	management := network.Management{CIDRs: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, Ports: []int{22}}
	active.Network = provisioned(ctx, t, accounts, active, management)
	records := &noted{}
	l := &Looker{
		Accounts: accounts, Records: records, Management: management, Timing: network.AWSTiming(), Now: time.Now, Log: slog.New(slog.DiscardHandler),
	}
	c.calls = nil
	look, err := l.Look(ctx, active, "watch")
	if err != nil || len(look.Defects) > 0 || look.Unsettled {
		t.Fatalf("%+v, %v", look, err)
	}
	kinds := map[string]int{}
	for _, action := range c.calls {
		if strings.HasPrefix(action, "Describe") {
			action = "Describe"
		}
		kinds[action]++
	}
	// Our own role's session is one for all looks of an invocation.
	if want := map[string]int{"AssumeRole": 4, "GetRolePolicy": 1, "Describe": 10}; !maps.Equal(kinds, want) {
		t.Errorf("a look calls %v, wanted %v", c.calls, want)
	}
	if n := len(records.calls); n != len(c.calls)-1 {
		t.Errorf("%d of %d calls are on record; all but our own role's should be", n, len(c.calls))
	}
	// One is for what a network that is not as it should be needs.
	if spare := cost.CallsPerLook - len(c.calls); spare < 0 || spare > 1 {
		t.Errorf("a look makes %d calls, and its cost is computed from %d", len(c.calls), cost.CallsPerLook)
	}
}

// provisioned is the record of a network that is there.
func provisioned(ctx context.Context, t *testing.T, accounts *customeraccount.Assumer, c cloud.Cloud, management network.Management) cloud.Network {
	t.Helper()
	s, err := accounts.Open(ctx, customeraccount.RequestFor(c, "provision", nil))
	if err != nil {
		t.Fatal(err)
	}
	block := netip.MustParsePrefix(c.CIDR)
	zones, err := network.SelectZones(ctx, s.EC2, block, 3)
	if err != nil {
		t.Fatal(err)
	}
	record, now := &steps{network: cloud.Network{Zones: zones, Steps: map[string]cloud.Step{}}}, time.Now()
	for range 40 {
		out, err := network.New(s.EC2, record, network.Spec{
			CloudID: c.ID, Region: c.Region, AccountID: c.AccountID(), CIDR: block, Zones: zones,
			NATGateways: c.NATGateways, Management: management, Timing: network.AWSTiming(),
		}, record.network, func() time.Time { return now }).Ensure(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if out.Done {
			return record.network
		}
		now = now.Add(out.Wait)
	}
	t.Fatal("the network is never done")
	return cloud.Network{}
}
