package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// anywhere is the one destination that the cloud's tables have a route for.
const anywhere = "0.0.0.0/0"

// route to anywhere. A blackhole leads to something that is gone.
type route struct {
	Target    string
	Blackhole bool
}

func routeOf(r types.Route) route {
	target := ""
	for _, t := range []*string{r.NatGatewayId, r.GatewayId, r.TransitGatewayId, r.NetworkInterfaceId, r.VpcPeeringConnectionId} {
		if target == "" {
			target = text(t)
		}
	}
	return route{Target: target, Blackhole: r.State == types.RouteStateBlackhole}
}

func publicRoute() Step {
	return defaultRoute(stepPublicRoute, "public route", publicTable,
		func(*Pass, Step) string { return stepInternetGateway },
		func(target string) (gateway, nat *string) { return &target, nil })
}

func privateRoute() Step {
	return defaultRoute(stepPrivateRoute, "private route", privateTable,
		func(p *Pass, s Step) string {
			return key(stepNATGateway, natZone(p.spec.Zones, p.spec.NATGateways, s.Zone))
		},
		func(target string) (gateway, nat *string) { return nil, &target })
}

// defaultRoute leads from a table to anywhere. It goes with its table: there
// is nothing to delete.
func defaultRoute(name, title string, table func() Step, to func(*Pass, Step) string, as func(string) (gateway, nat *string)) Step {
	return Step{
		Name: name, Title: title, kind: routeTableKind, property: true, of: table().Name,
		Usually: time.Second,
		Actions: join(changes("CreateRoute", "route-table"), changes("ReplaceRoute", "route-table")),
		Ensure: converged(func(ctx context.Context, p *Pass, s Step, found []Finding) error {
			id, destination := p.id(owner(table)(s).Key()), anywhere
			gateway, nat := as(p.id(to(p, s)))
			if found[0].Got != "" {
				_, err := p.client.ReplaceRoute(ctx, &ec2.ReplaceRouteInput{RouteTableId: &id, DestinationCidrBlock: &destination, GatewayId: gateway, NatGatewayId: nat})
				return Classify(err, "ec2:ReplaceRoute")
			}
			_, err := p.client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &id, DestinationCidrBlock: &destination, GatewayId: gateway, NatGatewayId: nat})
			return Classify(err, "ec2:CreateRoute")
		}),
		Status: compared(owner(table), func(_ context.Context, p *Pass, s Step, r Resource) ([]Finding, error) {
			want := p.id(to(p, s))
			switch {
			case len(r.Routes) == 0:
				return []Finding{altered("route to "+anywhere, want, "")}, nil
			case r.Routes[0].Target != want:
				return []Finding{altered("route to "+anywhere, want, r.Routes[0].Target)}, nil
			case r.Routes[0].Blackhole:
				return []Finding{altered("route to "+anywhere, want, "blackhole")}, nil
			}
			return nil, nil
		}),
	}
}
