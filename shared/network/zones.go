package network

import (
	"context"
	"net/netip"
	"slices"
	"strings"

	"byoc/shared/address"
	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// usualZones is how many zones a network has where the region has as many.
const usualZones = 3

// UsualZones is over how many zones a network is spread in a region with
// usable ones; none stands for not known.
func UsualZones(usable int) int {
	if usable == 0 {
		return usualZones
	}
	return min(usualZones, usable)
}

// ZonesAPI is the one call that SelectZones makes.
type ZonesAPI interface {
	DescribeAvailabilityZones(context.Context, *ec2.DescribeAvailabilityZonesInput, ...func(*ec2.Options)) (*ec2.DescribeAvailabilityZonesOutput, error)
}

var _ ZonesAPI = (*ec2.Client)(nil)

// UsableZones lists the region's availability zones that the account may use
// now, by id. Local and wavelength zones never count.
func UsableZones(ctx context.Context, client ZonesAPI) ([]cloud.Zone, error) {
	out, err := client.DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{
		Filters: []types.Filter{filter("zone-type", "availability-zone"), filter("state", "available")},
	})
	if err != nil {
		return nil, Classify(err, "ec2:DescribeAvailabilityZones")
	}
	var zones []cloud.Zone
	for _, z := range out.AvailabilityZones {
		// An emulator or an old endpoint may ignore a filter; an empty zone type
		// comes from before zones had types.
		ordinary := text(z.ZoneType) == "" || text(z.ZoneType) == "availability-zone"
		if ordinary && z.State == types.AvailabilityZoneStateAvailable && z.OptInStatus != types.AvailabilityZoneOptInStatusNotOptedIn {
			zones = append(zones, cloud.Zone{ID: text(z.ZoneId), Name: text(z.ZoneName)})
		}
	}
	slices.SortFunc(zones, func(a, b cloud.Zone) int { return strings.Compare(a.ID, b.ID) })
	return zones, nil
}

// SelectZones chooses n zones (0: three, or two where the region has no more)
// and gives them their ranges of block. By id, not by name: the same id is the
// same place in every account.
func SelectZones(ctx context.Context, client ZonesAPI, block netip.Prefix, n int) ([]cloud.Zone, error) {
	zones, err := UsableZones(ctx, client)
	if err != nil {
		return nil, err
	}
	if len(zones) < max(n, address.MinZones) {
		return nil, cloud.Errorf(cloud.Invalid, "The account can use %d availability zones of the region; at least %d are needed. Choose another region, or enable the zones in the account.", len(zones), max(n, address.MinZones))
	}
	if n == 0 {
		n = UsualZones(len(zones))
	}
	plan, err := address.PlanSubnets(block, n)
	if err != nil {
		return nil, cloud.Wrap(err, cloud.Invalid, "The range %s cannot be split over %d zones.", block, n)
	}
	zones = zones[:n]
	for i, z := range plan.Zones {
		zones[i].Bastion, zones[i].Workload = z.Bastion.String(), z.Workload.String()
	}
	return zones, nil
}
