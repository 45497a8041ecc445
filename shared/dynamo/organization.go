package dynamo

import (
	"context"
	"errors"

	"byoc/shared/cloud"
)

type organizationItem struct {
	Name        string `dynamodbav:"name"`
	AccountID   string `dynamodbav:"account_id"`
	SupportTier string `dynamodbav:"support_tier"`
	BYOCEnabled bool   `dynamodbav:"byoc_enabled"`
	Clouds      int    `dynamodbav:"clouds"`
	Version     int    `dynamodbav:"version"`
	Tree        int    `dynamodbav:"tree"`
	CreatedAt   string `dynamodbav:"created_at"`
	UpdatedAt   string `dynamodbav:"updated_at"`
}

// PutOrganization writes an organization on condition that the stored version
// is still o's, 0 for one that does not exist, and answers it with its new
// version. How many clouds it has stays what it is. Stale.
func (t *Table) PutOrganization(ctx context.Context, o cloud.Organization) (cloud.Organization, error) {
	now := formatTime(t.Now())
	e := newExpression().setOnce(now, "created_at").set(now, "updated_at").
		set("organization", "entity").set(o.Name, "name").set(o.AccountID, "account_id").
		set(string(o.SupportTier), "support_tier").set(o.BYOCEnabled, "byoc_enabled").
		set(o.Version+1, "version").setOnce(0, "clouds").setOnce(0, "tree").answered().
		read(o.Version)
	item, err := t.update(ctx, organizationKey(o.ID), e)
	if failed := new(conditionFailed); errors.As(err, &failed) {
		return cloud.Organization{}, cloud.Errorf(cloud.Stale, "The organization was changed at the same time. Read it and try again.")
	}
	if err != nil {
		return cloud.Organization{}, err
	}
	var i organizationItem
	err = unmarshal(item, &i)
	return i.organization(o.ID), err
}

// FindOrganization reads one organization. NotFound.
func (t *Table) FindOrganization(ctx context.Context, id string) (cloud.Organization, error) {
	var i organizationItem
	found, err := t.get(ctx, organizationKey(id), true, &i)
	if err != nil {
		return cloud.Organization{}, err
	}
	if !found {
		return cloud.Organization{}, cloud.Errorf(cloud.NotFound, "There is no such organization.")
	}
	return i.organization(id), nil
}

func (i organizationItem) organization(id string) cloud.Organization {
	return cloud.Organization{
		ID: id, Name: i.Name, AccountID: i.AccountID, SupportTier: cloud.SupportTier(i.SupportTier),
		BYOCEnabled: i.BYOCEnabled, Clouds: i.Clouds, Version: i.Version, Tree: i.Tree,
		CreatedAt: parseTime(i.CreatedAt), UpdatedAt: parseTime(i.UpdatedAt),
	}
}

// inOrganization lets a transaction through only where the organization exists.
func (x *transaction) inOrganization(id string) {
	x.check(organizationKey(id), newExpression().exists(),
		refuse(cloud.Errorf(cloud.NotFound, "There is no such organization.")))
}
