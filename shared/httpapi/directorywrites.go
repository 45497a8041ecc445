package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"byoc/shared/cloud"
)

func (s *server) putOrganization(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	o.refuseOthers("organization_name", "account_id", "support_tier")
	changes := cloud.OrganizationChanges{
		Name: o.text("organization_name"), AccountID: o.id("account_id"),
		SupportTier: convert(o.text("support_tier"), func(s string) cloud.SupportTier { return cloud.SupportTier(s) }),
	}
	if err := o.err(); err != nil {
		return answer{}, err
	}
	v, created, err := s.directory.PutOrganization(c.Context(), c.organizationID, changes, c.ifMatch)
	if err != nil {
		return answer{}, err
	}
	s.organizations.drop(v.ID)
	return answer{status: createdStatus(created), body: viewOrganization(v)}.with("ETag", etag(v.Version)), nil
}

type unitView struct {
	ID         string `json:"unit_id"`
	Name       string `json:"unit_name"`
	ParentID   string `json:"parent_id"`
	CreateTime string `json:"create_time,omitempty"`
	UpdateTime string `json:"update_time,omitempty"`
}

func viewUnit(u cloud.Unit) unitView {
	return unitView{u.ID, u.Name, u.ParentID, timeText(u.CreatedAt), timeText(u.UpdatedAt)}
}

func (s *server) listUnits(c *call) (answer, error) {
	units, err := s.Directory.ListUnits(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return pageAnswer(c, "units", units, func(u cloud.Unit) string { return u.ID }, viewUnit)
}

func (s *server) putUnit(c *call) (answer, error) {
	u := cloud.Unit{OrganizationID: c.organizationID, ID: c.PathValue(unitParam)}
	o, err := c.decodeAt(unitParam, "unit_name", "parent_id")
	if err != nil {
		return answer{}, err
	}
	u.Name, u.ParentID = o.textOr("unit_name"), o.id("parent_id").Value
	if err := o.err(); err != nil {
		return answer{}, err
	}
	u, err = s.directory.PutUnit(c.Context(), u, c.ifMatch)
	return answer{status: http.StatusOK, body: map[string]any{"unit": viewUnit(u)}}.with("ETag", etag(u.Version)), err
}

func (s *server) deleteUnit(c *call) (answer, error) {
	return c.remove(unitParam, s.directory.RemoveUnit)
}

type projectView struct {
	ID     string `json:"project_id"`
	Name   string `json:"project_name"`
	UnitID string `json:"unit_id"`
}

func viewProject(p cloud.Project) projectView { return projectView{p.ID, p.Name, p.UnitID} }

func (s *server) listProjects(c *call) (answer, error) {
	projects, err := s.Directory.ListProjects(c.Context(), c.organizationID)
	if err != nil {
		return answer{}, err
	}
	return pageAnswer(c, "projects", projects, func(p cloud.Project) string { return p.ID }, viewProject)
}

func (s *server) putProject(c *call) (answer, error) {
	p := cloud.Project{OrganizationID: c.organizationID, ID: c.PathValue(projectIDParam)}
	o, err := c.decodeAt(projectIDParam, "project_name", "unit_id")
	if err != nil {
		return answer{}, err
	}
	p.Name, p.UnitID = o.textOr("project_name"), o.id("unit_id").Value
	if err := o.err(); err != nil {
		return answer{}, err
	}
	p, err = s.directory.PutProject(c.Context(), p, c.ifMatch)
	return answer{status: http.StatusOK, body: map[string]any{"project": viewProject(p)}}.with("ETag", etag(p.Version)), err
}

func (s *server) deleteProject(c *call) (answer, error) {
	return c.remove(projectIDParam, s.directory.RemoveProject)
}

// remove deletes what the last value in the path names. What is no id is
// unknown without asking the table.
func (c *call) remove(param string, remove func(ctx context.Context, organizationID, id string, ifMatch func(int) error) error) (answer, error) {
	id := c.PathValue(param)
	if !validID(id) {
		return answer{}, cloud.Errorf(cloud.NotFound, "There is no such thing in this organization's directory.")
	}
	return answer{status: http.StatusOK, body: map[string]any{}}, remove(c.Context(), c.organizationID, id, c.ifMatch)
}

// decodeAt reads the body of a write to one of our own paths, of which the last
// value in the path has to be an id.
func (c *call) decodeAt(param string, fields ...string) (object, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return o, err
	}
	if !validID(c.PathValue(param)) {
		*o.problems = append(*o.problems, cloud.Field{Location: "path." + param, Message: idRule})
	}
	o.refuseOthers(fields...)
	return o, nil
}

const idRule = "An id has 1 to 64 ASCII letters, digits, dashes and underscores."

// id is a text that can be an id of the directory.
func (o object) id(name string) cloud.Optional[string] {
	v := o.text(name)
	if v.Set && !validID(v.Value) {
		o.problem("."+name, idRule)
	}
	return v
}

// pageAnswer answers a page of what is in the order of its ids.
func pageAnswer[T, V any](c *call, name string, all []T, id func(T) string, view func(T) V) (answer, error) {
	limit, problems := limitOf(c)
	after, err := base64.RawURLEncoding.DecodeString(c.URL.Query().Get("cursor"))
	if err != nil {
		problems = append(problems, cloud.Field{Location: "query.cursor", Message: "This is not a cursor of this list. Take next_cursor of the page before, unchanged."})
	}
	if err := invalid(problems); err != nil {
		return answer{}, err
	}
	rows := []V{}
	for i, v := range all {
		if strings.Compare(id(v), string(after)) <= 0 {
			continue
		}
		if rows = append(rows, view(v)); len(rows) == limit && i < len(all)-1 {
			next := base64.RawURLEncoding.EncodeToString([]byte(id(v)))
			return answer{status: http.StatusOK, body: map[string]any{name: rows, "next_cursor": next}}, nil
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{name: rows}}, nil
}

// same is what is a view already.
func same[V any](v V) V { return v }

// limitOf is how many rows a list's page has at most.
func limitOf(c *call) (limit int, problems []cloud.Field) {
	q := c.URL.Query()
	if !q.Has("limit") {
		return maxLimit, nil
	}
	n, err := strconv.Atoi(q.Get("limit"))
	if err != nil || n < 1 || n > maxLimit {
		problems = append(problems, cloud.Field{Location: "query.limit", Message: "Must be a whole number from 1 to 1000."})
	}
	return n, problems
}
