package ec2behaviour_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
)

// What the emulator refuses by itself is not repeated here; this fails when it
// stops.
func TestEmulatorRefuses(t *testing.T) {
	t.Run("deleting an attached internet gateway", func(t *testing.T) {
		already(t, "DependencyViolation", func(w *world) func() error {
			s := w.site()
			return func() error {
				_, err := w.ec2.DeleteInternetGateway(ctx, &ec2.DeleteInternetGatewayInput{InternetGatewayId: &s.gateway})
				return err
			}
		})
	})
	t.Run("attaching an attached internet gateway", func(t *testing.T) {
		already(t, "Resource.AlreadyAssociated", func(w *world) func() error {
			s := w.site()
			return func() error { return w.attach(s.gateway, s.vpc) }
		})
	})
	t.Run("deleting a VPC with a subnet", func(t *testing.T) {
		already(t, "DependencyViolation", func(w *world) func() error {
			vpc := w.vpc()
			w.subnet(vpc, "10.0.1.0/24")
			return func() error { return w.deleteVPC(vpc) }
		})
	})
	t.Run("deleting a VPC with a route table", func(t *testing.T) {
		already(t, "DependencyViolation", func(w *world) func() error {
			vpc := w.vpc()
			w.table(vpc)
			return func() error { return w.deleteVPC(vpc) }
		})
	})
	t.Run("deleting an associated route table", func(t *testing.T) {
		already(t, "DependencyViolation", func(w *world) func() error {
			vpc := w.vpc()
			table := w.table(vpc)
			_, err := w.associate(table, w.subnet(vpc, "10.0.1.0/24"))
			must(w, 0, err)
			return func() error { return w.deleteTable(table) }
		})
	})
	t.Run("a second route to a destination", func(t *testing.T) {
		already(t, "RouteAlreadyExists", func(w *world) func() error {
			s := w.site()
			table := w.table(s.vpc)
			must(w, 0, w.route(table, &ec2.CreateRouteInput{GatewayId: &s.gateway}))
			return func() error { return w.route(table, &ec2.CreateRouteInput{GatewayId: &s.gateway}) }
		})
	})
	t.Run("a subnet larger than its VPC", func(t *testing.T) {
		already(t, "InvalidSubnet.Range", func(w *world) func() error {
			vpc := w.vpc()
			return func() error {
				_, err := w.ec2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: aws.String("10.0.0.0/15")})
				return err
			}
		})
	})
}
