package httpapi

import (
	"net/http"

	"byoc/shared/cloud"
)

// requireBYOC lets a request through only where the organization has the
// feature, as known at most Freshness ago.
func (s *server) requireBYOC(c *call) error {
	o, err := s.findOrganization(c.Context(), c.organizationID)
	if err != nil {
		return err
	}
	if c.organization = o; o.UsesBYOC() {
		return nil
	}
	return cloud.Errorf(cloud.Forbidden, "%s", s.explainBYOC(o))
}

// explainBYOC says where an organization stands with the feature and what to do.
func (s *server) explainBYOC(o cloud.Organization) string {
	switch {
	case o.UsesBYOC():
		return "Bring your own cloud is enabled for this organization."
	case o.SupportTier.AllowsBYOC():
		return "Bring your own cloud is not enabled for this organization yet. Ask " + s.Settings.Vendor + " to enable it."
	}
	return "Bring your own cloud is not enabled for this organization. It needs at least the priority support tier; the organization has " +
		string(o.SupportTier) + ". Ask " + s.Settings.Vendor + " for a higher support tier and to enable it."
}

type byocView struct {
	Enabled     bool              `json:"enabled"`
	SupportTier cloud.SupportTier `json:"support_tier"`
	Eligible    bool              `json:"eligible"`
	Message     string            `json:"message"`
}

func (s *server) byocAnswer(o cloud.Organization) answer {
	v := byocView{Enabled: o.UsesBYOC(), SupportTier: o.SupportTier, Eligible: o.SupportTier.AllowsBYOC(), Message: s.explainBYOC(o)}
	return answer{status: http.StatusOK, body: map[string]any{"byoc": v}}.with("ETag", etag(o.Version))
}

func (s *server) getBYOC(c *call) (answer, error) {
	o, err := s.Directory.FindOrganization(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return s.byocAnswer(o), nil
}

// setBYOC switches the feature. Switching it off leaves the clouds that exist
// as they are; nobody can look at or change them until it is on again.
func (s *server) setBYOC(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	enabled := o.boolean("enabled")
	o.refuseOthers("enabled")
	if !enabled.Set && len(*o.problems) == 0 {
		o.problem(".enabled", "Must be true or false.")
	}
	if err := o.err(); err != nil {
		return answer{}, err
	}
	const tries = 5
	for i := 1; ; i++ {
		organization, err := s.putBYOC(c, enabled.Value)
		if cloud.CodeOf(err) == cloud.Stale && i < tries {
			continue
		}
		if err != nil {
			return answer{}, err
		}
		return s.byocAnswer(organization), nil
	}
}

func (s *server) putBYOC(c *call, enabled bool) (cloud.Organization, error) {
	o, err := s.Directory.FindOrganization(c.Context(), c.organizationID)
	if err != nil {
		return o, err
	}
	if err := c.ifMatch(o.Version); err != nil {
		return o, err
	}
	if o.BYOCEnabled == enabled {
		return o, nil
	}
	if enabled && !o.SupportTier.AllowsBYOC() {
		return o, cloud.Errorf(cloud.Conflict, "Bring your own cloud needs at least the priority support tier; the organization has %s.", o.SupportTier)
	}
	o.BYOCEnabled = enabled
	o, err = s.Directory.PutOrganization(c.Context(), o)
	if err == nil {
		s.organizations.drop(o.ID)
	}
	return o, err
}
