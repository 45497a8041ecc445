package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// RemoveUnit deletes a unit on condition that nothing was put below any unit
// since o was read: whoever looked before it saw it empty. Stale.
func (t *Table) RemoveUnit(ctx context.Context, o cloud.Organization, u cloud.Unit) error {
	x := t.transaction()
	x.changeTree(o, true)
	x.delete(unitKey(u.OrganizationID, u.ID), newExpression().read(u.Version), refuse(staleDirectory()))
	return x.commit(ctx, "removing unit "+u.ID)
}

// RemoveProject deletes a project and its twin. Stale.
func (t *Table) RemoveProject(ctx context.Context, p cloud.Project) error {
	x := t.transaction()
	x.delete(projectKey(p.OrganizationID, p.ID), newExpression().read(p.Version), refuse(staleDirectory()))
	x.delete(projectLookupKey(p.ID), newExpression(), nil)
	return x.commit(ctx, "removing project "+p.ID)
}

// RemoveMember deletes a member. Stale.
func (t *Table) RemoveMember(ctx context.Context, m cloud.Membership) error {
	x := t.transaction()
	x.delete(memberKey(m.OrganizationID, m.ID), newExpression().read(m.Version), refuse(staleDirectory()))
	return x.commit(ctx, "removing member "+m.ID)
}

// FindMember reads a member of an organization. NotFound.
func (t *Table) FindMember(ctx context.Context, organizationID, id string) (cloud.Membership, error) {
	var i memberItem
	found, err := t.get(ctx, memberKey(organizationID, id), true, &i)
	if err == nil && !found {
		err = cloud.Errorf(cloud.NotFound, "There is no such member.")
	}
	return i.membership(), err
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
