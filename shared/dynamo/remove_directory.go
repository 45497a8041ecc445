package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// RemoveUnit deletes a unit. NotFound.
func (t *Table) RemoveUnit(ctx context.Context, organizationID, id string) error {
	return t.remove(ctx, "unit", unitKey(organizationID, id))
}

// RemoveMember deletes a member. NotFound.
func (t *Table) RemoveMember(ctx context.Context, organizationID, id string) error {
	return t.remove(ctx, "member", memberKey(organizationID, id))
}

// RemoveProject deletes a project and its twin. NotFound.
func (t *Table) RemoveProject(ctx context.Context, organizationID, id string) error {
	return t.remove(ctx, "project", projectKey(organizationID, id), projectLookupKey(id))
}

// remove deletes items of which the first has to exist.
func (t *Table) remove(ctx context.Context, what string, first key, others ...key) error {
	x := t.transaction()
	x.delete(first, newExpression().exists(), refuse(cloud.Errorf(cloud.NotFound, "There is no such %s.", what)))
	for _, k := range others {
		x.delete(k, newExpression(), nil)
	}
	return x.commit(ctx, "removing a "+what)
}

// FindMember reads a member of an organization. NotFound.
func (t *Table) FindMember(ctx context.Context, organizationID, id string) (cloud.Principal, error) {
	var i memberItem
	found, err := t.get(ctx, memberKey(organizationID, id), true, &i)
	if err == nil && !found {
		err = cloud.Errorf(cloud.NotFound, "There is no such member.")
	}
	return i.principal(), err
}

// FindProjectOf reads a project of an organization. NotFound.
func (t *Table) FindProjectOf(ctx context.Context, organizationID, id string) (cloud.Project, error) {
	var i projectItem
	found, err := t.get(ctx, projectKey(organizationID, id), true, &i)
	if err == nil && !found {
		err = cloud.Errorf(cloud.NotFound, "There is no such project.")
	}
	return i.project(), err
}
