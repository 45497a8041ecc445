package faults_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go"

	"byoc/infra/local/awscall"
	"byoc/infra/local/ec2behaviour"
	"byoc/infra/local/faults"
	"byoc/infra/local/moto/mototest"
)

var ctx = context.Background()

// fakeAWS answers every call, counting them.
type fakeAWS struct{ calls atomic.Int64 }

func (a *fakeAWS) handle(context.Context, *awscall.Call) *awscall.Response {
	a.calls.Add(1)
	return &awscall.Response{Status: http.StatusOK, Body: []byte("<R><vpcId>vpc-1</vpcId></R>")}
}

func call(service, operation, account string) *awscall.Call {
	return &awscall.Call{Service: service, Operation: operation, Caller: awscall.Principal{Account: account}}
}

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	if err != nil {
		return "lost"
	}
	return ""
}

func TestFaultsSpeakTheServicesLanguage(t *testing.T) {
	f := faults.New()
	url := mototest.Front(t, (&fakeAWS{}).handle, f.Behaviour)
	config := mototest.Config(url, "111111111111")
	send := map[string]func() error{
		"ec2": func() error {
			_, err := ec2.NewFromConfig(config).DescribeVpcs(ctx, &ec2.DescribeVpcsInput{})
			return err
		},
		"iam": func() error {
			_, err := iam.NewFromConfig(config).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("r")})
			return err
		},
		"dynamodb": func() error {
			_, err := dynamodb.NewFromConfig(config).ListTables(ctx, &dynamodb.ListTablesInput{})
			return err
		},
	}
	for _, test := range []struct {
		fault faults.Fault
		codes map[string]string
	}{
		{faults.Throttle(), map[string]string{"ec2": "RequestLimitExceeded", "iam": "Throttling", "dynamodb": "ThrottlingException"}},
		{faults.InternalError(), map[string]string{"ec2": "InternalError", "iam": "ServiceFailure", "dynamodb": "InternalServerError"}},
		{faults.Deny(), map[string]string{"ec2": "UnauthorizedOperation", "iam": "AccessDenied", "dynamodb": "AccessDeniedException"}},
		{faults.DenySCP(), map[string]string{"ec2": "UnauthorizedOperation", "iam": "AccessDenied", "dynamodb": "AccessDeniedException"}},
		{faults.LostBefore(), map[string]string{"ec2": "lost", "iam": "lost", "dynamodb": "lost"}},
		{faults.LostAfter(), map[string]string{"ec2": "lost", "iam": "lost", "dynamodb": "lost"}},
	} {
		for service, want := range test.codes {
			remove := f.Inject(faults.Rule{Service: service, Fault: test.fault})
			if got := code(send[service]()); got != want {
				t.Errorf("%s: %s answers %q, want %q", test.fault, service, got, want)
			}
			remove()
		}
	}
}

func TestLostCallsDifferInWhatAWSDid(t *testing.T) {
	behind := &fakeAWS{}
	f := faults.New()
	handler := f.Behaviour(behind.handle)
	for _, test := range []struct {
		fault faults.Fault
		acted int64
	}{{faults.LostBefore(), 0}, {faults.LostAfter(), 1}} {
		before := behind.calls.Load()
		f.Inject(faults.Rule{Fault: test.fault})
		if response := handler(ctx, call("ec2", "CreateVpc", "1")); response != nil {
			t.Errorf("%s: answered", test.fault)
		}
		if acted := behind.calls.Load() - before; acted != test.acted {
			t.Errorf("%s: AWS acted %d times, want %d", test.fault, acted, test.acted)
		}
	}
}

func TestRuleHitsItsCallOnly(t *testing.T) {
	sequence := []*awscall.Call{
		call("ec2", "CreateVpc", "1"), call("ec2", "CreateSubnet", "1"), call("ec2", "CreateSubnet", "2"),
		call("ec2", "CreateSubnet", "1"), call("ec2", "CreateVpc", "1"), call("iam", "GetRole", "1"),
		call("ec2", "CreateSubnet", "1"), call("ec2", "CreateSubnet", "1"),
	}
	for name, test := range map[string]struct {
		rule faults.Rule
		hit  []int
	}{
		"any, once":             {faults.Rule{}, []int{0}},
		"third in the account":  {faults.Rule{Account: "1", Nth: 3}, []int{3}},
		"second of operation":   {faults.Rule{Operation: "CreateSubnet", Nth: 2}, []int{2}},
		"operation in account":  {faults.Rule{Operation: "CreateSubnet", Account: "1", Nth: 2}, []int{3}},
		"service":               {faults.Rule{Service: "iam"}, []int{5}},
		"bound to what it hit":  {faults.Rule{Account: "1", Nth: 2, Times: 2}, []int{1, 3}},
		"for good":              {faults.Rule{Account: "1", Nth: 2, Times: faults.Forever}, []int{1, 3, 6, 7}},
		"matched by a function": {faults.Rule{Match: func(c *awscall.Call) bool { return c.Caller.Account == "2" }}, []int{2}},
		"too late":              {faults.Rule{Nth: 9}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			f := faults.New()
			test.rule.Fault = faults.Throttle()
			f.Inject(test.rule)
			handler := f.Behaviour((&fakeAWS{}).handle)
			var hit []int
			for i, c := range sequence {
				if handler(ctx, c).Status != http.StatusOK {
					hit = append(hit, i)
				}
			}
			if !slices.Equal(hit, test.hit) || len(f.Fired()) != len(test.hit) {
				t.Errorf("hit calls %v and recorded %d, want %v", hit, len(f.Fired()), test.hit)
			}
		})
	}
}

func TestRemovedRuleHitsNothing(t *testing.T) {
	f := faults.New()
	handler := f.Behaviour((&fakeAWS{}).handle)
	remove := f.Inject(faults.Rule{Times: faults.Forever, Fault: faults.Deny()})
	handler(ctx, call("ec2", "CreateVpc", "1"))
	remove()
	if response := handler(ctx, call("ec2", "CreateVpc", "1")); response.Status != http.StatusOK {
		t.Errorf("status %d after removal", response.Status)
	}
	fired := f.Fired()
	if len(fired) != 1 || fired[0].Fault != "deny" || fired[0].Operation != "CreateVpc" || fired[0].Count != 1 {
		t.Errorf("recorded %+v", fired)
	}
}

func TestRulesCompose(t *testing.T) {
	f := faults.New()
	handler := f.Behaviour((&fakeAWS{}).handle)
	var order []string
	note := func(what string) func(*awscall.Call) {
		return func(c *awscall.Call) { order = append(order, what+" "+c.Operation) }
	}
	f.Inject(faults.Rule{Fault: faults.Before(note("before"))})
	f.Inject(faults.Rule{Fault: faults.After(note("after"))})
	f.Inject(faults.Rule{Fault: faults.Delay(20 * time.Millisecond)})
	f.Inject(faults.Rule{Fault: faults.Throttle()})
	f.Inject(faults.Rule{Nth: 2, Fault: faults.InternalError()}) // sees nothing of the throttled call
	start := time.Now()
	first := handler(ctx, call("ec2", "CreateVpc", "1"))
	if took := time.Since(start); took < 20*time.Millisecond {
		t.Errorf("not delayed: %v", took)
	}
	second, third := handler(ctx, call("ec2", "CreateVpc", "1")), handler(ctx, call("ec2", "CreateVpc", "1"))
	if got := [...]int{first.Status, second.Status, third.Status}; got != [...]int{503, 200, 500} {
		t.Errorf("answered %v, want throttled, fine, internal error", got)
	}
	if want := []string{"before CreateVpc", "after CreateVpc"}; !slices.Equal(order, want) {
		t.Errorf("hooks ran as %q", order)
	}
}

func TestCountingIsExactUnderConcurrency(t *testing.T) {
	f := faults.New()
	behind := &fakeAWS{}
	handler := f.Behaviour(behind.handle)
	f.Inject(faults.Rule{Operation: "CreateVpc", Nth: 10, Times: 25, Fault: faults.Throttle()})
	var wait sync.WaitGroup
	for range 100 {
		wait.Go(func() { handler(ctx, call("ec2", "CreateVpc", "1")) })
	}
	wait.Wait()
	if fired := f.Fired(); len(fired) != 25 || fired[0].Count != 10 || behind.calls.Load() != 75 {
		t.Errorf("%d fired, %d went through; want 25 and 75", len(fired), behind.calls.Load())
	}
}

func TestLatencyIsByOperationAndScaled(t *testing.T) {
	f := faults.New()
	handler := f.Behaviour((&fakeAWS{}).handle)
	f.SetLatency(map[string]time.Duration{"ec2:CreateVpc": time.Minute, "*": time.Millisecond}, 0.001)
	took := func(c *awscall.Call) time.Duration {
		start := time.Now()
		handler(ctx, c)
		return time.Since(start)
	}
	if slow := took(call("ec2", "CreateVpc", "1")); slow < 60*time.Millisecond || slow > 50*time.Second {
		t.Errorf("CreateVpc took %v, want 60 ms", slow)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	f.SetLatency(map[string]time.Duration{"*": time.Hour}, 1)
	if handler(gone, call("ec2", "DescribeVpcs", "1")) != nil {
		t.Error("a caller who gave up is waited for")
	}
}

func TestRecorderListsCallsInOrder(t *testing.T) {
	var r faults.Recorder
	handler := r.Behaviour((&fakeAWS{}).handle)
	var want []faults.Entry
	for i := range 3 {
		c := call("ec2", fmt.Sprintf("Op%d", i), "1")
		c.Caller.RoleARN = "arn:aws:iam::1:role/r"
		handler(ctx, c)
		want = append(want, faults.Entry{Service: "ec2", Operation: c.Operation, Account: "1", Role: c.Caller.RoleARN})
	}
	if got := r.Calls(); !slices.Equal(got, want) {
		t.Errorf("recorded %+v", got)
	}
	r.Reset()
	if len(r.Calls()) != 0 {
		t.Error("not forgotten")
	}
}

func TestFaultsReachEC2(t *testing.T) {
	f := faults.New()
	options := ec2behaviour.Defaults()
	options.StaleReads, options.StaleCalls, options.NATPending = 0, 0, time.Hour
	url := mototest.Front(t, mototest.Emulator(t), f.Behaviour, ec2behaviour.New(options))
	client := ec2.NewFromConfig(mototest.Config(url, mototest.Account()))
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}

	f.Inject(faults.Rule{Nth: 2, Fault: faults.Stale(time.Hour)})
	_, err := client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{}) // makes no id and does not count
	ok(err)
	vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	ok(err)
	_, err = client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*vpc.Vpc.VpcId}})
	ok(err)
	hidden, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	ok(err)
	_, err = client.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{*hidden.Vpc.VpcId}})
	if code(err) != "InvalidVpcID.NotFound" {
		t.Errorf("stale VPC answers %v", err)
	}

	f.Inject(faults.Rule{Fault: faults.NATFailure(time.Millisecond, "InternalError", "sorry")})
	subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.0.0.0/24")})
	ok(err)
	gateway, err := client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	ok(err)
	_, err = client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{VpcId: vpc.Vpc.VpcId, InternetGatewayId: gateway.InternetGateway.InternetGatewayId})
	ok(err)
	address, err := client.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
	ok(err)
	// What EC2 refuses makes no gateway that could fail, and does not count.
	_, err = client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: aws.String("subnet-0123456789abcdef0"), AllocationId: address.AllocationId})
	if code(err) != "InvalidSubnetID.NotFound" || len(f.Fired()) != 1 {
		t.Errorf("answered %v, after %d faults", err, len(f.Fired()))
	}
	nat, err := client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: subnet.Subnet.SubnetId, AllocationId: address.AllocationId})
	ok(err)
	time.Sleep(2 * time.Millisecond)
	seen, err := client.DescribeNatGateways(ctx, &ec2.DescribeNatGatewaysInput{NatGatewayIds: []string{*nat.NatGateway.NatGatewayId}})
	ok(err)
	if got := aws.ToString(seen.NatGateways[0].FailureCode); got != "InternalError" {
		t.Errorf("NAT gateway is %s as %q", seen.NatGateways[0].State, got)
	}
	if got := len(f.Fired()); got != 2 {
		t.Errorf("%d faults recorded, want 2", got)
	}
}
