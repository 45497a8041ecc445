package stack

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"byoc/shared/dynamo"
)

type table struct {
	awsdynamodb.Table
}

func newTable(scope constructs.Construct, s Settings) table {
	production := s.Environment == Production
	encryption := awsdynamodb.TableEncryption_DEFAULT
	if production {
		// AWS's key in our own account: its use shows in CloudTrail.
		encryption = awsdynamodb.TableEncryption_AWS_MANAGED
	}
	t := awsdynamodb.NewTable(scope, jsii.String("Table"), &awsdynamodb.TableProps{
		PartitionKey:        text(dynamo.PartitionKey),
		SortKey:             text(dynamo.SortKey),
		BillingMode:         awsdynamodb.BillingMode_PAY_PER_REQUEST,
		Encryption:          encryption,
		TimeToLiveAttribute: jsii.String(dynamo.TTLAttribute),
		DeletionProtection:  jsii.Bool(production),
		PointInTimeRecoverySpecification: &awsdynamodb.PointInTimeRecoverySpecification{
			PointInTimeRecoveryEnabled: jsii.Bool(production),
		},
		RemovalPolicy: s.removal(),
	})
	t.AddGlobalSecondaryIndex(&awsdynamodb.GlobalSecondaryIndexProps{
		IndexName:      jsii.String(dynamo.DueIndex),
		PartitionKey:   text(dynamo.DueShard),
		SortKey:        text(dynamo.DueAt),
		ProjectionType: awsdynamodb.ProjectionType_KEYS_ONLY,
	})
	if !production {
		justify(t.Node().DefaultChild(), "AwsSolutions-DDB3", "A sandbox has nothing that would have to be restored; production has it on.")
	}
	return table{t}
}

func text(name string) *awsdynamodb.Attribute {
	return &awsdynamodb.Attribute{Name: jsii.String(name), Type: awsdynamodb.AttributeType_STRING}
}

// Allow DynamoDB actions on the table's items, named without their service.
func (t table) Allow(role awsiam.Role, actions ...string) {
	role.AddToPolicy(allow(prefixed("dynamodb:", actions), t.TableArn()))
}

// AllowIn is Allow for the items of partitions that begin so. Who may write all
// items could make itself an operator's token.
func (t table) AllowIn(partitions []string, role awsiam.Role, actions ...string) {
	var keys []string
	for _, p := range partitions {
		keys = append(keys, p+"*")
	}
	statement := allow(prefixed("dynamodb:", actions), t.TableArn())
	statement.AddCondition(jsii.String("ForAllValues:StringLike"), map[string]any{"dynamodb:LeadingKeys": keys})
	role.AddToPolicy(statement)
}

// AllowDue lets a role query what is due.
func (t table) AllowDue(role awsiam.Role) {
	role.AddToPolicy(allow([]string{"dynamodb:Query"}, jsii.String(*t.TableArn()+"/index/"+dynamo.DueIndex)))
}

func prefixed(prefix string, names []string) []string {
	var list []string
	for _, name := range names {
		list = append(list, prefix+name)
	}
	return list
}
