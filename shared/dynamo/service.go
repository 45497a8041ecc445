package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

type serviceItem struct {
	PK     string `dynamodbav:"pk"`
	SK     string `dynamodbav:"sk"`
	Entity string `dynamodbav:"entity"`
	Since  string `dynamodbav:"since"`
}

// FindService reads a service of a cloud; false where there is none.
func (t *Table) FindService(ctx context.Context, organizationID, id, name string) (cloud.Service, bool, error) {
	var i serviceItem
	found, err := t.get(ctx, serviceKey(organizationID, id, name), true, &i)
	if err != nil || !found {
		return cloud.Service{}, false, err
	}
	return cloud.Service{OrganizationID: organizationID, CloudID: id, Name: name, Since: parseTime(i.Since)}, true, nil
}

// AddService writes a service and counts it on the cloud, on condition that the
// cloud's version is still c's and it is active. The version rises with the
// count, so that a deletion that read the cloud before is stale, and so is this
// where the deletion came first. Stale.
func (t *Table) AddService(ctx context.Context, c cloud.Cloud, s cloud.Service) error {
	k := serviceKey(s.OrganizationID, s.CloudID, s.Name)
	x := t.transaction()
	x.put(serviceItem{k.pk, k.sk, "service", formatTime(s.Since)}, newExpression().absent(), refuse(staleService()))
	x.countService(c, +1, newExpression().equal("state", string(cloud.Active)))
	return x.commit(ctx, "adding a service to cloud "+c.ID)
}

// RemoveService undoes it in any state. Stale.
func (t *Table) RemoveService(ctx context.Context, c cloud.Cloud, s cloud.Service) error {
	x := t.transaction()
	x.delete(serviceKey(s.OrganizationID, s.CloudID, s.Name), newExpression().exists(), refuse(staleService()))
	x.countService(c, -1, newExpression())
	return x.commit(ctx, "removing a service of cloud "+c.ID)
}

func (x *transaction) countService(c cloud.Cloud, by int, e *expression) {
	e.equal("version", c.Version).set(c.Version+1, "version").add(by, "services")
	x.update(keyOfCloud(c), e, refuse(staleService()))
}

func staleService() error {
	return cloud.Errorf(cloud.Stale, "The custom cloud or its services were changed at the same time. Try again.")
}
