package ec2behaviour_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/ec2behaviour"
)

func TestClientTokenMakesOneGateway(t *testing.T) {
	t.Parallel()
	create := func(w *world, s site, token string) (*ec2.CreateNatGatewayOutput, error) {
		return w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
			SubnetId: &s.subnet, AllocationId: &s.address, ClientToken: &token})
	}
	w := open(t, nil)
	s := w.site()
	out, err := create(w, s, "once")
	first := *must(w, out, err).NatGateway.NatGatewayId
	out, err = create(w, s, "once")
	if again := must(w, out, err); *again.NatGateway.NatGatewayId != first || *again.ClientToken != "once" {
		t.Errorf("replay made %s after %s", *again.NatGateway.NatGatewayId, first)
	}
	other := s
	other.address = w.address()
	_, err = create(w, other, "once")
	w.want("IdempotentParameterMismatch", err)

	w.deleteNAT(first)
	w.untilNAT(first, types.NatGatewayStateDeleted)
	out, err = create(w, s, "once")
	if dead := must(w, out, err).NatGateway; *dead.NatGatewayId != first || dead.State != types.NatGatewayStateDeleted {
		t.Errorf("replay after deletion: %s %s, want the dead one", *dead.NatGatewayId, dead.State)
	}

	w = open(t, func(o *ec2behaviour.Options) { o.Tokens = false })
	s = w.site()
	out, err = create(w, s, "once")
	first = *must(w, out, err).NatGateway.NatGatewayId
	out, err = create(w, s, "once")
	if *must(w, out, err).NatGateway.NatGatewayId == first {
		t.Error("switched off: the token is no more ignored")
	}
}

func TestClientTokenMakesOneRouteTable(t *testing.T) {
	t.Parallel()
	create := func(w *world, vpc string) (*ec2.CreateRouteTableOutput, error) {
		return w.ec2.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc, ClientToken: aws.String("once")})
	}
	for _, on := range []bool{true, false} {
		w := open(t, func(o *ec2behaviour.Options) { o.Tokens = on })
		vpc := w.vpc()
		a, err := create(w, vpc)
		must(w, a, err)
		b, err := create(w, vpc)
		must(w, b, err)
		if same := *a.RouteTable.RouteTableId == *b.RouteTable.RouteTableId; same != on {
			t.Errorf("tokens %v: same table %v", on, same)
		}
		_, err = create(w, w.vpc())
		w.want(map[bool]string{true: "IdempotentParameterMismatch"}[on], err)
	}
}

func TestConcurrentReplaysMakeOneGateway(t *testing.T) {
	t.Parallel()
	w := open(t, nil)
	s := w.site()
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			out, err := w.ec2.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
				SubnetId: &s.subnet, AllocationId: &s.address, ClientToken: aws.String("once")})
			if err != nil {
				ids <- err.Error()
				return
			}
			ids <- *out.NatGateway.NatGatewayId
		}()
	}
	distinct := map[string]bool{}
	for range cap(ids) {
		select {
		case id := <-ids:
			distinct[id] = true
		case <-time.After(2 * time.Minute):
			t.Fatal("no answer")
		}
	}
	if len(distinct) != 1 {
		t.Errorf("eight replays were answered with %v", distinct)
	}
}
