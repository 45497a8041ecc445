package network

import (
	"context"
	"fmt"
	"net/netip"
	"testing"

	"byoc/shared/cloud"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

type zoneList []types.AvailabilityZone

func (z zoneList) DescribeAvailabilityZones(context.Context, *ec2.DescribeAvailabilityZonesInput, ...func(*ec2.Options)) (*ec2.DescribeAvailabilityZonesOutput, error) {
	return &ec2.DescribeAvailabilityZonesOutput{AvailabilityZones: z}, nil
}

func zone(id, kind string, state types.AvailabilityZoneState, opt types.AvailabilityZoneOptInStatus) types.AvailabilityZone {
	name := nameOf(id)
	return types.AvailabilityZone{ZoneId: &id, ZoneName: &name, ZoneType: &kind, State: state, OptInStatus: opt}
}

// nameOf a zone: AWS gives each account its own order of names.
func nameOf(id string) string { return fmt.Sprintf("%x", 255-id[len(id)-1]) }

func TestSelectZones(t *testing.T) {
	const (
		available = types.AvailabilityZoneStateAvailable
		in        = types.AvailabilityZoneOptInStatusOptInNotRequired
	)
	region := zoneList{
		zone("use1-az4", "availability-zone", available, in),
		zone("use1-az1", "availability-zone", available, in),
		zone("use1-az3", "availability-zone", types.AvailabilityZoneStateUnavailable, in),
		zone("use1-bos1-az1", "local-zone", available, types.AvailabilityZoneOptInStatusOptedIn),
		zone("use1-wl1", "wavelength-zone", available, in),
		zone("use1-az2", "availability-zone", available, in),
		zone("use1-az5", "availability-zone", available, types.AvailabilityZoneOptInStatusNotOptedIn),
		zone("use1-az6", "availability-zone", available, in),
	}
	block := netip.MustParsePrefix("10.0.0.0/20")
	for _, c := range []struct {
		zones zoneList
		n     int
		want  []string
	}{
		{region, 0, []string{"use1-az1", "use1-az2", "use1-az4"}},
		{region, 2, []string{"use1-az1", "use1-az2"}},
		{region, 4, []string{"use1-az1", "use1-az2", "use1-az4", "use1-az6"}},
		{region, 5, nil},
		{region[:2], 0, []string{"use1-az1", "use1-az4"}},
		{region[:1], 0, nil},
		{nil, 0, nil},
	} {
		got, err := SelectZones(context.Background(), c.zones, block, c.n)
		if c.want == nil {
			if cloud.CodeOf(err) != cloud.Invalid {
				t.Errorf("%d of %d zones: %v, %v", c.n, len(c.zones), got, err)
			}
			continue
		}
		if err != nil || len(got) != len(c.want) {
			t.Errorf("%d of %d zones: %v, %v", c.n, len(c.zones), got, err)
			continue
		}
		for i, z := range got {
			if z.ID != c.want[i] || z.Name != nameOf(c.want[i]) || z.Bastion == "" || z.Workload == "" {
				t.Errorf("zone %d is %+v, want %s", i, z, c.want[i])
			}
		}
	}
}
