package httpapi

import (
	"net/http"

	"byoc/shared/cloud"
)

type requestView struct {
	ID             string        `json:"custom_cloud_request_id"`
	OrganizationID string        `json:"organization_id"`
	State          string        `json:"state"`
	CreateTime     string        `json:"create_time"`
	CloudProvider  string        `json:"cloud_provider"`
	CloudRegion    string        `json:"cloud_region"`
	DisplayName    string        `json:"display_name"`
	ReservedCIDR   string        `json:"reserved_cidr,omitempty"`
	ContactEmails  []contactView `json:"contact_emails"`
	Comment        string        `json:"comment,omitempty"`
}

// requestCloud records a request for a cloud on another provider: what becomes
// of it is between the vendor's team and the contacts.
func (s *server) requestCloud(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	o.refuseOthers("cloud_provider", "cloud_region", "display_name", "reserved_cidr", "contact_emails", "comment")
	people := o.objects("contact_emails", cloud.MaxContacts)
	for _, p := range people.Value {
		p.refuseOthers("email", "real_name", "role")
	}
	r := cloud.Request{
		OrganizationID: c.organizationID, Provider: o.textOr("cloud_provider"), Region: o.textOr("cloud_region"),
		DisplayName: o.textOr("display_name"), CIDR: o.textOr("reserved_cidr"), Comment: o.textOr("comment"),
		Contacts: convert(people, contacts).Value,
	}
	if len(*o.problems) > 0 {
		return answer{}, o.errWith(r.By(c.principal).Problems())
	}
	ctx := c.Context()
	if c.once != nil {
		c.once.RenderRequest = func(r cloud.Request) (cloud.Answer, error) { return requestAnswer(r).kept() }
		ctx = cloud.WithOnce(ctx, c.once)
	}
	if r, err = s.Clouds.Request(ctx, r, c.principal); err != nil {
		return answer{}, err
	}
	return requestAnswer(r), nil
}

func requestAnswer(r cloud.Request) answer {
	return answer{status: http.StatusAccepted, body: map[string]any{"custom_cloud_request": requestView{
		ID: r.ID, OrganizationID: r.OrganizationID, State: "recorded", CreateTime: timeText(r.CreatedAt),
		CloudProvider: r.Provider, CloudRegion: r.Region, DisplayName: r.DisplayName, ReservedCIDR: r.CIDR,
		ContactEmails: contactViews(r.Contacts, new(timeTexts)), Comment: r.Comment,
	}}}
}
