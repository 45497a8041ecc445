package httpapi

import (
	"fmt"
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
	return s.cloudAnswerOr(c, http.StatusCreated)(s.Clouds.Create(s.renderCloud(c, http.StatusCreated), c.organizationID, d, c.principal))
}

func (s *server) getCloud(c *call) (answer, error) {
	return s.cloudAnswerOr(c, http.StatusOK)(s.findCloud(c))
}

// updateCloud answers the resource where the request names nothing to change:
// a client uses that as its read.
func (s *server) updateCloud(c *call) (answer, error) {
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
	return s.cloudAnswerOr(c, http.StatusOK)(s.Clouds.Update(c.Context(), c.organizationID, c.cloudID, changes, c.principal, c.cloudMatch))
}

func (s *server) deleteCloud(c *call) (answer, error) {
	force := c.URL.Query().Get("force")
	if force != "" && force != "true" && force != "false" {
		return answer{}, invalid([]cloud.Field{{Location: "query.force", Message: "Must be true or false."}})
	}
	return s.cloudAnswerOr(c, http.StatusOK)(s.Clouds.Delete(c.Context(), c.organizationID, c.cloudID, force == "true", c.principal, c.cloudMatch))
}

func (s *server) provisionCloud(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	roleARN := o.text("aws_iam_role_arn")
	if err := o.err(); err != nil {
		return answer{}, err
	}
	return s.cloudAnswerOr(c, http.StatusOK)(s.Clouds.Provision(s.renderCloud(c, http.StatusOK), c.organizationID, c.cloudID, roleARN.Value, c.principal, c.cloudMatch))
}

func (s *server) findCloud(c *call) (cloud.Cloud, error) {
	return s.Clouds.Find(c.Context(), c.organizationID, c.cloudID)
}

// cloudAnswerOr answers the cloud that a use case made, or its error.
func (s *server) cloudAnswerOr(c *call, status int) func(cloud.Cloud, error) (answer, error) {
	return func(x cloud.Cloud, err error) (answer, error) {
		if err != nil {
			return answer{}, err
		}
		return s.cloudAnswer(c, status, x), nil
	}
}

func (s *server) cloudAnswer(c *call, status int, x cloud.Cloud) answer {
	a := answer{status: status, body: &cloudAnswered{s.view(x, c.organization)}}.with("ETag", etag(x.Version))
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
	text, err := written(func(b []byte) ([]byte, error) {
		var row rowView
		times := new(timeTexts)
		times.grow(2 * len(clouds))
		b = append(b, `{"custom_cloud_environments":[`...)
		for i, x := range clouds {
			before := len(b)
			if i > 0 {
				b = append(b, ',')
			}
			row = rowOf(x, c.organization, times)
			b = row.appendTo(b)
			if len(b) > pageBytes && i > 0 {
				b, next = b[:before], s.Cursor(clouds[i-1])
				break
			}
		}
		b = append(b, ']')
		if next != "" {
			b = fmt.Appendf(b, `,"next_cursor":%q`, next)
		}
		return append(b, '}'), nil
	})
	return answer{status: http.StatusOK, text: text}, err
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
