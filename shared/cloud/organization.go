package cloud

import "time"

// SupportTier of an organization, lowest first.
type SupportTier string

const (
	Basic    SupportTier = "basic"
	Priority SupportTier = "priority"
	Business SupportTier = "business"
	Premium  SupportTier = "premium"
)

var tierRank = map[SupportTier]int{Basic: 1, Priority: 2, Business: 3, Premium: 4}

// Valid says whether t is one of the tiers.
func (t SupportTier) Valid() bool { return tierRank[t] > 0 }

// AllowsBYOC says whether the tier is Priority or higher, the least that
// bring your own cloud needs.
func (t SupportTier) AllowsBYOC() bool { return tierRank[t] >= tierRank[Priority] }

// Organization is a customer of the vendor.
type Organization struct {
	ID   string
	Name string
	// AccountID is the organization's own account, the root of its units. As a
	// permission of a cloud it means every project, existing and future.
	AccountID   string
	SupportTier SupportTier
	BYOCEnabled bool
	// Clouds counts the custom clouds that are not deleted.
	Clouds int
	// Version rises with every write.
	Version int
	// Tree rises whenever something is put, moved or removed below a unit, so that
	// what was decided by looking at all of them holds when it is written.
	Tree      int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// UsesBYOC says whether bring your own cloud is enabled and the support tier
// still allows it.
func (o Organization) UsesBYOC() bool { return o.BYOCEnabled && o.SupportTier.AllowsBYOC() }

// Unit is an organizational unit; units nest.
type Unit struct {
	ID             string
	OrganizationID string
	Name           string
	// ParentID is another unit or the organization's account.
	ParentID string
	// Version rises with every write; 0 is a unit that is not there yet.
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Project is where services live; it belongs to one unit or to the
// organization's account.
type Project struct {
	ID             string
	OrganizationID string
	Name           string
	UnitID         string
	// Version as a Unit's.
	Version int
}

// Role of a principal.
type Role string

const (
	// Admin of an organization: creates and changes custom clouds.
	Admin Role = "admin"
	// Member of an organization: may look.
	Member Role = "member"
	// Operator of the vendor: keeps the directory, registers services.
	Operator Role = "operator"
)

// Principal is who calls the API.
type Principal struct {
	// ID is a stable id that logs and the history may show.
	ID   string
	Role Role
	// OrganizationID is empty for an operator.
	OrganizationID string
	Email          string
	Name           string
}

// Membership is a principal's place in its organization.
type Membership struct {
	Principal
	// Version as a Unit's.
	Version int
}

// Token is an opaque API token; only the SHA-256 of its secret is kept.
type Token struct {
	// Hash is the hex SHA-256 of the secret.
	Hash      string
	Principal Principal
	// Description says what it is for.
	Description string
	CreatedAt   time.Time
	// ExpiresAt is zero for a token that does not expire.
	ExpiresAt time.Time
	RevokedAt time.Time
}

// Version of what a token's owner is shown of it: its end is all that changes.
func (t Token) Version() int {
	if t.RevokedAt.IsZero() {
		return 1
	}
	return 2
}

// MaxClouds is how many custom clouds that are not deleted an organization may
// have: the compatible clients never page, and ask for at most 999.
const MaxClouds = 999
