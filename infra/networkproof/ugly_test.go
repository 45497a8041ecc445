package networkproof

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"byoc/infra/customer"
	"byoc/infra/local"
	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
	"byoc/infra/runfile"
	"byoc/infra/sandbox"
)

// vpc is a small network made by hand in an account, as its root.
type vpc struct {
	ctx                            context.Context
	ec2                            *ec2.Client
	sts                            *sts.Client
	id, subnet, address, gw, natID string
}

// ugly are the behaviours that every proof here relies on. Each says what is
// missing where it is switched off.
var ugly = map[string]func(*vpc) error{
	"NAT gateways take their time": func(v *vpc) error {
		state, err := v.natState()
		if err != nil || state != types.NatGatewayStatePending {
			return fmt.Errorf("a new NAT gateway is %q, %v; want pending", state, err)
		}
		return nil
	},
	"token replay answers the same gateway": func(v *vpc) error {
		again, err := v.createNAT()
		if err != nil || again != v.natID {
			return fmt.Errorf("the token answers %q, %v; want %s", again, err, v.natID)
		}
		return nil
	},
	"what is in use is refused": func(v *vpc) error {
		_, release := v.ec2.ReleaseAddress(v.ctx, &ec2.ReleaseAddressInput{AllocationId: &v.address})
		_, detach := v.ec2.DetachInternetGateway(v.ctx, &ec2.DetachInternetGatewayInput{InternetGatewayId: &v.gw, VpcId: &v.id})
		_, remove := v.ec2.DeleteSubnet(v.ctx, &ec2.DeleteSubnetInput{SubnetId: &v.subnet})
		for call, err := range map[string]error{"ReleaseAddress": release, "DetachInternetGateway": detach, "DeleteSubnet": remove} {
			if code := codeOf(err); code != "InvalidIPAddress.InUse" && code != "DependencyViolation" {
				return fmt.Errorf("%s under a NAT gateway answers %q, want a refusal", call, code)
			}
		}
		return nil
	},
	"reads are stale": func(v *vpc) error {
		made, err := v.ec2.CreateVpc(v.ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.99.0.0/16")})
		if err != nil {
			return err
		}
		_, err = v.ec2.DescribeVpcs(v.ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*made.Vpc.VpcId}})
		if codeOf(err) != "InvalidVpcID.NotFound" {
			return fmt.Errorf("a VPC just made is shown at once: %w", err)
		}
		return nil
	},
	"a role that does not exist cannot be assumed": func(v *vpc) error {
		_, err := v.sts.AssumeRole(v.ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::222222222222:role/nobody"), RoleSessionName: aws.String("proof"),
		})
		if codeOf(err) != "AccessDenied" {
			return fmt.Errorf("assuming a role that does not exist answers %w", err)
		}
		return nil
	},
}

func codeOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func (v *vpc) createNAT() (string, error) {
	out, err := v.ec2.CreateNatGateway(v.ctx, &ec2.CreateNatGatewayInput{SubnetId: &v.subnet, AllocationId: &v.address, ClientToken: aws.String("proof")})
	if err != nil {
		return "", err
	}
	return *out.NatGateway.NatGatewayId, nil
}

func (v *vpc) natState() (types.NatGatewayState, error) {
	for {
		out, err := v.ec2.DescribeNatGateways(v.ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{v.natID}})
		if code := codeOf(err); code == "NatGatewayNotFound" {
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if err != nil {
			return "", err
		}
		return out.NatGateways[0].State, nil
	}
}

// newVPC in an account of its own, with a NAT gateway that is a moment old.
func newVPC(ctx context.Context, url string) (*vpc, error) {
	root := customer.New(runfile.Run{AWSURL: url, Region: sandbox.Region}).Account(newAccount()).Config()
	v := &vpc{ctx: ctx, ec2: ec2.NewFromConfig(root), sts: sts.NewFromConfig(root)}
	made, err := v.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.98.0.0/16")})
	if err != nil {
		return nil, err
	}
	v.id = *made.Vpc.VpcId
	gw, err := v.ec2.CreateInternetGateway(ctx, nil)
	if err != nil {
		return nil, err
	}
	v.gw = *gw.InternetGateway.InternetGatewayId
	address, err := v.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	if err != nil {
		return nil, err
	}
	v.address = *address.AllocationId
	time.Sleep(time.Second) // until the ids are known everywhere
	if _, err := v.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: &v.gw, VpcId: &v.id}); err != nil {
		return nil, err
	}
	subnet, err := v.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &v.id, CidrBlock: aws.String("10.98.0.0/24")})
	if err != nil {
		return nil, err
	}
	v.subnet = *subnet.Subnet.SubnetId
	time.Sleep(time.Second)
	v.natID, err = v.createNAT()
	return v, err
}

// TestTheSystemUnderProofIsAsUglyAsAWS holds the system that all other proofs
// run in against what AWS does to callers: red where a default is switched off.
func TestTheSystemUnderProofIsAsUglyAsAWS(t *testing.T) {
	if testing.Short() {
		t.Skip("brings the whole system up")
	}
	t.Parallel()
	for name, check := range ugly {
		v, err := newVPC(t.Context(), shared(t).URL())
		if err != nil {
			t.Fatal(err)
		}
		if err := check(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEachUglyBehaviourIsMissedWhenItIsOff: the checks above can fail. (Trust
// has no switch: STS is answered by the local AWS alone.)
func TestEachUglyBehaviourIsMissedWhenItIsOff(t *testing.T) {
	t.Parallel()
	off := map[string]func(*ec2behaviour.Options){
		"NAT gateways take their time":          func(o *ec2behaviour.Options) { o.NATGateways = false },
		"token replay answers the same gateway": func(o *ec2behaviour.Options) { o.Tokens = false },
		"what is in use is refused": func(o *ec2behaviour.Options) {
			o.Addresses, o.InternetGateways, o.Subnets, o.NetworkInterfaces = false, false, false, false
		},
		"reads are stale": func(o *ec2behaviour.Options) { o.StaleReads = 0 },
	}
	for name, edit := range off {
		options := ec2behaviour.Defaults()
		edit(&options)
		s, err := local.Start(t.Context(), local.Config{
			Addr: "127.0.0.1:0", APIAddr: "127.0.0.1:0", Dir: t.TempDir(), Region: sandbox.Region,
			Behaviours: func(awscall.Emulator) []awscall.Behaviour { return []awscall.Behaviour{ec2behaviour.New(options)} },
		})
		if err != nil {
			t.Fatal(err)
		}
		v, err := newVPC(t.Context(), s.URL())
		if err == nil {
			err = ugly[name](v)
		} else {
			t.Errorf("%s is off: %v", name, err)
		}
		if err == nil {
			t.Errorf("%s: off, and nothing is red", name)
		}
		_ = s.Close()
	}
}
