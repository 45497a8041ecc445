package network

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// emulator is where moto serves; empty where it is not installed.
var emulator string

func TestMain(m *testing.M) {
	stop := startEmulator()
	code := m.Run()
	stop()
	os.Exit(code)
}

func startEmulator() (stop func()) {
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return func() {}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	l.Close()
	server := exec.Command(path, "-H", "127.0.0.1", "-p", port)
	if err := server.Start(); err != nil {
		panic(err)
	}
	for range 300 {
		if r, err := http.Get("http://" + address + "/moto-api/data.json"); err == nil {
			r.Body.Close()
			emulator = "http://" + address
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	}
}

// errLost is what a caller sees of a connection that broke.
var errLost = errors.New("connection reset by peer (injected)")

// account is one AWS account in the emulator, and the wire to it.
type account struct {
	id string

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
	if emulator == "" {
		t.Skip("SKIPPED, NOT TESTED: moto_server is missing; pip install 'moto[server]'")
	}
	return &account{id: fmt.Sprintf("%012d", 100000000000+accounts.Add(1))}
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
	r.Header.Set("x-moto-account-id", a.id)
	return http.DefaultTransport.RoundTrip(r)
}

// raw is the wire without recording and faults, for the tests' own look.
type raw struct{ *account }

func (a raw) RoundTrip(r *http.Request) (*http.Response, error) { return a.send(r) }

func client(transport http.RoundTripper) *ec2.Client {
	return ec2.New(ec2.Options{
		Region:       "eu-west-1",
		BaseEndpoint: aws.String(emulator),
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

// journal is a record that outlives engines.
type journal struct {
	mu      sync.Mutex
	network cloud.Network
	writes  int
	// fail refuses the n-th write, from 1.
	fail func(n int) error
	down *atomic.Bool
}

func (j *journal) write(change func()) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.writes++
	if j.down.Load() {
		return errLost
	}
	if j.fail != nil {
		if err := j.fail(j.writes); err != nil {
			return err
		}
	}
	change()
	return nil
}

func (j *journal) Record(_ context.Context, s cloud.Step) error {
	return j.write(func() { j.network.Steps[s.Key] = s })
}

func (j *journal) CreateCalled(context.Context) error {
	return j.write(func() { j.network.CreateCalled, j.network.EmptySweeps = true, 0 })
}

func (j *journal) Swept(_ context.Context, empty bool, at time.Time) error {
	return j.write(func() {
		if !empty {
			j.network.EmptySweeps = 0
			return
		}
		j.network.EmptySweeps, j.network.LastEmptySweep = j.network.EmptySweeps+1, at
	})
}

// world is a cloud, its record and its account, over many invocations.
type world struct {
	*account
	t       *testing.T
	spec    Spec
	journal *journal
	clock   time.Time
	client  EC2
}

const testCloud = "8f14e45f-ceea-467f-a9c3-7d1f0b5f4a11"

func newWorld(t *testing.T, zones int, nat cloud.NATLayout) *world {
	t.Helper()
	a := newAccount(t)
	w := &world{account: a, t: t, clock: time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC), client: client(a)}
	w.journal = &journal{network: cloud.Network{Steps: map[string]cloud.Step{}}, down: &a.down}
	block := netip.MustParsePrefix("10.4.0.0/20")
	chosen, err := SelectZones(context.Background(), client(raw{a}), block, zones)
	if err != nil {
		t.Fatal(err)
	}
	w.spec = Spec{
		CloudID: testCloud, Region: "eu-west-1", AccountID: a.id, CIDR: block, Zones: chosen, NATGateways: nat,
		Management: Management{CIDRs: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}, Ports: []int{22}},
		IngressRules: []cloud.IngressRule{
			{Protocol: "tcp", FromPort: 5432, ToPort: 5432, CIDR: "10.9.0.0/16", Description: "the café's tools"},
		},
	}
	return w
}

// engine is what an invocation makes of the record.
func (w *world) engine() *Engine {
	w.journal.mu.Lock()
	defer w.journal.mu.Unlock()
	return New(w.client, w.journal, w.spec, w.journal.network, func() time.Time { return w.clock })
}

// until comes back as the state machine does, until it is over.
func (w *world) until(pass func(*Engine, context.Context) (Outcome, error)) (Outcome, error) {
	for range 40 {
		out, err := pass(w.engine(), context.Background())
		if err != nil || out.Done || len(out.Pending) == 0 {
			return out, err
		}
		if out.Wait <= 0 {
			w.t.Fatalf("pending without a time to come back: %+v", out.Pending)
		}
		w.clock = w.clock.Add(out.Wait)
	}
	out, err := pass(w.engine(), context.Background())
	w.t.Fatalf("never done; last pending: %+v, %v", out.Pending, err)
	return Outcome{}, nil
}

func (w *world) provision() {
	w.t.Helper()
	if out, err := w.until((*Engine).Ensure); err != nil || !out.Done {
		w.t.Fatalf("Ensure: %+v, %v", out, err)
	}
}

func (w *world) remove() {
	w.t.Helper()
	if out, err := w.until((*Engine).Delete); err != nil || !out.Done {
		w.t.Fatalf("Delete: %+v, %v", out, err)
	}
}
