package cloud

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"
)

// Directory are the use cases by which the vendor's systems keep organizations,
// units, projects, members and tokens in step. Whoever calls them has authorized
// the principal and checked that ids are well-formed.
type Directory struct {
	Store DirectoryStore
	Now   func() time.Time
}

// DirectoryStore keeps the directory. Units, projects and members have no
// version: the last write is the truth.
type DirectoryStore interface {
	// FindOrganization reads one organization. NotFound.
	FindOrganization(ctx context.Context, id string) (Organization, error)
	// PutOrganization writes an organization on condition that the stored version
	// is still o's, 0 for a new one, and answers it with its new version. Stale.
	PutOrganization(ctx context.Context, o Organization) (Organization, error)
	ListUnits(ctx context.Context, organizationID string) ([]Unit, error)
	ListProjects(ctx context.Context, organizationID string) ([]Project, error)
	ListMembers(ctx context.Context, organizationID string) ([]Principal, error)
	// ListTokens reads the tokens of an organization's members, those that are
	// revoked too.
	ListTokens(ctx context.Context, organizationID string) ([]Token, error)
	// PutUnit, PutProject and PutMember: NotFound where there is no such
	// organization; PutProject AlreadyExists where another has it.
	PutUnit(ctx context.Context, u Unit) error
	PutProject(ctx context.Context, p Project) error
	PutMember(ctx context.Context, p Principal) error
	// FindMember reads one. NotFound.
	FindMember(ctx context.Context, organizationID, id string) (Principal, error)
	// RemoveUnit, RemoveProject and RemoveMember: NotFound.
	RemoveUnit(ctx context.Context, organizationID, id string) error
	RemoveProject(ctx context.Context, organizationID, id string) error
	RemoveMember(ctx context.Context, organizationID, id string) error
	// CreateToken writes a token of a member, on condition that the member still
	// is one in the same role. Conflict where not, *Repeated.
	CreateToken(ctx context.Context, t Token, kept ...Kept) error
	// RevokeToken ends a token from at on; repeating it is harmless. NotFound.
	RevokeToken(ctx context.Context, hash string, at time.Time) error
	// SetTokenRole changes what a token may do. NotFound.
	SetTokenRole(ctx context.Context, hash string, role Role) error
}

// Limits of the directory, in characters.
const MaxDirectoryName = 128

// OrganizationChanges are what the vendor says of an organization.
type OrganizationChanges struct {
	Name        Optional[string]
	AccountID   Optional[string]
	SupportTier Optional[SupportTier]
}

// PutOrganization writes an organization; one that is new needs a name and an
// account id, which never changes. Invalid, Conflict.
func (d *Directory) PutOrganization(ctx context.Context, id string, changes OrganizationChanges, ifMatch func(Organization) error) (o Organization, created bool, err error) {
	const tries = 5
	for i := 1; ; i++ {
		o, created, err = d.putOrganization(ctx, id, changes, ifMatch)
		if CodeOf(err) != Stale || i == tries {
			return o, created, err
		}
	}
}

func (d *Directory) putOrganization(ctx context.Context, id string, changes OrganizationChanges, ifMatch func(Organization) error) (Organization, bool, error) {
	before, err := d.Store.FindOrganization(ctx, id)
	created := CodeOf(err) == NotFound
	if created {
		before = Organization{ID: id, SupportTier: Basic}
	} else if err != nil {
		return before, false, err
	}
	if err := ifMatch(before); err != nil {
		return before, false, err
	}
	after := before
	put(&after.Name, changes.Name)
	put(&after.AccountID, changes.AccountID)
	put(&after.SupportTier, changes.SupportTier)
	var p problems
	p.directoryName("body.organization_name", after.Name)
	if after.AccountID == "" {
		p.add("body.account_id", "Say which account is the root of the organization's units.")
	}
	if !after.SupportTier.Valid() {
		p.add("body.support_tier", "Must be basic, priority, business or premium.")
	}
	if err := p.err(); err != nil {
		return before, false, err
	}
	if !created && after.AccountID != before.AccountID {
		return before, false, Errorf(Conflict, "The account of an organization never changes; this one's is %s.", before.AccountID)
	}
	if after == before {
		return before, false, nil
	}
	after, err = d.Store.PutOrganization(ctx, after)
	return after, created, err
}

func (p *problems) directoryName(location, name string) {
	if name == "" || utf8.RuneCountInString(name) > MaxDirectoryName || !printable(name) {
		p.add(location, "A name has 1 to %d characters, none of them control characters.", MaxDirectoryName)
	}
}

// PutUnit writes a unit below the organization's account, where it names no
// parent, or below another unit. NotFound, Invalid.
func (d *Directory) PutUnit(ctx context.Context, u Unit) (Unit, error) {
	o, units, err := d.units(ctx, u.OrganizationID)
	if err != nil {
		return u, err
	}
	if u.ParentID == "" {
		u.ParentID = o.AccountID
	}
	var p problems
	p.directoryName("body.unit_name", u.Name)
	parents := map[string]string{}
	for _, other := range units {
		parents[other.ID] = other.ParentID
	}
	_, known := parents[u.ParentID]
	switch {
	case u.ID == o.AccountID:
		p.add("path.unit_id", "This is the organization's own account, which is no unit.")
	case u.ParentID != o.AccountID && !known:
		p.add("body.parent_id", "The organization has no unit with this id.")
	case slices.Contains(Ancestors(units, u.ParentID), u.ID):
		p.add("body.parent_id", "A unit cannot be below itself.")
	}
	if err := p.err(); err != nil {
		return u, err
	}
	return u, d.Store.PutUnit(ctx, u)
}

// Ancestors are a unit's own id, its parent's, and so on up to the root. Units
// that are each other's parents, which two moves at once can make, end it.
func Ancestors(units []Unit, id string) []string {
	parents := map[string]string{}
	for _, u := range units {
		parents[u.ID] = u.ParentID
	}
	var line []string
	for id != "" && !slices.Contains(line, id) {
		line = append(line, id)
		id = parents[id]
	}
	return line
}

func (d *Directory) units(ctx context.Context, organizationID string) (Organization, []Unit, error) {
	o, err := d.Store.FindOrganization(ctx, organizationID)
	if err != nil {
		return o, nil, err
	}
	units, err := d.Store.ListUnits(ctx, organizationID)
	return o, units, err
}

// RemoveUnit deletes an empty unit. NotFound, Conflict.
func (d *Directory) RemoveUnit(ctx context.Context, organizationID, id string) error {
	units, err := d.Store.ListUnits(ctx, organizationID)
	if err != nil {
		return err
	}
	projects, err := d.Store.ListProjects(ctx, organizationID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(units, func(u Unit) bool { return u.ParentID == id }) ||
		slices.ContainsFunc(projects, func(p Project) bool { return p.UnitID == id }) {
		return Errorf(Conflict, "There are units or projects in this unit. Move or delete them first.")
	}
	return d.Store.RemoveUnit(ctx, organizationID, id)
}

// PutProject writes a project of the organization's account, where it names no
// unit, or of a unit. NotFound, Invalid, AlreadyExists.
func (d *Directory) PutProject(ctx context.Context, p Project) (Project, error) {
	o, units, err := d.units(ctx, p.OrganizationID)
	if err != nil {
		return p, err
	}
	if p.UnitID == "" {
		p.UnitID = o.AccountID
	}
	if p.Name == "" {
		p.Name = p.ID
	}
	var bad problems
	bad.directoryName("body.project_name", p.Name)
	if p.UnitID != o.AccountID && !slices.ContainsFunc(units, func(u Unit) bool { return u.ID == p.UnitID }) {
		bad.add("body.unit_id", "The organization has no unit with this id.")
	}
	if err := bad.err(); err != nil {
		return p, err
	}
	return p, d.Store.PutProject(ctx, p)
}
