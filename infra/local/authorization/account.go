package authorization

import (
	"context"
	"errors"
	"net/url"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// emulated answers from the emulator's state of one account and region.
type emulated struct {
	ec2 *ec2.Client
	iam *iam.Client
	ses *sesv2.Client
	ddb *dynamodb.Client
	// partitionKeys by table and index. That of a table never changes.
	partitionKeys sync.Map
}

func newEmulated(config aws.Config) *emulated {
	return &emulated{ec2: ec2.NewFromConfig(config), iam: iam.NewFromConfig(config), ses: sesv2.NewFromConfig(config), ddb: dynamodb.NewFromConfig(config)}
}

func filter(name string, values ...string) []ec2types.Filter {
	return []ec2types.Filter{{Name: aws.String(name), Values: values}}
}

// tags reads the tags of several resources at once.
func (e *emulated) tags(ctx context.Context, ids []string) (map[string]map[string]string, error) {
	out, err := e.ec2.DescribeTags(ctx, &ec2.DescribeTagsInput{Filters: filter("resource-id", ids...)})
	if err != nil {
		return nil, err
	}
	tags := map[string]map[string]string{}
	for _, tag := range out.Tags {
		id := aws.ToString(tag.ResourceId)
		if tags[id] == nil {
			tags[id] = map[string]string{}
		}
		tags[id][aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags, nil
}

// RouteTableAssociation implements Account.
func (e *emulated) RouteTableAssociation(ctx context.Context, id string) (table, subnet string, err error) {
	out, err := e.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{
		Filters: filter("association.route-table-association-id", id),
	})
	if err != nil {
		return "", "", err
	}
	for _, table := range out.RouteTables {
		for _, association := range table.Associations {
			if aws.ToString(association.RouteTableAssociationId) == id {
				return aws.ToString(table.RouteTableId), aws.ToString(association.SubnetId), nil
			}
		}
	}
	return "", "", nil
}

// AddressAssociation implements Account.
func (e *emulated) AddressAssociation(ctx context.Context, id, publicIP string) (allocation, networkInterface string, err error) {
	out, err := e.ec2.DescribeAddresses(ctx, &ec2.DescribeAddressesInput{})
	if err != nil {
		return "", "", err
	}
	for _, address := range out.Addresses {
		if (id != "" && aws.ToString(address.AssociationId) == id) || (publicIP != "" && aws.ToString(address.PublicIp) == publicIP) {
			return aws.ToString(address.AllocationId), aws.ToString(address.NetworkInterfaceId), nil
		}
	}
	return "", "", nil
}

// Role implements Account.
func (e *emulated) Role(ctx context.Context, name string) (Role, error) {
	if name == "" {
		return Role{}, nil
	}
	out, err := e.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &name})
	if isMissing(err) {
		return Role{}, nil
	}
	if err != nil {
		return Role{}, err
	}
	role := Role{ARN: aws.ToString(out.Role.Arn), Tags: map[string]string{}}
	if boundary := out.Role.PermissionsBoundary; boundary != nil {
		role.Boundary = aws.ToString(boundary.PermissionsBoundaryArn)
	}
	for _, tag := range out.Role.Tags {
		role.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	role.Trust, err = url.QueryUnescape(aws.ToString(out.Role.AssumeRolePolicyDocument))
	return role, err
}

// VerifiedAddress implements Account.
func (e *emulated) VerifiedAddress(ctx context.Context, address string) (bool, error) {
	_, err := e.ses.GetEmailIdentity(ctx, &sesv2.GetEmailIdentityInput{EmailIdentity: &address})
	var missing *sestypes.NotFoundException
	if errors.As(err, &missing) {
		return false, nil
	}
	return err == nil, err
}

// partitionKey is the name of that of a table, or of an index of it; empty where
// there is no such table.
func (e *emulated) partitionKey(ctx context.Context, table, index string) (string, error) {
	if known, ok := e.partitionKeys.Load(table + "/" + index); ok {
		return known.(string), nil
	}
	out, err := e.ddb.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &table})
	var missing *ddbtypes.ResourceNotFoundException
	if errors.As(err, &missing) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	schema := out.Table.KeySchema
	if index != "" {
		schema = nil
	}
	for _, i := range out.Table.GlobalSecondaryIndexes {
		if aws.ToString(i.IndexName) == index {
			schema = i.KeySchema
		}
	}
	for _, i := range out.Table.LocalSecondaryIndexes {
		if aws.ToString(i.IndexName) == index {
			schema = i.KeySchema
		}
	}
	for _, k := range schema {
		if k.KeyType == ddbtypes.KeyTypeHash {
			e.partitionKeys.Store(table+"/"+index, aws.ToString(k.AttributeName))
			return aws.ToString(k.AttributeName), nil
		}
	}
	return "", nil
}

func isMissing(err error) bool {
	var missing *iamtypes.NoSuchEntityException
	return errors.As(err, &missing)
}
