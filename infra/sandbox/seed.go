package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"byoc/infra/runfile"
	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

// Seed is the directory that a sandbox starts with: one organization with BYOC
// enabled, two units (the second inside the first), three projects, an
// administrator, a member, an operator; and an administrator of another
// organization, who must not see any of it.
type Seed struct {
	Organization cloud.Organization
	Units        map[string]string
	Projects     map[string]string
	Tokens       runfile.Tokens
}

// Table of the deployed stack, reached as the deployer.
func (s *Sandbox) Table() *dynamo.Table {
	return dynamo.New(dynamodb.NewFromConfig(s.deployer()), s.Outputs["TableName"])
}

func (s *Sandbox) seed(ctx context.Context) error {
	table := s.Table()
	organization, err := table.PutOrganization(ctx, cloud.Organization{
		ID: newID("org"), Name: "Example Organization", AccountID: newID("a"),
		SupportTier: cloud.Priority, BYOCEnabled: true,
	})
	if err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	other, err := table.PutOrganization(ctx, cloud.Organization{
		ID: newID("org"), Name: "Other Organization", AccountID: newID("a"),
		SupportTier: cloud.Premium, BYOCEnabled: true,
	})
	if err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	s.Seed = Seed{Organization: organization}
	if err := s.seedUnits(ctx, table); err != nil {
		return fmt.Errorf("seeding: %w", err)
	}
	member := func(organizationID, name string, role cloud.Role) cloud.Principal {
		return cloud.Principal{ID: newID("u"), Role: role, OrganizationID: organizationID, Email: name + "@customer.example", Name: strings.ToUpper(name[:1]) + name[1:]}
	}
	for _, p := range []struct {
		principal cloud.Principal
		token     *string
	}{
		{member(organization.ID, "admin", cloud.Admin), &s.Seed.Tokens.Admin},
		{member(organization.ID, "member", cloud.Member), &s.Seed.Tokens.Member},
		{member(other.ID, "other", cloud.Admin), &s.Seed.Tokens.OtherAdmin},
		{cloud.Principal{ID: newID("op"), Role: cloud.Operator}, &s.Seed.Tokens.Operator},
	} {
		if p.principal.Role != cloud.Operator {
			if _, err := table.PutMember(ctx, cloud.Membership{Principal: p.principal}); err != nil {
				return fmt.Errorf("seeding: %w", err)
			}
		}
		*p.token = rand.Text() + rand.Text()
		hash := sha256.Sum256([]byte(*p.token))
		if err := table.CreateToken(ctx, cloud.Token{Hash: hex.EncodeToString(hash[:]), Principal: p.principal}); err != nil {
			return fmt.Errorf("seeding: %w", err)
		}
	}
	return nil
}

func (s *Sandbox) seedUnits(ctx context.Context, table *dynamo.Table) error {
	organization := s.Seed.Organization
	platform := cloud.Unit{ID: newID("a"), OrganizationID: organization.ID, Name: "platform", ParentID: organization.AccountID}
	data := cloud.Unit{ID: newID("a"), OrganizationID: organization.ID, Name: "data", ParentID: platform.ID}
	s.Seed.Units = map[string]string{}
	for _, u := range []cloud.Unit{platform, data} {
		if _, err := table.PutUnit(ctx, organization, cloud.Unit{}, u); err != nil {
			return err
		}
		s.Seed.Units[u.Name] = u.ID
	}
	suffix := strings.ToLower(rand.Text()[:6])
	s.Seed.Projects = map[string]string{}
	for name, unit := range map[string]string{"web": organization.AccountID, "staging": platform.ID, "warehouse": data.ID} {
		id := name + "-" + suffix
		if _, err := table.PutProject(ctx, organization, cloud.Project{ID: id, OrganizationID: organization.ID, Name: id, UnitID: unit}); err != nil {
			return err
		}
		s.Seed.Projects[name] = id
	}
	return nil
}

func newID(prefix string) string { return prefix + strings.ToLower(rand.Text()[:11]) }

// Runfile is what others need to know of the sandbox.
func (s *Sandbox) Runfile() runfile.Run {
	return runfile.Run{
		APIURL:          s.APIURL(),
		AWSURL:          s.URL(),
		Region:          Region,
		VendorAccount:   Account,
		CustomerAccount: CustomerAccount,
		Outbox:          s.OutboxDir(),
		Logs:            s.LogDir(),
		Organization:    runfile.Organization{ID: s.Seed.Organization.ID, AccountID: s.Seed.Organization.AccountID},
		Units:           s.Seed.Units,
		Projects:        s.Seed.Projects,
		Tokens:          s.Seed.Tokens,
		Outputs:         s.Outputs,
	}
}
