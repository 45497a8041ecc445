package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/moto/mototest"
)

// errLost is what a caller sees of a connection that broke.
var errLost = errors.New("connection reset by peer (injected)")

// account is one AWS account in the emulator, and the wire to it.
type account struct {
	emulator string
	id       string

	mu    sync.Mutex
	calls []string
	// fault decides about the n-th call (from 1) before it is sent: drop it, or
	// send it and lose the answer.
	fault func(n int, action string) (drop, lose bool)
	// answer replaces an answer where it returns one.
	answer func(action string, form url.Values) *http.Response
	// down: the process that called is dead.
	down atomic.Bool
}

var accounts atomic.Int64

func newAccount(t *testing.T) *account {
	t.Helper()
	return &account{emulator: mototest.URL(t), id: fmt.Sprintf("%012d", 100000000000+accounts.Add(1))}
}

func (a *account) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	if a.down.Load() {
		return nil, errLost
	}
	a.mu.Lock()
	a.calls = append(a.calls, action)
	drop, lose := false, false
	if a.fault != nil {
		drop, lose = a.fault(len(a.calls), action)
	}
	a.mu.Unlock()
	if drop {
		return nil, errLost
	}
	if a.answer != nil {
		if out := a.answer(action, form); out != nil {
			out.Request = r
			return out, nil
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	out, err := a.send(r)
	if action == "DeleteNatGateway" && err == nil {
		a.freeAddress(form.Get("NatGatewayId"))
	}
	if lose && err == nil {
		out.Body.Close()
		return nil, errLost
	}
	return out, err
}

// freeAddress does what AWS does when a NAT gateway is gone, and moto does not.
func (a *account) freeAddress(gateway string) {
	ctx, c := context.Background(), client(raw{a})
	out, err := c.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{gateway}})
	if err != nil {
		return
	}
	for _, g := range out.NatGateways {
		for _, x := range g.NatGatewayAddresses {
			addresses, err := c.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{AllocationIds: []string{aws.ToString(x.AllocationId)}})
			if err != nil {
				return
			}
			for _, y := range addresses.Addresses {
				_, _ = c.DisassociateAddress(ctx, &ec2.DisassociateAddressInput{AssociationId: y.AssociationId})
			}
		}
	}
}

func (a *account) send(r *http.Request) (*http.Response, error) {
	r.URL.Host = strings.TrimPrefix(a.emulator, "http://")
	r.Header.Set("x-moto-account-id", a.id)
	return http.DefaultTransport.RoundTrip(r)
}

// raw is the wire without recording and faults, for the tests' own look.
type raw struct{ *account }

func (a raw) RoundTrip(r *http.Request) (*http.Response, error) { return a.send(r) }

func client(transport http.RoundTripper) *ec2.Client {
	return ec2.New(ec2.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String("http://emulator"),
		Credentials:  credentials.NewStaticCredentialsProvider("key", "secret", ""),
		HTTPClient:   &http.Client{Transport: transport},
		Retryer:      retry.NewStandard(func(o *retry.StandardOptions) { o.MaxBackoff = time.Millisecond }),
	})
}

// counted is how many calls of the prefixes were made since start.
func (a *account) counted(prefixes ...string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, c := range a.calls {
		if slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(c, p) }) {
			n++
		}
	}
	return n
}

func (a *account) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls = nil
}

func (a *account) mutating() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(a.calls), func(c string) bool { return strings.HasPrefix(c, "Describe") })
}

// inventory is everything in the account, read without the engine's code: what
// there is, by its Name where it has one, and its tags.
func (a *account) inventory(t *testing.T) []string {
	t.Helper()
	ctx, c := context.Background(), client(raw{a})
	var all []string
	add := func(kind, id string, tags []types.Tag) {
		var pairs []string
		for _, x := range tags {
			pairs = append(pairs, aws.ToString(x.Key)+"="+aws.ToString(x.Value))
		}
		slices.Sort(pairs)
		if len(pairs) == 0 {
			pairs = []string{id}
		}
		all = append(all, kind+" "+strings.Join(pairs, " "))
	}
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	vpcs, err := c.DescribeVpcs(ctx, nil)
	must(err)
	for _, x := range vpcs.Vpcs {
		add("vpc", *x.VpcId, x.Tags)
	}
	gateways, err := c.DescribeInternetGateways(ctx, nil)
	must(err)
	for _, x := range gateways.InternetGateways {
		add("internet-gateway", *x.InternetGatewayId, x.Tags)
	}
	subnets, err := c.DescribeSubnets(ctx, nil)
	must(err)
	for _, x := range subnets.Subnets {
		add("subnet", *x.SubnetId, x.Tags)
	}
	addresses, err := c.DescribeAddresses(ctx, nil)
	must(err)
	for _, x := range addresses.Addresses {
		add("elastic-ip", *x.AllocationId, x.Tags)
	}
	nats, err := c.DescribeNatGateways(ctx, nil)
	must(err)
	for _, x := range nats.NatGateways {
		if x.State != types.NatGatewayStateDeleted {
			add("natgateway", *x.NatGatewayId, x.Tags)
		}
	}
	tables, err := c.DescribeRouteTables(ctx, nil)
	must(err)
	for _, x := range tables.RouteTables {
		if len(x.Associations) == 0 || !aws.ToBool(x.Associations[0].Main) {
			add("route-table", *x.RouteTableId, x.Tags)
		}
	}
	groups, err := c.DescribeSecurityGroups(ctx, nil)
	must(err)
	for _, x := range groups.SecurityGroups {
		if aws.ToString(x.GroupName) != "default" {
			add("security-group", *x.GroupId, x.Tags)
		}
	}
	slices.Sort(all)
	return all
}
