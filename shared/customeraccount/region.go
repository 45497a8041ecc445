package customeraccount

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/shared/address"
	"byoc/shared/cloud"
	"byoc/shared/network"
	"byoc/shared/preflight"
)

const (
	tagCloud = network.TagCloud

	// AWS's default limits. The role may read neither the account's own limits
	// nor its service quotas, so that messages call them assumed.
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
	defaultVPCs      = 5
	defaultAddresses = 5

	quotaVPCs      = "L-F678F1CE"
	quotaAddresses = "L-0263D0A3"
)

// zonesCall makes the one call of network.UsableZones and keeps its answer.
type zonesCall struct {
	client *ec2.Client
	out    *ec2.DescribeAvailabilityZonesOutput
	err    error
}

func (z *zonesCall) DescribeAvailabilityZones(ctx context.Context, in *ec2.DescribeAvailabilityZonesInput, options ...func(*ec2.Options)) (*ec2.DescribeAvailabilityZonesOutput, error) {
	z.out, z.err = z.client.DescribeAvailabilityZones(ctx, in, options...)
	return z.out, z.err
}

// regionAsRead is what the account shows of the region, each part with its own
// error.
type regionAsRead struct {
	zones     []cloud.Zone
	zonesErr  error
	zonesSeen preflight.Evidence

	vpcs     []types.Vpc
	vpcsErr  error
	vpcsSeen preflight.Evidence

	addresses     []types.Address
	addressesErr  error
	addressesSeen preflight.Evidence
}

func readRegion(ctx context.Context, r Request, s *Session) regionAsRead {
	var read regionAsRead
	var group sync.WaitGroup
	group.Go(func() {
		call := &zonesCall{client: s.EC2}
		read.zones, _ = network.UsableZones(ctx, call)
		read.zonesErr = call.err
		read.zonesSeen = asked("ec2:DescribeAvailabilityZones in "+r.Region, call.out, call.err)
	})
	group.Go(func() {
		var last *ec2.DescribeVpcsOutput
		pages := ec2.NewDescribeVpcsPaginator(s.EC2, &ec2.DescribeVpcsInput{})
		for pages.HasMorePages() && read.vpcsErr == nil {
			if last, read.vpcsErr = pages.NextPage(ctx); read.vpcsErr == nil {
				read.vpcs = append(read.vpcs, last.Vpcs...)
			}
		}
		read.vpcsSeen = asked("ec2:DescribeVpcs in "+r.Region, last, read.vpcsErr)
	})
	group.Go(func() {
		out, err := s.EC2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
		if read.addressesErr = err; err == nil {
			read.addresses = out.Addresses
		}
		read.addressesSeen = asked("ec2:DescribeAddresses in "+r.Region, out, err)
	})
	group.Wait()
	return read
}

// checkRegion judges region, zones, address space and room.
func checkRegion(ctx context.Context, r Request, s *Session) []Check {
	read := readRegion(ctx, r, s)
	return []Check{checkEnabled(read, r), checkZones(read, r), checkSpace(read, r), checkVPCRoom(read, r), checkAddressRoom(read, r)}
}

func checkEnabled(read regionAsRead, r Request) Check {
	switch {
	case disabled(read.zonesErr):
		return failed(preflight.Region, cloud.Denied,
			"Region "+r.Region+" is not enabled in account "+accountOf(r)+": AWS does not accept the role's credentials there.",
			"Enable it under Account, AWS Regions in the AWS console, or with: aws account enable-region --region-name "+r.Region+". Enabling takes minutes.",
			read.zonesSeen)
	case read.zonesErr != nil:
		return r.unanswered(preflight.Region, read.zonesSeen, read.zonesErr)
	}
	return passed(preflight.Region, "Region "+r.Region+" is enabled in account "+accountOf(r)+".", read.zonesSeen)
}

func checkZones(read regionAsRead, r Request) Check {
	switch {
	case refused(read.zonesErr):
		return deniedCheck(preflight.Zones, r, "ec2:DescribeAvailabilityZones", read.zonesErr, read.zonesSeen)
	case read.zonesErr != nil:
		return r.unanswered(preflight.Zones, read.zonesSeen, read.zonesErr)
	}
	var ids []string
	for _, z := range read.zones {
		ids = append(ids, z.ID)
	}
	e := answer(read.zonesSeen, fmt.Sprintf("%d usable zones: %s", len(ids), strings.Join(ids, ", ")))
	if len(ids) < address.MinZones {
		return failed(preflight.Zones, cloud.Invalid,
			fmt.Sprintf("The account can use %d availability zones of region %s; at least %d are needed. Local and wavelength zones do not count.", len(ids), r.Region, address.MinZones),
			"Create the custom cloud in a region with more availability zones, or ask AWS support to enable the missing ones for the account.", e)
	}
	return passed(preflight.Zones, fmt.Sprintf("The account can use %d availability zones.", len(ids)), e)
}

// checkSpace looks for VPCs whose ranges overlap the cloud's. They do not
// interfere as long as nothing connects them, so that this is a warning.
func checkSpace(read regionAsRead, r Request) Check {
	if read.vpcsErr != nil {
		return r.unanswered(preflight.Space, read.vpcsSeen, read.vpcsErr)
	}
	block, err := netip.ParsePrefix(r.CIDR)
	if err != nil {
		return unknown(preflight.Space, "The custom cloud has no address range yet.", "")
	}
	var overlaps []string
	for _, v := range read.vpcs {
		if ownedBy(r, v.Tags) {
			continue
		}
		for _, cidr := range rangesOf(v) {
			if p, err := netip.ParsePrefix(cidr); err == nil && p.Overlaps(block) {
				overlaps = append(overlaps, aws.ToString(v.VpcId)+" ("+cidr+")")
			}
		}
	}
	e := answer(read.vpcsSeen, fmt.Sprintf("%d VPCs", len(read.vpcs)))
	if len(overlaps) > 0 {
		slices.Sort(overlaps)
		return warning(preflight.Space,
			r.CIDR+" overlaps with VPCs that are in the account: "+strings.Join(slices.Compact(overlaps), ", ")+". It can be created, but never be peered with them.",
			"If services are to be reached from these VPCs, choose another range while the custom cloud is a draft: it cannot be changed later.", e)
	}
	return passed(preflight.Space, r.CIDR+" overlaps with none of the VPCs in the account.", e)
}

func rangesOf(v types.Vpc) []string {
	list := []string{aws.ToString(v.CidrBlock)}
	for _, a := range v.CidrBlockAssociationSet {
		if a.CidrBlockState == nil || a.CidrBlockState.State != types.VpcCidrBlockStateCodeDisassociated {
			list = append(list, aws.ToString(a.CidrBlock))
		}
	}
	return list
}

func checkVPCRoom(read regionAsRead, r Request) Check {
	if read.vpcsErr != nil {
		return r.unanswered(preflight.VPCs, read.vpcsSeen, read.vpcsErr)
	}
	own := 0
	for _, v := range read.vpcs {
		if ownedBy(r, v.Tags) {
			own++
		}
	}
	return checkRoom(preflight.VPCs, room{"VPCs", "VPCs per Region", quotaVPCs, defaultVPCs, len(read.vpcs), max(0, 1-own)}, r, read.vpcsSeen)
}

func checkAddressRoom(read regionAsRead, r Request) Check {
	if read.addressesErr != nil {
		return r.unanswered(preflight.Addresses, read.addressesSeen, read.addressesErr)
	}
	own := 0
	for _, a := range read.addresses {
		if ownedBy(r, a.Tags) {
			own++
		}
	}
	gateways := r.Zones
	if gateways == 0 {
		gateways = network.UsualZones(len(read.zones))
	}
	if r.NATGateways == cloud.NATSingle {
		gateways = 1
	}
	return checkRoom(preflight.Addresses, room{"elastic IP addresses", "EC2-VPC Elastic IPs", quotaAddresses, defaultAddresses, len(read.addresses), max(0, gateways-own)}, r, read.addressesSeen)
}

// room is how many of something the account has in the region and needs.
type room struct {
	what, quota, code   string
	limit, have, needed int
}

func checkRoom(name string, x room, r Request, e preflight.Evidence) Check {
	e = answer(e, fmt.Sprintf("%d %s", x.have, x.what))
	counted := fmt.Sprintf("The account has %d %s in %s and the custom cloud needs %d more; AWS's default limit is %d (assumed: the role may not read the account's own).",
		x.have, x.what, r.Region, x.needed, x.limit)
	if x.needed > 0 && x.have+x.needed > x.limit {
		return warning(name, counted,
			fmt.Sprintf("Unless the limit was raised already, remove %d that nothing uses, or ask for at least %d under Service Quotas (%s): aws service-quotas request-service-quota-increase --service-code %s --quota-code %s --desired-value %d --region %s",
				x.have+x.needed-x.limit, x.have+x.needed, x.quota, serviceOf(x.code), x.code, x.have+x.needed, r.Region), e)
	}
	return passed(name, counted, e)
}

// serviceOf is where Service Quotas keeps a limit.
func serviceOf(code string) string {
	if code == quotaVPCs {
		return "vpc"
	}
	return "ec2"
}

// ownedBy says whether something is a part of the cloud that the request is about.
func ownedBy(r Request, tags []types.Tag) bool {
	return slices.ContainsFunc(tags, func(t types.Tag) bool {
		return aws.ToString(t.Key) == tagCloud && aws.ToString(t.Value) == r.Ref.CloudID
	})
}

func accountOf(r Request) string {
	role, err := cloud.ParseRoleARN(r.RoleARN)
	if err != nil {
		return "?"
	}
	return role.Account
}
