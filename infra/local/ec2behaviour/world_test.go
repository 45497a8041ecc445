package ec2behaviour_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
	"byoc/infra/local/moto/mototest"
)

// wait is how long NAT gateways are pending and deleting in these tests, unless
// a test looks at them meanwhile: then it lasts forever, so that no slow
// machine can miss it.
const (
	wait    = 100 * time.Millisecond
	forever = time.Hour
)

// worlds share an account in turns: the emulator takes a tenth of a second to
// open one.
var worlds atomic.Int64

var ctx = context.Background()

// world is an account, seen through the behaviours and directly. What others
// made in it is there too, unless the world was opened alone.
type world struct {
	t   *testing.T
	ec2 *ec2.Client
	// behind is the emulator itself.
	behind *ec2.Client
}

// open starts a world with AWS's behaviour, nothing stale, and the change made
// to it.
func open(t *testing.T, change func(*ec2behaviour.Options)) *world {
	t.Helper()
	return openIn(t, fmt.Sprintf("2%011d", worlds.Add(1)/12), change)
}

func openAlone(t *testing.T, change func(*ec2behaviour.Options)) *world {
	t.Helper()
	return openIn(t, mototest.Account(), change)
}

func openIn(t *testing.T, account string, change func(*ec2behaviour.Options)) *world {
	t.Helper()
	options := ec2behaviour.Defaults()
	options.NATPending, options.NATDeleting = wait, wait
	options.StaleReads, options.StaleCalls = 0, 0
	if change != nil {
		change(&options)
	}
	url := mototest.Front(t, mototest.Emulator(t), ec2behaviour.New(options))
	return &world{
		t:      t,
		ec2:    ec2.NewFromConfig(mototest.Config(url, account)),
		behind: ec2.NewFromConfig(awscall.Emulator{URL: mototest.URL(t)}.Config(account, mototest.Region)),
	}
}

// refuses specifies one refusal: arrange builds the situation and returns the
// attempt, which is answered with the code, and accepted where the behaviour
// is switched off.
func refuses(t *testing.T, code string, off func(*ec2behaviour.Options), arrange func(*world) func() error) {
	t.Helper()
	t.Parallel()
	t.Run("refused", func(t *testing.T) {
		w := open(t, nil)
		w.want(code, arrange(w)())
	})
	t.Run("switched off", func(t *testing.T) {
		w := open(t, off)
		if err := arrange(w)(); err != nil {
			t.Errorf("the refusal is missing no more: %v", err)
		}
	})
}

// already specifies what the emulator refuses by itself.
func already(t *testing.T, code string, arrange func(*world) func() error) {
	t.Helper()
	t.Parallel()
	w := open(t, func(o *ec2behaviour.Options) { *o = ec2behaviour.Options{} })
	w.want(code, arrange(w)())
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func (w *world) want(code string, err error) {
	w.t.Helper()
	if got := codeOf(err); got != code {
		w.t.Errorf("answered %q, want %q (%v)", got, code, err)
	}
}

// must ends the test where building the situation fails.
func must[T any](w *world, out T, err error) T {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// eventually waits for a condition that time brings about.
func (w *world) eventually(what string, holds func() bool) {
	w.t.Helper()
	const patience = 30 * time.Second
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(wait / 4) {
		if holds() {
			return
		}
	}
	w.t.Fatalf("not within %v: %s", patience, what)
}

func (w *world) vpc() string {
	w.t.Helper()
	out, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	return *must(w, out, err).Vpc.VpcId
}

func (w *world) subnet(vpc, block string) string {
	w.t.Helper()
	out, err := w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &block})
	return *must(w, out, err).Subnet.SubnetId
}

func (w *world) gateway() string {
	w.t.Helper()
	out, err := w.ec2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	return *must(w, out, err).InternetGateway.InternetGatewayId
}

func (w *world) attach(gateway, vpc string) error {
	_, err := w.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &gateway, VpcId: &vpc})
	return err
}

func (w *world) address() string {
	w.t.Helper()
	out, err := w.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	return *must(w, out, err).AllocationId
}

func (w *world) table(vpc string) string {
	w.t.Helper()
	out, err := w.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc})
	return *must(w, out, err).RouteTable.RouteTableId
}

func (w *world) group(vpc, name string) string {
	w.t.Helper()
	out, err := w.ec2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: &name})
	return *must(w, out, err).GroupId
}

// site is a VPC with all that a NAT gateway needs.
type site struct{ vpc, gateway, subnet, address string }

func (w *world) site() site {
	w.t.Helper()
	s := site{vpc: w.vpc(), gateway: w.gateway(), address: w.address()}
	must(w, 0, w.attach(s.gateway, s.vpc))
	s.subnet = w.subnet(s.vpc, "10.0.1.0/24")
	return s
}

func (w *world) nat(s site) string {
	w.t.Helper()
	out, err := w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &s.subnet, AllocationId: &s.address})
	return *must(w, out, err).NatGateway.NatGatewayId
}

func (w *world) describeNAT(id string) types.NatGateway {
	w.t.Helper()
	out, err := w.ec2.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{id}})
	return must(w, out, err).NatGateways[0]
}

func (w *world) deleteNAT(id string) {
	w.t.Helper()
	_, err := w.ec2.DeleteNatGateway(ctx, &ec2.DeleteNatGatewayInput{NatGatewayId: &id})
	must(w, 0, err)
}

func (w *world) untilNAT(id string, state types.NatGatewayState) types.NatGateway {
	w.t.Helper()
	var g types.NatGateway
	w.eventually("NAT gateway "+string(state), func() bool {
		g = w.describeNAT(id)
		return g.State == state
	})
	return g
}

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}
