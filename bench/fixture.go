package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
	"byoc/shared/network"
)

// What every table of a stub begins with: one organization, its administrator,
// and an active custom cloud in three zones with all that it has on record.
const (
	tableName      = "table"
	organizationID = "org00000000000"
	learnedCloudID = "ffffffff-7c1d-4b8e-9d55-0f0e3a6c1b2d"
	learnedAccount = "222222222222"
	secret         = "a token of the benchmark"
)

// cloudID of the clouds that a grown table has, from 0 on.
func cloudID(n int) string { return fmt.Sprintf("%08d%s", n, learnedCloudID[8:]) }

// grownTable starts a stub whose table has clouds in organizations.
func grownTable(ctx context.Context, config aws.Config, clouds []int) (*stubProcess, *dynamodb.Client, error) {
	p, err := startStub(ctx)
	if err != nil {
		return nil, nil, err
	}
	config.BaseEndpoint = &p.url
	client := dynamodb.NewFromConfig(config)
	if err := learn(ctx, client); err != nil {
		p.stop()
		return nil, nil, err
	}
	err = p.post("/grow", growth{Organization: organizationID, Cloud: learnedCloudID, Account: learnedAccount, Clouds: clouds}, nil)
	if err == nil {
		_, err = p.counts()
	}
	if err != nil {
		p.stop()
		return nil, nil, err
	}
	return p, client, nil
}

func learn(ctx context.Context, client *dynamodb.Client) error {
	now := time.Now().UTC()
	// The product writes it as an update, which a stub forgets.
	organization, err := attributevalue.MarshalMap(map[string]any{
		dynamo.PartitionKey: "ORG#" + organizationID, dynamo.SortKey: "ORGANIZATION", "entity": "organization",
		"name": "Example Organization", "account_id": "a" + organizationID, "support_tier": string(cloud.Priority),
		"byoc_enabled": true, "version": 1, "clouds": 0, "tree": 0,
		"created_at": now.Format(time.RFC3339Nano), "updated_at": now.Format(time.RFC3339Nano),
	})
	if err != nil {
		return err
	}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(tableName), Item: organization}); err != nil {
		return err
	}
	table := dynamo.New(client, tableName)
	hash := sha256.Sum256([]byte(secret))
	admin := cloud.Principal{ID: "admin", Role: cloud.Admin, OrganizationID: organizationID, Email: "admin@customer.example", Name: "Admin"}
	if err := table.CreateToken(ctx, cloud.Token{Hash: hex.EncodeToString(hash[:]), Principal: admin}); err != nil {
		return err
	}
	c := activeCloud(now)
	return table.Create(ctx, c, cloud.Event{
		ID: cloud.EventID(c.ID, c.Version), Type: cloud.StateChanged, OrganizationID: c.OrganizationID, CloudID: c.ID,
		Version: c.Version, To: c.State, Actor: "admin", Message: "Seeded.", At: now,
	})
}

func activeCloud(now time.Time) cloud.Cloud {
	zones := []cloud.Zone{
		{ID: "euw1-az1", Name: "eu-west-1a", Bastion: "10.20.0.0/24", Workload: "10.20.64.0/18"},
		{ID: "euw1-az2", Name: "eu-west-1b", Bastion: "10.20.1.0/24", Workload: "10.20.128.0/18"},
		{ID: "euw1-az3", Name: "eu-west-1c", Bastion: "10.20.2.0/24", Workload: "10.20.192.0/18"},
	}
	steps := map[string]cloud.Step{}
	for i, d := range network.DisplayOrder(zones, cloud.NATPerZone) {
		steps[d.Key] = cloud.Step{
			Key: d.Key, State: cloud.StepReady, ResourceID: fmt.Sprintf("resource-%017x", i), Generation: 1,
			StartedAt: now, EndedAt: now.Add(time.Second),
		}
	}
	return cloud.Cloud{
		ID: learnedCloudID, OrganizationID: organizationID, DisplayName: "Production " + learnedCloudID,
		Provider: "aws", Region: "eu-west-1", DeploymentModel: "standard", CIDR: "10.20.0.0/16", NATGateways: cloud.NATPerZone,
		Contacts: []cloud.Contact{
			{Email: "ops@customer.example", Name: "Ops", Role: "SRE"}, {Email: "admin@customer.example", Name: "Admin", Role: "Admin"},
		},
		Tags:     map[string]string{"team": "platform", "cost-center": "4711"},
		Accounts: []string{"a" + organizationID},
		RoleARN:  "arn:aws:iam::" + learnedAccount + ":role/" + cloud.Stem(learnedCloudID) + "-iam-role",
		// Both have the form of what the product makes.
		ExternalID: "8c5d2a0e-52e0-4b51-a7a3-5f0b1f6d5b11",
		State:      cloud.Active, Attempt: 1, AttemptAt: now, Version: 4, CreatedAt: now, UpdatedAt: now,
		Network: cloud.Network{Zones: zones, Steps: steps, CreateCalled: true},
	}
}
