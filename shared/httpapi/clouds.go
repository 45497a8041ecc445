package httpapi

import (
	"encoding/json"
	"net/http"
	"slices"

	"byoc/shared/cloud"
)

func (s *server) createCloud(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	d := o.description()
	if len(*o.problems) > 0 {
		return answer{}, o.errWith(d.By(c.principal).Problems())
	}
	x, err := s.Clouds.Create(s.renderCloud(c, http.StatusCreated), c.organizationID, d, c.principal)
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswer(c, http.StatusCreated, x), nil
}

func (s *server) getCloud(c *call) (answer, error) {
	x, err := s.findCloud(c)
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswer(c, http.StatusOK, x), nil
}

// updateCloud answers the resource where the request names nothing to change:
// a client uses that as its read.
func (s *server) updateCloud(c *call) (answer, error) {
	id, err := c.cloudID()
	if err != nil {
		return answer{}, err
	}
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	changes := o.changes()
	if bad := len(*o.problems) > 0; bad || !hasChanges(changes) {
		x, err := s.findCloud(c)
		if err == nil {
			err = c.cloudMatch(x)
		}
		if err == nil && bad {
			err = o.errWith(s.Clouds.Problems(x, changes))
		}
		if err != nil {
			return answer{}, err
		}
		return s.cloudAnswer(c, http.StatusOK, x), nil
	}
	x, err := s.Clouds.Update(c.Context(), c.organizationID, id, changes, c.principal, c.cloudMatch)
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswer(c, http.StatusOK, x), nil
}

func (s *server) deleteCloud(c *call) (answer, error) {
	id, err := c.cloudID()
	if err != nil {
		return answer{}, err
	}
	force := c.URL.Query().Get("force")
	if force != "" && force != "true" && force != "false" {
		return answer{}, invalid([]cloud.Field{{Location: "query.force", Message: "Must be true or false."}})
	}
	x, err := s.Clouds.Delete(c.Context(), c.organizationID, id, force == "true", c.principal, c.cloudMatch)
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswer(c, http.StatusOK, x), nil
}

func (s *server) provisionCloud(c *call) (answer, error) {
	id, err := c.cloudID()
	if err != nil {
		return answer{}, err
	}
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	roleARN := o.text("aws_iam_role_arn")
	if err := o.err(); err != nil {
		return answer{}, err
	}
	x, err := s.Clouds.Provision(s.renderCloud(c, http.StatusOK), c.organizationID, id, roleARN.Value, c.principal, c.cloudMatch)
	if err != nil {
		return answer{}, err
	}
	return s.cloudAnswer(c, http.StatusOK, x), nil
}

func (s *server) findCloud(c *call) (cloud.Cloud, error) {
	id, err := c.cloudID()
	if err != nil {
		return cloud.Cloud{}, err
	}
	return s.Clouds.Find(c.Context(), c.organizationID, id)
}

func (s *server) cloudAnswer(c *call, status int, x cloud.Cloud) answer {
	a := answer{status: status, body: map[string]any{"custom_cloud_environment": s.view(x, c.organization)}}.with("ETag", etag(x.Version))
	if status == http.StatusCreated {
		a = a.with("Location", cloudURL(x.OrganizationID, x.ID))
	}
	return a
}

// Bounds of a list's page.
const (
	maxLimit  = 1000
	pageBytes = 4 << 20
)

// listClouds ends a page early where the rows, as they are answered, would pass
// pageBytes: what a Lambda function can answer is bounded.
func (s *server) listClouds(c *call) (answer, error) {
	page, err := listPage(c)
	if err != nil {
		return answer{}, err
	}
	clouds, next, err := s.Clouds.List(c.Context(), c.organizationID, page)
	if err != nil {
		return answer{}, err
	}
	rows, size := make([]json.RawMessage, 0, len(clouds)), 0
	for i, x := range clouds {
		row, err := encode(rowOf(x, c.organization))
		if err != nil {
			return answer{}, err
		}
		if size += len(row); size > pageBytes && i > 0 {
			next = s.Cursor(clouds[i-1])
			break
		}
		rows = append(rows, row)
	}
	return answer{status: http.StatusOK, body: struct {
		Rows []json.RawMessage `json:"custom_cloud_environments"`
		Next string            `json:"next_cursor,omitempty"`
	}{rows, next}}, nil
}

func listPage(c *call) (cloud.Page, error) {
	q := c.URL.Query()
	page := cloud.Page{
		Cursor: q.Get("cursor"), State: cloud.State(q.Get("state")),
		Region: q.Get("cloud_region"), DisplayName: q.Get("display_name"),
	}
	var problems []cloud.Field
	page.Limit, problems = limitOf(c)
	if page.State != "" && !slices.Contains(cloud.States(), page.State) {
		problems = append(problems, cloud.Field{Location: "query.state", Message: "This is not a state of a custom cloud, such as draft or active."})
	}
	return page, invalid(problems)
}
