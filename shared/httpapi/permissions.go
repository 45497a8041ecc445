package httpapi

import (
	"fmt"
	"net/http"

	"byoc/shared/cloud"
)

type permissionsView struct {
	Accounts []string `json:"accounts"`
	Projects []string `json:"projects"`
}

func (s *server) getPermissions(c *call) (answer, error) {
	x, err := s.findCloud(c)
	if err != nil {
		return answer{}, err
	}
	return permissionsAnswer(x), nil
}

// setPermissions replaces both lists; one that is left out or null is empty. A
// body that names neither is refused: it would take the cloud from everyone.
func (s *server) setPermissions(c *call) (answer, error) {
	o, err := decodeObject(c.body)
	if err != nil {
		return answer{}, err
	}
	p := cloud.Permissions{Accounts: o.texts("accounts").Value, Projects: o.texts("projects").Value}
	_, accounts := o.fields["accounts"]
	_, projects := o.fields["projects"]
	if !accounts && !projects {
		o.problem("", "Send both lists, accounts and projects; they replace what is there. An empty list means none.")
	}
	if err := o.errWith(p.Problems()); err != nil {
		return answer{}, err
	}
	if err := s.checkPermissions(c, p); err != nil {
		return answer{}, err
	}
	x, err := s.Clouds.SetPermissions(c.Context(), c.organizationID, c.cloudID, p, c.cloudMatch)
	if err != nil {
		return answer{}, err
	}
	return permissionsAnswer(x), nil
}

func permissionsAnswer(x cloud.Cloud) answer {
	v := permissionsView{Accounts: list(x.Accounts), Projects: list(x.Projects)}
	return answer{status: http.StatusOK, body: v}.with("ETag", etag(x.Version))
}

// checkPermissions names every id that the organization does not have. The
// directory is read only for lists that need it.
func (s *server) checkPermissions(c *call, p cloud.Permissions) error {
	known := map[string]bool{c.organization.AccountID: true}
	var problems []cloud.Field
	unknown := func(name, what string, ids []string) {
		for i, id := range ids {
			if !known[id] {
				problems = append(problems, cloud.Field{
					Location: fmt.Sprintf("body.%s[%d]", name, i),
					Message:  fmt.Sprintf("Your organization has no %s with the id %.80q.", what, id),
				})
			}
		}
	}
	if len(p.Accounts) > 0 {
		units, err := s.Directory.ListUnits(c.Context(), c.organizationID)
		if err != nil {
			return err
		}
		for _, u := range units {
			known[u.ID] = true
		}
		unknown("accounts", "organizational unit", p.Accounts)
	}
	if len(p.Projects) > 0 {
		projects, err := s.Directory.ListProjects(c.Context(), c.organizationID)
		if err != nil {
			return err
		}
		known = map[string]bool{}
		for _, project := range projects {
			known[project.ID] = true
		}
		unknown("projects", "project", p.Projects)
	}
	return invalid(problems)
}
