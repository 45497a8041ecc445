package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// Remove deletes a draft, on condition that the stored version is still c's:
// the cloud is gone at once, its name is free, its history stays. Stale.
func (t *Table) Remove(ctx context.Context, c cloud.Cloud, e cloud.Event) error {
	x := t.transaction()
	x.delete(cloudKey(c.OrganizationID, c.ID),
		newExpression().equal("version", c.Version).equal("state", string(cloud.Draft)),
		refuse(cloud.Errorf(cloud.Stale, "The custom cloud was changed at the same time. Read it and try again.")))
	x.delete(networkKey(c.OrganizationID, c.ID), newExpression(), nil)
	x.freeName(c)
	x.count(c.OrganizationID, -1)
	x.event(e)
	return x.commit(ctx, "removing draft "+c.ID)
}
