package network

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var routeTableKind = &kind{
	name:     "route-table",
	inVPC:    true,
	idFilter: "route-table-id",
	describe: describeRouteTables,
	command: func(r Resource) string {
		c := ""
		for _, a := range r.Associations {
			c += "disassociate-route-table --association-id " + a.ID + " && "
		}
		return c + "delete-route-table --route-table-id " + r.ID
	},
}

// publicTable leads all bastion subnets out through the internet gateway.
func publicTable() Step { return routeTable(stepPublicTable, "public route table", "public") }

// privateTable leads one workload subnet out through a NAT gateway. One per
// zone with a single gateway too: the tables, which services are placed by, stay
// what they are when a zone is added.
func privateTable() Step { return routeTable(stepPrivateTable, "private route table", "private") }

func routeTable(name, title, label string) Step {
	return Step{
		Name: name, Title: title, kind: routeTableKind, label: label,
		Usually: time.Second,
		Actions: join(describe("DescribeRouteTables"), creates("CreateRouteTable", "route-table", "vpc"),
			changes("DeleteRouteTable", "route-table")),
		Ensure: exists(createRouteTable),
		Status: compared(itself, nothingElse),
		Delete: removeRouteTable,
	}
}

func createRouteTable(ctx context.Context, p *Pass, s Step) (Resource, error) {
	vpc, token := p.id(stepVPC), p.token(s)
	out, err := p.client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &vpc, ClientToken: &token, TagSpecifications: p.tagsFor(s)})
	if err != nil {
		return Resource{}, Classify(err, "ec2:CreateRouteTable")
	}
	return routeTableResource(*out.RouteTable), nil
}

func describeRouteTables(ctx context.Context, client EC2, f ...types.Filter) ([]Resource, error) {
	p := ec2.NewDescribeRouteTablesPaginator(client, &ec2.DescribeRouteTablesInput{Filters: filters(f)})
	return pages(ctx, "ec2:DescribeRouteTables", p.HasMorePages, func(ctx context.Context) ([]Resource, error) {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		var page []Resource
		for _, t := range out.RouteTables {
			page = append(page, routeTableResource(t))
		}
		return page, nil
	})
}

func routeTableResource(t types.RouteTable) Resource {
	r := Resource{ID: text(t.RouteTableId), Tags: tagMap(t.Tags), VPC: text(t.VpcId)}
	for _, x := range t.Routes {
		if text(x.DestinationCidrBlock) == anywhere {
			// Other routes are the customer's (peering, endpoints).
			r.Routes = append(r.Routes, routeOf(x))
		}
	}
	for _, a := range t.Associations {
		going := a.AssociationState != nil && (a.AssociationState.State == types.RouteTableAssociationStateCodeDisassociating ||
			a.AssociationState.State == types.RouteTableAssociationStateCodeDisassociated)
		if !flag(a.Main) && !going && text(a.SubnetId) != "" {
			r.Associations = append(r.Associations, association{ID: text(a.RouteTableAssociationId), SubnetID: text(a.SubnetId)})
		}
	}
	return r
}

func removeRouteTable(ctx context.Context, p *Pass, r Resource) (string, error) {
	_, err := p.client.DeleteRouteTable(ctx, &ec2.DeleteRouteTableInput{RouteTableId: &r.ID})
	return "", Classify(err, "ec2:DeleteRouteTable")
}
