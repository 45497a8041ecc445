package ec2behaviour_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"byoc/infra/local/ec2behaviour"
)

func TestTagsAreChecked(t *testing.T) {
	tag := func(key string) types.Tag { return types.Tag{Key: aws.String(key), Value: aws.String("x")} }
	for name, spec := range map[string]types.TagSpecification{
		"duplicate": {ResourceType: types.ResourceTypeElasticIp, Tags: []types.Tag{tag("a"), tag("a")}},
		"of AWS":    {ResourceType: types.ResourceTypeElasticIp, Tags: []types.Tag{tag("aws:a")}},
		"misplaced": {ResourceType: types.ResourceTypeVpc, Tags: []types.Tag{tag("a")}},
	} {
		t.Run(name, func(t *testing.T) {
			refuses(t, "InvalidParameterValue", func(o *options) { o.Tags = false }, func(w *world) func() error {
				return func() error {
					_, err := w.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{TagSpecifications: []types.TagSpecification{spec}})
					return err
				}
			})
		})
	}
}

func TestQuotas(t *testing.T) {
	none := func(w *world, err error) { w.t.Helper(); w.want("", err) }
	t.Parallel()
	w := openAlone(t, func(o *options) { o.Quotas = &ec2behaviour.Quotas{VPCs: 2, Addresses: 1} })
	w.vpc() // the second: there is a default one
	_, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
	w.want("VpcLimitExceeded", err)
	w.address()
	_, err = w.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
	w.want("AddressLimitExceeded", err)

	w = openAlone(t, nil)
	for range ec2behaviour.DefaultQuotas().VPCs + 1 {
		_, err := w.ec2.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/16")})
		none(w, err)
	}
}
