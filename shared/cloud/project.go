package cloud

import "context"

// PutProject writes a project of the organization's account, where it names no
// unit, or of a unit. NotFound, Invalid, AlreadyExists.
func (d *Directory) PutProject(ctx context.Context, p Project, ifMatch func(version int) error) (Project, error) {
	return retryStale(func() (Project, error) {
		o, units, err := d.units(ctx, p.OrganizationID)
		if err != nil {
			return Project{}, err
		}
		before, err := d.Store.FindProjectOf(ctx, p.OrganizationID, p.ID)
		if err != nil && CodeOf(err) != NotFound {
			return Project{}, err
		}
		if err := ifMatch(before.Version); err != nil {
			return Project{}, err
		}
		after := p
		after.Version = before.Version
		if after.UnitID == "" {
			after.UnitID = o.AccountID
		}
		if after.Name == "" {
			after.Name = after.ID
		}
		var bad problems
		bad.directoryName("body.project_name", after.Name)
		if after.UnitID != o.AccountID && unitOf(units, after.UnitID).ID == "" {
			bad.add("body.unit_id", "The organization has no unit with this id.")
		}
		if err := bad.err(); err != nil {
			return Project{}, err
		}
		return d.Store.PutProject(ctx, o, after)
	})
}

// RemoveProject deletes a project. NotFound.
func (d *Directory) RemoveProject(ctx context.Context, organizationID, id string, ifMatch func(version int) error) error {
	_, err := retryStale(func() (Project, error) {
		p, err := d.Store.FindProjectOf(ctx, organizationID, id)
		if err == nil {
			err = ifMatch(p.Version)
		}
		if err == nil {
			err = d.Store.RemoveProject(ctx, p)
		}
		return p, err
	})
	return err
}
