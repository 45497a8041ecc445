package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// Units, projects and members are the vendor's directory, kept in step from
// outside: the last write is the truth, so that none of them has a version.

type unitItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	ID             string `dynamodbav:"id"`
	OrganizationID string `dynamodbav:"organization_id"`
	Name           string `dynamodbav:"name"`
	ParentID       string `dynamodbav:"parent_id"`
	CreatedAt      string `dynamodbav:"created_at"`
	UpdatedAt      string `dynamodbav:"updated_at"`
}

type projectItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	ID             string `dynamodbav:"id"`
	OrganizationID string `dynamodbav:"organization_id"`
	Name           string `dynamodbav:"name"`
	UnitID         string `dynamodbav:"unit_id"`
}

type memberItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	ID             string `dynamodbav:"id"`
	OrganizationID string `dynamodbav:"organization_id"`
	Role           string `dynamodbav:"role"`
	Email          string `dynamodbav:"email"`
	Name           string `dynamodbav:"name"`
}

// PutUnit writes a unit. NotFound where there is no such organization.
func (t *Table) PutUnit(ctx context.Context, u cloud.Unit) error {
	now := formatTime(t.Now())
	x := t.transaction()
	x.inOrganization(u.OrganizationID)
	x.update(unitKey(u.OrganizationID, u.ID), newExpression().
		set("unit", "entity").set(u.ID, "id").set(u.OrganizationID, "organization_id").
		set(u.Name, "name").set(u.ParentID, "parent_id").
		setOnce(now, "created_at").set(now, "updated_at"), nil)
	return x.commit(ctx, "writing unit "+u.ID)
}

// PutProject writes a project, and its twin by which it is found while its
// organization is unknown. NotFound where there is no such organization,
// AlreadyExists where another organization has a project of this id.
func (t *Table) PutProject(ctx context.Context, p cloud.Project) error {
	x := t.transaction()
	x.inOrganization(p.OrganizationID)
	mine := newExpression()
	mine.absentOr(mine.path("organization_id") + " = " + mine.value(p.OrganizationID))
	k := projectLookupKey(p.ID)
	item := projectItem{k.pk, k.sk, "project", p.ID, p.OrganizationID, p.Name, p.UnitID}
	x.put(item, mine, refuse(cloud.Errorf(cloud.AlreadyExists, "A project with this id already exists.")))
	k = projectKey(p.OrganizationID, p.ID)
	item.PK, item.SK = k.pk, k.sk
	x.put(item, newExpression(), nil)
	return x.commit(ctx, "writing project "+p.ID)
}

// PutMember writes a member of an organization. NotFound where there is no such
// organization.
func (t *Table) PutMember(ctx context.Context, p cloud.Principal) error {
	k := memberKey(p.OrganizationID, p.ID)
	x := t.transaction()
	x.inOrganization(p.OrganizationID)
	x.put(memberItem{k.pk, k.sk, "member", p.ID, p.OrganizationID, string(p.Role), p.Email, p.Name}, newExpression(), nil)
	return x.commit(ctx, "writing member "+p.ID)
}

// FindProject reads a project whose organization the caller does not know. NotFound.
func (t *Table) FindProject(ctx context.Context, id string) (cloud.Project, error) {
	var i projectItem
	found, err := t.get(ctx, projectLookupKey(id), true, &i)
	if err != nil {
		return cloud.Project{}, err
	}
	if !found {
		return cloud.Project{}, cloud.Errorf(cloud.NotFound, "There is no such project.")
	}
	return i.project(), nil
}

// ListUnits reads all units of an organization, in the order of their ids.
func (t *Table) ListUnits(ctx context.Context, organizationID string) ([]cloud.Unit, error) {
	return listAll(ctx, t, organizationID, unitPrefix, unitItem.unit)
}

// ListProjects reads all projects of an organization, in the order of their ids.
func (t *Table) ListProjects(ctx context.Context, organizationID string) ([]cloud.Project, error) {
	return listAll(ctx, t, organizationID, projectPrefix, projectItem.project)
}

// ListMembers reads all members of an organization, in the order of their ids.
func (t *Table) ListMembers(ctx context.Context, organizationID string) ([]cloud.Principal, error) {
	return listAll(ctx, t, organizationID, memberPrefix, memberItem.principal)
}

func listAll[Item, Entity any](ctx context.Context, t *Table, organizationID, prefix string, entity func(Item) Entity) ([]Entity, error) {
	var list []Entity
	r := rows{partition: organizationPartition(organizationID), prefix: prefix}
	err := t.each(ctx, r, func(item record) (bool, error) {
		var i Item
		err := unmarshal(item, &i)
		list = append(list, entity(i))
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func (i unitItem) unit() cloud.Unit {
	return cloud.Unit{
		ID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name, ParentID: i.ParentID,
		CreatedAt: parseTime(i.CreatedAt), UpdatedAt: parseTime(i.UpdatedAt),
	}
}

func (i projectItem) project() cloud.Project {
	return cloud.Project{ID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name, UnitID: i.UnitID}
}

func (i memberItem) principal() cloud.Principal {
	return cloud.Principal{ID: i.ID, Role: cloud.Role(i.Role), OrganizationID: i.OrganizationID, Email: i.Email, Name: i.Name}
}
