package cloud

import (
	"context"
	"slices"
)

// PutUnit writes a unit below the organization's account, where it names no
// parent, or below another unit. NotFound, Invalid.
func (d *Directory) PutUnit(ctx context.Context, u Unit, ifMatch func(version int) error) (Unit, error) {
	return retryStale(func() (Unit, error) {
		// The organization is read first: its tree vouches for what is read next.
		o, units, err := d.units(ctx, u.OrganizationID)
		if err != nil {
			return Unit{}, err
		}
		before := unitOf(units, u.ID)
		if err := ifMatch(before.Version); err != nil {
			return Unit{}, err
		}
		after := u
		if after.ParentID == "" {
			after.ParentID = o.AccountID
		}
		var p problems
		p.directoryName("body.unit_name", after.Name)
		switch {
		case after.ID == o.AccountID:
			p.add("path.unit_id", "This is the organization's own account, which is no unit.")
		case after.ParentID != o.AccountID && unitOf(units, after.ParentID).ID == "":
			p.add("body.parent_id", "The organization has no unit with this id.")
		case slices.Contains(Ancestors(units, after.ParentID), after.ID):
			p.add("body.parent_id", "A unit cannot be below itself.")
		}
		if err := p.err(); err != nil {
			return Unit{}, err
		}
		return d.Store.PutUnit(ctx, o, before, after)
	})
}

// RemoveUnit deletes an empty unit. NotFound, Conflict.
func (d *Directory) RemoveUnit(ctx context.Context, organizationID, id string, ifMatch func(version int) error) error {
	_, err := retryStale(func() (Unit, error) {
		o, units, err := d.units(ctx, organizationID)
		if err != nil {
			return Unit{}, err
		}
		u := unitOf(units, id)
		if u.ID == "" {
			return Unit{}, Errorf(NotFound, "There is no such unit.")
		}
		if err := ifMatch(u.Version); err != nil {
			return Unit{}, err
		}
		projects, err := d.Store.ListProjects(ctx, organizationID)
		if err != nil {
			return Unit{}, err
		}
		if slices.ContainsFunc(units, func(u Unit) bool { return u.ParentID == id }) ||
			slices.ContainsFunc(projects, func(p Project) bool { return p.UnitID == id }) {
			return Unit{}, Errorf(Conflict, "There are units or projects in this unit. Move or delete them first.")
		}
		return u, d.Store.RemoveUnit(ctx, o, u)
	})
	return err
}

// Ancestors are a unit's own id, its parent's, and so on up to the root.
func Ancestors(units []Unit, id string) []string {
	var line []string
	for id != "" && !slices.Contains(line, id) {
		line = append(line, id)
		id = unitOf(units, id).ParentID
	}
	return line
}

// unitOf is the unit of an id; one without an id where there is none.
func unitOf(units []Unit, id string) Unit {
	i := slices.IndexFunc(units, func(u Unit) bool { return u.ID == id })
	if i < 0 {
		return Unit{}
	}
	return units[i]
}

// units of an organization, which is read before them.
func (d *Directory) units(ctx context.Context, organizationID string) (Organization, []Unit, error) {
	o, err := d.Store.FindOrganization(ctx, organizationID)
	if err != nil {
		return o, nil, err
	}
	units, err := d.Store.ListUnits(ctx, organizationID)
	return o, units, err
}
