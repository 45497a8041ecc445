package httpapi

import (
	"slices"
	"strings"

	"byoc/shared/cloud"
)

// projectCloudView is a cloud name by which a project can place a service.
type projectCloudView struct {
	Name                string `json:"cloud_name"`
	Description         string `json:"cloud_description"`
	Provider            string `json:"provider"`
	ProviderDescription string `json:"provider_description"`
	GeoRegion           string `json:"geo_region"`
	Region              string `json:"cloud_region"`
	ID                  string `json:"custom_cloud_environment_id"`
	// Reason is all_projects, unit or project; UnitID says which unit.
	Reason string `json:"reason"`
	UnitID string `json:"unit_id,omitempty"`
}

// projectClouds lists the custom clouds that a project can use now: active ones
// that are for all projects, for a unit that it is in however deep, or for
// itself. Without the feature there are none, which is no refusal: clients list a
// project's clouds whether or not they know of the feature.
func (s *server) projectClouds(c *call) (answer, error) {
	p, err := s.findProject(c)
	if err != nil {
		return answer{}, err
	}
	c.organizationID = p.OrganizationID
	if c.organization, err = s.findOrganization(c.Context(), c.organizationID); err != nil {
		return answer{}, err
	}
	views := []projectCloudView{}
	if !c.organization.UsesBYOC() {
		return projectCloudsAnswer(c, views)
	}
	units, err := s.Directory.ListUnits(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	line := cloud.Ancestors(units, p.UnitID)
	for page := (cloud.Page{Limit: maxLimit, State: cloud.Active}); ; {
		clouds, next, err := s.Clouds.List(c.Context(), c.organizationID, page)
		if err != nil {
			return answer{}, err
		}
		for _, x := range clouds {
			if reason, unit := whyUsable(x, c.organization, p, line); reason != "" {
				views = append(views, viewProjectCloud(x, reason, unit))
			}
		}
		if page.Cursor = next; next == "" {
			return projectCloudsAnswer(c, views)
		}
	}
}

func projectCloudsAnswer(c *call, views []projectCloudView) (answer, error) {
	return pageAnswer(c, "clouds", views, func(v projectCloudView) string { return v.ID }, same)
}

// findProject looks in the principal's own organization only; an operator, who
// has none, finds every project.
func (s *server) findProject(c *call) (cloud.Project, error) {
	id := c.PathValue(projectParam)
	if !validID(id) {
		return cloud.Project{}, cloud.Errorf(cloud.NotFound, "There is no such project.")
	}
	if c.organizationID == "" {
		return s.Directory.FindProject(c.Context(), id)
	}
	return s.Directory.FindProjectOf(c.Context(), c.organizationID, id)
}

// whyUsable is the widest permission by which the project may use the cloud.
func whyUsable(x cloud.Cloud, o cloud.Organization, p cloud.Project, line []string) (reason, unit string) {
	if slices.Contains(x.Accounts, o.AccountID) {
		return allProjects, ""
	}
	for _, id := range line {
		if slices.Contains(x.Accounts, id) {
			return "unit", id
		}
	}
	if slices.Contains(x.Projects, p.ID) {
		return "project", ""
	}
	return "", ""
}

func viewProjectCloud(x cloud.Cloud, reason, unit string) projectCloudView {
	return projectCloudView{
		Name: firstOr(x.Names(), ""), Description: geoRegion(x.Region) + ", AWS " + x.Region + ": " + x.DisplayName,
		Provider: "custom", ProviderDescription: "Custom cloud on AWS", GeoRegion: strings.ToLower(geoRegion(x.Region)),
		Region: x.Region, ID: x.ID, Reason: reason, UnitID: unit,
	}
}

// geoRegions by the beginning of AWS's names; the first that fits counts.
var geoRegions = []struct{ prefix, name string }{
	{"af-", "Africa"}, {"ap-east-", "East Asia"}, {"ap-northeast-", "East Asia"}, {"ap-south-", "South Asia"},
	{"ap-southeast-2", "Australia"}, {"ap-southeast-4", "Australia"}, {"ap-southeast-6", "Australia"}, {"ap-southeast-", "Southeast Asia"},
	{"ca-", "North America"}, {"eu-", "Europe"}, {"il-", "Middle East"}, {"me-", "Middle East"},
	{"mx-", "North America"}, {"sa-", "South America"}, {"us-", "North America"},
}

func geoRegion(region string) string {
	for _, g := range geoRegions {
		if strings.HasPrefix(region, g.prefix) {
			return g.name
		}
	}
	return "Elsewhere"
}
