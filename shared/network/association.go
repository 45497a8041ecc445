package network

import (
	"context"
	"time"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// association of a route table with a subnet.
type association struct {
	ID       string
	SubnetID string
}

func publicAssociation() Step {
	return associationOf(stepPublicAssociation, "public route table's association",
		publicTable, stepBastionSubnet)
}

func privateAssociation() Step {
	return associationOf(stepPrivateAssociation, "private route table's association",
		privateTable, stepWorkloadSubnet)
}

func associationOf(name, title string, table func() Step, subnetStep string) Step {
	return Step{
		Name: name, Title: title, kind: routeTableKind, property: true, of: table().Name,
		Usually: time.Second,
		Actions: join(changes("AssociateRouteTable", "route-table", "subnet"),
			changes("ReplaceRouteTableAssociation", "route-table", "subnet"),
			changes("DisassociateRouteTable", "route-table", "subnet")),
		Ensure: converged(func(ctx context.Context, p *Pass, s Step, _ []Finding) error {
			return associate(ctx, p, p.id(owner(table)(s).Key()), p.id(key(subnetStep, s.Zone)))
		}),
		Status: compared(owner(table), func(_ context.Context, p *Pass, s Step, r Resource) ([]Finding, error) {
			want := p.id(key(subnetStep, s.Zone))
			for _, a := range r.Associations {
				if a.SubnetID == want {
					return nil, nil
				}
			}
			return []Finding{altered("association", want, "")}, nil
		}),
		Delete: disassociate,
	}
}

// associate puts the subnet on the table. A subnet has one association: where
// somebody put it on another of this cloud's tables, that one is replaced; on a
// table of the customer's the role may not, and AWS's refusal says so.
func associate(ctx context.Context, p *Pass, table, subnet string) error {
	tables, err := p.list(ctx, routeTableKind)
	if err != nil {
		return err
	}
	for _, t := range tables {
		for _, a := range t.Associations {
			if a.SubnetID == subnet && t.ID != table {
				_, err := p.client.ReplaceRouteTableAssociation(ctx, &ec2.ReplaceRouteTableAssociationInput{AssociationId: &a.ID, RouteTableId: &table})
				return Classify(err, "ec2:ReplaceRouteTableAssociation")
			}
		}
	}
	_, err = p.client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: &table, SubnetId: &subnet})
	return Classify(err, "ec2:AssociateRouteTable")
}

// disassociate takes all subnets off the table.
func disassociate(ctx context.Context, p *Pass, r Resource) (string, error) {
	var errs []error
	for _, a := range r.Associations {
		_, err := p.client.DisassociateRouteTable(ctx, &ec2.DisassociateRouteTableInput{AssociationId: &a.ID})
		if err := Classify(err, "ec2:DisassociateRouteTable"); err != nil && cloud.CodeOf(err) != cloud.NotFound {
			errs = append(errs, err)
		}
	}
	return "", worst(errs)
}
