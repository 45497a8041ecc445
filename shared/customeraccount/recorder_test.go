package customeraccount

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

type records struct {
	err     error
	batches [][]Call
}

func (r *records) AppendCalls(_ context.Context, got cloud.Ref, calls []Call) error {
	if r.err != nil {
		return r.err
	}
	if got != ref {
		return errors.New("another attempt's calls")
	}
	r.batches = append(r.batches, slices.Clone(calls))
	return nil
}

// Every attempt is on record, with who made it where and what it named.
func TestEveryCallIsRecorded(t *testing.T) {
	f, a := newFake(t)
	f.fail["DeleteVpc"], f.failures["DeleteVpc"] = "RequestLimitExceeded", 1
	ctx := deadline(t)
	kept := &records{}
	recorder := NewRecorder(ref, kept)
	s, err := a.Open(ctx, request(recorder))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EC2.DeleteVpc(ctx, &ec2.DeleteVpcInput{VpcId: aws.String("vpc-0123456789abcdef0")}); err != nil {
		t.Fatal(err)
	}
	if c := checkDryRuns(ctx, request(recorder), s); c[0].Verdict != preflight.Passed {
		t.Errorf("%+v", c)
	}
	if err := recorder.Flush(ctx); err != nil {
		t.Fatal(err)
	}
	calls := slices.Concat(kept.batches...)
	if len(calls) != 6 || len(recorder.Calls()) != 0 {
		t.Fatalf("%d calls recorded, %d kept", len(calls), len(recorder.Calls()))
	}
	session := "assumed-role/" + strings.TrimPrefix(roleARN, "arn:aws:iam::222222222222:role/") + "/" + cloudID + "-provision-1"
	for i, want := range []Call{
		{Service: "sts", Action: "AssumeRole", Resources: []string{roleARN}, Result: OK, Region: "eu-central-1", Caller: "arn:aws:sts::111111111111:assumed-role/byoc-customer-access/" + cloudID + "-provision-1"},
		{Service: "ec2", Action: "DeleteVpc", Resources: []string{"vpc-0123456789abcdef0"}, Result: "RequestLimitExceeded", Region: region, Caller: "arn:aws:sts::222222222222:" + session},
		{Service: "ec2", Action: "DeleteVpc", Resources: []string{"vpc-0123456789abcdef0"}, Result: OK, Region: region, Caller: "arn:aws:sts::222222222222:" + session},
	} {
		got := calls[i]
		if got.Seq != i+1 || got.At.IsZero() || got.Account != "222222222222" || got.RequestID == "" {
			t.Errorf("%+v", got)
		}
		got.Seq, got.At, got.Duration, got.RequestID, got.Account = 0, want.At, 0, "", ""
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	}
	for _, c := range calls[3:] {
		if !c.DryRun || c.Result != "DryRunOperation" {
			t.Errorf("%+v", c)
		}
	}
	if slices.Contains(f.calls, "") {
		t.Error(f.calls)
	}
}

// The same execution keeps its credentials; another asks anew.
func TestCredentialsAreKeptForOneExecution(t *testing.T) {
	f, a := newFake(t)
	ctx := deadline(t)
	for _, session := range []string{"run-1", "run-1", "run-2"} {
		r := request(nil)
		r.Session = session
		if _, err := a.Open(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	if len(f.calls) != 4 {
		t.Errorf("%v", f.calls)
	}
}

// What could not be kept is not lost, and goes in batches.
func TestFlush(t *testing.T) {
	kept := &records{err: errors.New("throttled")}
	r := NewRecorder(ref, kept)
	for range 2*BatchSize + 1 {
		r.add(Call{Action: "DescribeVpcs"})
	}
	if err := r.Flush(t.Context()); err == nil || len(r.Calls()) != 2*BatchSize+1 {
		t.Errorf("%v, %d calls", err, len(r.Calls()))
	}
	kept.err = nil
	if err := r.Flush(t.Context()); err != nil || len(kept.batches) != 3 || kept.batches[2][0].Seq != 2*BatchSize+1 {
		t.Errorf("%v, %d batches", err, len(kept.batches))
	}
	var none *Recorder
	if err := none.Flush(t.Context()); err != nil || none.Calls() != nil {
		t.Error("a nil Recorder records")
	}
}

func TestResourceIDs(t *testing.T) {
	in := &ec2.CreateSubnetInput{VpcId: aws.String("vpc-0123456789abcdef0"), CidrBlock: aws.String("10.0.0.0/24"), AvailabilityZoneId: aws.String("euw1-az1")}
	out := &ec2.CreateSubnetOutput{Subnet: &ec2types.Subnet{SubnetId: aws.String("subnet-0123456789abcdef0"), VpcId: aws.String("vpc-0123456789abcdef0")}}
	if got := resourceIDs(in, out); !slices.Equal(got, []string{"vpc-0123456789abcdef0", "subnet-0123456789abcdef0"}) {
		t.Error(got)
	}
}

func TestSessionName(t *testing.T) {
	for in, want := range map[string]string{
		cloudID + "-provision-1":  cloudID + "-provision-1",
		"watch/hourly shard 3":    "watch-hourly-shard-3",
		"":                        "byoc-",
		"é":                       "byoc--",
		strings.Repeat("x", 70):   strings.Repeat("x", 64),
		"user@example.com,a+b=.c": "user@example.com,a+b=.c",
	} {
		if got := sessionName(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
