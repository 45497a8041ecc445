package httpapi

import (
	"context"
	"net/http"

	"byoc/shared/cloud"
)

// Directory is the vendor's customers.
type Directory interface {
	cloud.DirectoryStore
	// FindProject reads a project whose organization is not known. NotFound.
	FindProject(ctx context.Context, id string) (cloud.Project, error)
}

type organizationView struct {
	ID          string            `json:"organization_id"`
	Name        string            `json:"organization_name"`
	AccountID   string            `json:"account_id"`
	Tier        string            `json:"tier"`
	SupportTier cloud.SupportTier `json:"support_tier"`
	BYOCEnabled bool              `json:"byoc_enabled"`
	CreateTime  string            `json:"create_time,omitempty"`
	UpdateTime  string            `json:"update_time,omitempty"`
}

// organizationTier is what the compatible clients know as an organization's
// tier; it is no support tier, and ours are all of this one.
const organizationTier = "business"

func viewOrganization(o cloud.Organization) organizationView {
	return organizationView{
		ID: o.ID, Name: o.Name, AccountID: o.AccountID, Tier: organizationTier,
		SupportTier: o.SupportTier, BYOCEnabled: o.UsesBYOC(),
		CreateTime: timeText(o.CreatedAt), UpdateTime: timeText(o.UpdatedAt),
	}
}

// accountView is an organizational unit, or the root of an organization's units.
type accountView struct {
	ID             string  `json:"account_id"`
	Name           string  `json:"account_name"`
	OrganizationID string  `json:"organization_id"`
	ParentID       *string `json:"parent_account_id"`
	RootID         string  `json:"root_account_id"`
	Member         bool    `json:"is_account_member"`
	Owner          bool    `json:"is_account_owner"`
	CreateTime     string  `json:"create_time,omitempty"`
	UpdateTime     string  `json:"update_time,omitempty"`
	version        int
}

// order of a list of accounts: the root comes first.
func (a accountView) order() string {
	if a.ParentID == nil {
		return "root"
	}
	return "unit " + a.ID
}

// organization of an id, at most Freshness old.
func (s *server) findOrganization(ctx context.Context, id string) (cloud.Organization, error) {
	now := s.Now()
	if o, ok := s.organizations.get(id, now); ok {
		return o, nil
	}
	o, err := s.Directory.FindOrganization(ctx, id)
	if err == nil {
		s.organizations.put(id, o, now)
	}
	return o, err
}

func (s *server) getOrganization(c *call) (answer, error) {
	o, err := s.Directory.FindOrganization(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: viewOrganization(o)}.with("ETag", etag(o.Version)), nil
}

// listOrganizations lists the principal's own: a customer's principal has one,
// an operator none.
func (s *server) listOrganizations(c *call) (answer, error) {
	views := []organizationView{}
	if c.organizationID != "" {
		o, err := s.Directory.FindOrganization(c.Context(), c.organizationID)
		if err != nil {
			return answer{}, err
		}
		views = append(views, viewOrganization(o))
	}
	return pageAnswer(c, "organizations", views, func(o organizationView) string { return o.ID }, same)
}

func (s *server) listAccounts(c *call) (answer, error) {
	accounts, err := s.accounts(c)
	if err != nil {
		return answer{}, err
	}
	return pageAnswer(c, "accounts", accounts, accountView.order, same)
}

func (s *server) getAccount(c *call) (answer, error) {
	accounts, err := s.accounts(c)
	if err != nil {
		return answer{}, err
	}
	for _, a := range accounts {
		if a.ID == c.PathValue(accountParam) {
			return answer{status: http.StatusOK, body: map[string]any{"account": a}}.with("ETag", etag(a.version)), nil
		}
	}
	return answer{}, cloud.Errorf(cloud.NotFound, "There is no such account, or you are not a member of its organization.")
}

// accounts of the principal's organization, its root first.
func (s *server) accounts(c *call) ([]accountView, error) {
	if c.organizationID == "" {
		return []accountView{}, nil
	}
	o, err := s.findOrganization(c.Context(), c.organizationID)
	if err != nil {
		return nil, err
	}
	units, err := s.Directory.ListUnits(c.Context(), o.ID)
	if err != nil {
		return nil, err
	}
	owner := c.principal.Role == cloud.Admin
	accounts := []accountView{{ID: o.AccountID, Name: o.Name, OrganizationID: o.ID, RootID: o.AccountID, Member: true, Owner: owner, CreateTime: timeText(o.CreatedAt), UpdateTime: timeText(o.UpdatedAt), version: o.Version}}
	for _, u := range units {
		accounts = append(accounts, accountView{
			ID: u.ID, Name: u.Name, OrganizationID: o.ID, ParentID: &u.ParentID, RootID: o.AccountID, Member: true, Owner: owner,
			CreateTime: timeText(u.CreatedAt), UpdateTime: timeText(u.UpdatedAt), version: u.Version,
		})
	}
	return accounts, nil
}
