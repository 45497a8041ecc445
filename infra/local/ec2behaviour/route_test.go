package ec2behaviour_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// route adds a default route to the target that the input names.
func (w *world) route(table string, in *ec2.CreateRouteInput) error {
	in.RouteTableId, in.DestinationCidrBlock = &table, aws.String("0.0.0.0/0")
	_, err := w.ec2.CreateRoute(ctx, in)
	return err
}

func TestRouteTargetExistsInTheTablesVPC(t *testing.T) {
	off := func(o *options) { o.Routes = false }
	t.Run("unknown NAT gateway", func(t *testing.T) {
		refuses(t, "InvalidNatGatewayID.NotFound", off, func(w *world) func() error {
			table := w.table(w.vpc())
			return func() error {
				return w.route(table, &ec2.CreateRouteInput{NatGatewayId: aws.String("nat-0123456789abcdef0")})
			}
		})
	})
	t.Run("deleted NAT gateway", func(t *testing.T) {
		refuses(t, "InvalidNatGatewayID.NotFound", off, func(w *world) func() error {
			s := w.site()
			id, table := w.nat(s), w.table(s.vpc)
			w.deleteNAT(id)
			w.untilNAT(id, types.NatGatewayStateDeleted)
			return func() error { return w.route(table, &ec2.CreateRouteInput{NatGatewayId: &id}) }
		})
	})
	t.Run("NAT gateway of another VPC", func(t *testing.T) {
		refuses(t, "InvalidParameterValue", off, func(w *world) func() error {
			id, table := w.nat(w.site()), w.table(w.vpc())
			return func() error { return w.route(table, &ec2.CreateRouteInput{NatGatewayId: &id}) }
		})
	})
	t.Run("internet gateway of no VPC", func(t *testing.T) {
		refuses(t, "InvalidParameterValue", off, func(w *world) func() error {
			gateway, table := w.gateway(), w.table(w.vpc())
			return func() error { return w.route(table, &ec2.CreateRouteInput{GatewayId: &gateway}) }
		})
	})
	t.Run("unknown internet gateway", func(t *testing.T) {
		t.Parallel()
		w := open(t, nil)
		w.want("InvalidInternetGatewayID.NotFound", w.route(w.table(w.vpc()), &ec2.CreateRouteInput{GatewayId: aws.String("igw-0123456789abcdef0")}))
	})
	t.Run("as it should be", func(t *testing.T) {
		t.Parallel()
		w := open(t, nil)
		s := w.site()
		id := w.nat(s)
		w.want("", w.route(w.table(s.vpc), &ec2.CreateRouteInput{NatGatewayId: &id}))
		w.want("", w.route(w.table(s.vpc), &ec2.CreateRouteInput{GatewayId: &s.gateway}))
	})
}

func TestRouteToSomethingGoneIsABlackhole(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{true, false} {
		w := open(t, func(o *options) { o.Blackholes = on })
		s := w.site()
		id := w.nat(s)
		private, public := w.table(s.vpc), w.table(s.vpc)
		must(w, 0, w.route(private, &ec2.CreateRouteInput{NatGatewayId: &id}))
		must(w, 0, w.route(public, &ec2.CreateRouteInput{GatewayId: &s.gateway}))
		state := func(table string) types.RouteState {
			out, err := w.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{RouteTableIds: []string{table}})
			for _, route := range must(w, out, err).RouteTables[0].Routes {
				if *route.DestinationCidrBlock == "0.0.0.0/0" {
					return route.State
				}
			}
			return ""
		}
		check := func(when, table string, want types.RouteState) {
			t.Helper()
			if got := state(table); got != want {
				t.Errorf("blackholes %v, %s: %s, want %s", on, when, got, want)
			}
		}
		gone := map[bool]types.RouteState{true: types.RouteStateBlackhole, false: types.RouteStateActive}[on]
		check("all there", private, types.RouteStateActive)
		check("all there", public, types.RouteStateActive)
		w.deleteNAT(id)
		w.untilNAT(id, types.NatGatewayStateDeleted)
		check("NAT gateway deleted", private, gone)
		must(w, 0, w.detach(s.gateway, s.vpc))
		check("internet gateway detached", public, gone)
	}
}
