package cloud

import (
	"context"
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

// DirectoryStore keeps the directory. Every write is conditional on the version
// that was read, and Stale where the stored one is another.
type DirectoryStore interface {
	// FindOrganization reads one organization. NotFound.
	FindOrganization(ctx context.Context, id string) (Organization, error)
	// PutOrganization writes an organization, a new one where its version is 0, and
	// answers it with its new version. Stale.
	PutOrganization(ctx context.Context, o Organization) (Organization, error)
	ListUnits(ctx context.Context, organizationID string) ([]Unit, error)
	ListProjects(ctx context.Context, organizationID string) ([]Project, error)
	ListMembers(ctx context.Context, organizationID string) ([]Membership, error)
	// ListTokens reads the tokens of an organization's members, those that are
	// revoked too.
	ListTokens(ctx context.Context, organizationID string) ([]Token, error)
	// PutUnit writes after over before, which has version 0 where it is new, on
	// condition that its parent is there; where it moves, also that o's tree is
	// still the one that was read. Stale.
	PutUnit(ctx context.Context, o Organization, before, after Unit) (Unit, error)
	// PutProject writes a project over the version that it carries, on condition
	// that its unit is there. Stale; AlreadyExists where another organization has it.
	PutProject(ctx context.Context, o Organization, p Project) (Project, error)
	// PutMember writes a member over the version that it carries. Stale; NotFound
	// where there is no such organization.
	PutMember(ctx context.Context, m Membership) (Membership, error)
	// FindMember and FindProjectOf read one of an organization. NotFound.
	FindMember(ctx context.Context, organizationID, id string) (Membership, error)
	FindProjectOf(ctx context.Context, organizationID, id string) (Project, error)
	// RemoveUnit, RemoveProject and RemoveMember delete the version that was read,
	// a unit on condition that o's tree is still the one that was read. Stale.
	RemoveUnit(ctx context.Context, o Organization, u Unit) error
	RemoveProject(ctx context.Context, p Project) error
	RemoveMember(ctx context.Context, m Membership) error
	// CreateToken writes a token of a member, on condition that the member still
	// is one in the same role. Conflict where not, *Repeated.
	CreateToken(ctx context.Context, t Token, kept ...Kept) error
	// RevokeToken ends a token from at on; repeating it is harmless. NotFound.
	RevokeToken(ctx context.Context, hash string, at time.Time) error
	// SetTokenRole changes what a token may do, on condition that its member has
	// that role. Stale where it has another or is gone, NotFound.
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
func (d *Directory) PutOrganization(ctx context.Context, id string, changes OrganizationChanges, ifMatch func(version int) error) (o Organization, created bool, err error) {
	o, err = retryStale(func() (o Organization, err error) {
		o, created, err = d.putOrganization(ctx, id, changes, ifMatch)
		return o, err
	})
	return o, created, err
}

func (d *Directory) putOrganization(ctx context.Context, id string, changes OrganizationChanges, ifMatch func(version int) error) (Organization, bool, error) {
	before, err := d.Store.FindOrganization(ctx, id)
	created := CodeOf(err) == NotFound
	if created {
		before = Organization{ID: id, SupportTier: Basic}
	} else if err != nil {
		return before, false, err
	}
	if err := ifMatch(before.Version); err != nil {
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
