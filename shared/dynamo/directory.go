package dynamo

import (
	"context"

	"byoc/shared/cloud"
)

// Units, projects and members are the vendor's directory, kept in step from
// outside. How units hang together is told by all of them at once; the
// organization's tree counts the changes of that.

type unitItem struct {
	PK             string `dynamodbav:"pk"`
	SK             string `dynamodbav:"sk"`
	Entity         string `dynamodbav:"entity"`
	ID             string `dynamodbav:"id"`
	OrganizationID string `dynamodbav:"organization_id"`
	Name           string `dynamodbav:"name"`
	ParentID       string `dynamodbav:"parent_id"`
	Version        int    `dynamodbav:"version"`
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
	Version        int    `dynamodbav:"version"`
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
	Version        int    `dynamodbav:"version"`
}

// PutUnit writes after over before, which has version 0 where it is new, on
// condition that its parent is o's account or a unit. Where the unit moves, the
// tree has to be the one that o was read with: two moves at once could otherwise
// put two units below each other. NotFound where there is no such organization,
// Stale.
func (t *Table) PutUnit(ctx context.Context, o cloud.Organization, before, after cloud.Unit) (cloud.Unit, error) {
	after.Version, after.UpdatedAt = before.Version+1, t.Now().UTC()
	if after.CreatedAt = before.CreatedAt; before.Version == 0 {
		after.CreatedAt = after.UpdatedAt
	}
	x := t.transaction()
	x.changeTree(o, before.Version > 0 && before.ParentID != after.ParentID)
	x.below(o, after.ParentID)
	k := unitKey(after.OrganizationID, after.ID)
	x.put(unitItem{
		PK: k.pk, SK: k.sk, Entity: "unit", ID: after.ID, OrganizationID: after.OrganizationID, Name: after.Name,
		ParentID: after.ParentID, Version: after.Version, CreatedAt: formatTime(after.CreatedAt), UpdatedAt: formatTime(after.UpdatedAt),
	}, newExpression().read(before.Version), refuse(staleDirectory()))
	return after, x.commit(ctx, "writing unit "+after.ID)
}

// PutProject writes a project over the version that it carries, and its twin by
// which it is found while its organization is unknown, on condition that its
// unit is o's account or there. NotFound where there is no such organization,
// AlreadyExists where another organization has a project of this id, Stale.
func (t *Table) PutProject(ctx context.Context, o cloud.Organization, p cloud.Project) (cloud.Project, error) {
	x := t.transaction()
	x.changeTree(o, false)
	x.below(o, p.UnitID)
	mine := newExpression()
	mine.absentOr(mine.path("organization_id") + " = " + mine.value(p.OrganizationID))
	k := projectLookupKey(p.ID)
	item := projectItem{k.pk, k.sk, "project", p.ID, p.OrganizationID, p.Name, p.UnitID, p.Version + 1}
	x.put(item, mine, refuse(cloud.Errorf(cloud.AlreadyExists, "A project with this id already exists.")))
	k = projectKey(p.OrganizationID, p.ID)
	item.PK, item.SK = k.pk, k.sk
	x.put(item, newExpression().read(p.Version), refuse(staleDirectory()))
	return item.project(), x.commit(ctx, "writing project "+p.ID)
}

// PutMember writes a member of an organization over the version that it carries.
// NotFound where there is no such organization, Stale.
func (t *Table) PutMember(ctx context.Context, m cloud.Membership) (cloud.Membership, error) {
	k := memberKey(m.OrganizationID, m.ID)
	x := t.transaction()
	x.inOrganization(m.OrganizationID)
	item := memberItem{k.pk, k.sk, "member", m.ID, m.OrganizationID, string(m.Role), m.Email, m.Name, m.Version + 1}
	x.put(item, newExpression().read(m.Version), refuse(staleDirectory()))
	return item.membership(), x.commit(ctx, "writing member "+m.ID)
}

// changeTree counts a change of what is below which unit: a removal, and a unit
// that moves, only where nothing else changed since o was read.
func (x *transaction) changeTree(o cloud.Organization, alone bool) {
	e := newExpression().exists().add(1, "tree")
	if alone {
		e.equal("tree", o.Tree)
	}
	x.update(organizationKey(o.ID), e, func(old record) error {
		if old == nil {
			return cloud.Errorf(cloud.NotFound, "There is no such organization.")
		}
		return staleDirectory()
	})
}

// below lets a transaction through only where the unit is there, or the
// organization's account.
func (x *transaction) below(o cloud.Organization, unit string) {
	if unit != o.AccountID {
		x.check(unitKey(o.ID, unit), newExpression().exists(), refuse(staleDirectory()))
	}
}

func staleDirectory() error {
	return cloud.Errorf(cloud.Stale, "The directory was changed at the same time. Try again.")
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
func (t *Table) ListMembers(ctx context.Context, organizationID string) ([]cloud.Membership, error) {
	return listAll(ctx, t, organizationID, memberPrefix, memberItem.membership)
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
		ID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name, ParentID: i.ParentID, Version: i.Version,
		CreatedAt: parseTime(i.CreatedAt), UpdatedAt: parseTime(i.UpdatedAt),
	}
}

func (i projectItem) project() cloud.Project {
	return cloud.Project{ID: i.ID, OrganizationID: i.OrganizationID, Name: i.Name, UnitID: i.UnitID, Version: i.Version}
}

func (i memberItem) membership() cloud.Membership {
	return cloud.Membership{Version: i.Version, Principal: cloud.Principal{
		ID: i.ID, Role: cloud.Role(i.Role), OrganizationID: i.OrganizationID, Email: i.Email, Name: i.Name,
	}}
}
