package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// Create writes a new cloud, its name and its event, and counts it; and what it
// is told to keep. *cloud.Repeated, before all others; AlreadyExists
// where the id or the name is taken; Conflict where the organization has
// MaxClouds; NotFound where there is no such organization.
func (t *Table) Create(ctx context.Context, c cloud.Cloud, e cloud.Event, kept ...cloud.Kept) error {
	x := t.transaction()
	x.keep(kept)
	x.put(newCloudItem(c), newExpression().absent(),
		refuse(cloud.Errorf(cloud.AlreadyExists, "A custom cloud with this id already exists.")))
	x.put(newNetworkItem(c), newExpression().absent(), nil)
	x.takeName(c)
	x.count(c.OrganizationID, +1)
	x.event(e)
	return x.commit(ctx, "creating cloud "+c.ID)
}

// nameItem makes a display name unique in its organization.
type nameItem struct {
	PK      string `dynamodbav:"pk"`
	SK      string `dynamodbav:"sk"`
	Entity  string `dynamodbav:"entity"`
	CloudID string `dynamodbav:"cloud_id"`
}

// takeName gives the cloud its name, on condition that no other has it.
func (x *transaction) takeName(c cloud.Cloud) {
	k := nameKey(c.OrganizationID, c.DisplayName)
	e := newExpression()
	e.absentOr(e.path("cloud_id") + " = " + e.value(c.ID))
	x.put(nameItem{PK: k.pk, SK: k.sk, Entity: "name", CloudID: c.ID}, e, func(record) error {
		return cloud.Errorf(cloud.AlreadyExists, "A custom cloud named %q already exists in this organization. Choose another name.", c.DisplayName)
	})
}

// freeName gives the cloud's name back, where it has it.
func (x *transaction) freeName(c cloud.Cloud) {
	e := newExpression()
	e.absentOr(e.path("cloud_id") + " = " + e.value(c.ID))
	x.delete(nameKey(c.OrganizationID, c.DisplayName), e, nil)
}

// count changes how many clouds an organization has by 1 or -1. The
// organization's version stays: it is the vendor's operators who write that.
func (x *transaction) count(organizationID string, by int) {
	e := newExpression().exists().add(by, "clouds")
	if by > 0 {
		p := e.path("clouds")
		e.where("attribute_not_exists(" + p + ") OR " + p + " < " + e.value(cloud.MaxClouds))
	}
	x.update(organizationKey(organizationID), e, func(old record) error {
		if old == nil {
			return cloud.Errorf(cloud.NotFound, "There is no such organization.")
		}
		return cloud.Errorf(cloud.Conflict, "The organization has %d custom clouds, which is the most it can have. Delete one first.", cloud.MaxClouds)
	})
}
