package httpapi

import (
	"fmt"
	"net/http"

	"byoc/shared/cloud"
)

// Names of the values in paths.
const (
	organizationParam = "organization_id"
	cloudParam        = "custom_cloud_environment_id"
	accountParam      = "account_id"
	serviceParam      = "service"
	projectParam      = "project"
	unitParam         = "unit_id"
	projectIDParam    = "project_id"
	memberParam       = "member_id"
	tokenParam        = "token_id"
)

const (
	organizationPath = "/v1/organization/{" + organizationParam + "}"
	cloudsPath       = organizationPath + "/custom-cloud-environments"
	cloudPath        = cloudsPath + "/{" + cloudParam + "}"
	servicePath      = cloudPath + "/services/{" + serviceParam + "}"
	unitsPath        = organizationPath + "/units"
	projectsPath     = organizationPath + "/projects"
	membersPath      = organizationPath + "/members"
	tokensPath       = organizationPath + "/tokens"
)

// route is one method of one path.
type route struct {
	method   string
	path     string
	decision decision
	// byoc: only for organizations that have the feature.
	byoc   bool
	handle func(*call) (answer, error)
}

// routes is the whole API.
func (s *server) routes() []route {
	const byoc = true
	read, write := inOrganization(cloud.ReadClouds), inOrganization(cloud.WriteClouds)
	directory := inOrganization(cloud.ReadDirectory)
	keep, services := inOrganization(cloud.WriteDirectory), inOrganization(cloud.WriteServices)
	own := inOwnOrganization(cloud.ReadDirectory)
	return []route{
		{http.MethodPost, cloudsPath, write, byoc, s.createCloud},
		{http.MethodGet, cloudsPath, read, byoc, s.listClouds},
		{http.MethodGet, cloudPath, read, byoc, s.getCloud},
		{http.MethodPut, cloudPath, write, byoc, s.updateCloud},
		{http.MethodDelete, cloudPath, write, byoc, s.deleteCloud},
		{http.MethodPost, cloudPath + "/provision", write, byoc, s.provisionCloud},
		{http.MethodPost, cloudPath + "/repair", write, byoc, s.repairCloud},
		{http.MethodGet, cloudPath + "/events", read, byoc, s.listEvents},
		{http.MethodPost, cloudPath + "/preflight", write, byoc, s.preflightCloud},
		{http.MethodGet, cloudPath + "/permissions", read, byoc, s.getPermissions},
		{http.MethodPut, cloudPath + "/permissions", write, byoc, s.setPermissions},
		{http.MethodGet, cloudPath + "/infra-templates/terraform/template", read, byoc, s.terraformTemplate},
		{http.MethodGet, cloudPath + "/infra-templates/terraform/variables", read, byoc, s.terraformVariables},
		{http.MethodGet, cloudPath + "/infra-templates/cloudformation/template", read, byoc, s.cloudFormationTemplate},
		{http.MethodPut, servicePath, services, byoc, s.putService},
		{http.MethodGet, servicePath, services, byoc, s.getService},
		{http.MethodDelete, servicePath, services, byoc, s.deleteService},
		{http.MethodPost, organizationPath + "/custom-cloud-requests", write, byoc, s.requestCloud},
		// Without the feature it answers that there are none.
		{http.MethodGet, "/v1/project/{" + projectParam + "}/clouds", inOwnOrganization(cloud.ReadClouds), false, s.projectClouds},

		{http.MethodGet, organizationPath, directory, false, s.getOrganization},
		{http.MethodPut, organizationPath, keep, false, s.putOrganization},
		{http.MethodGet, organizationPath + "/byoc", directory, false, s.getBYOC},
		{http.MethodPut, organizationPath + "/byoc", keep, false, s.setBYOC},
		{http.MethodGet, unitsPath, directory, false, s.listUnits},
		{http.MethodPut, unitsPath + "/{" + unitParam + "}", keep, false, s.putUnit},
		{http.MethodDelete, unitsPath + "/{" + unitParam + "}", keep, false, s.deleteUnit},
		{http.MethodGet, projectsPath, directory, false, s.listProjects},
		{http.MethodPut, projectsPath + "/{" + projectIDParam + "}", keep, false, s.putProject},
		{http.MethodDelete, projectsPath + "/{" + projectIDParam + "}", keep, false, s.deleteProject},
		{http.MethodGet, membersPath, keep, false, s.listMembers},
		{http.MethodPut, membersPath + "/{" + memberParam + "}", keep, false, s.putMember},
		{http.MethodDelete, membersPath + "/{" + memberParam + "}", keep, false, s.deleteMember},
		{http.MethodGet, tokensPath, keep, false, s.listTokens},
		{http.MethodPost, tokensPath, keep, false, s.createToken},
		{http.MethodDelete, tokensPath + "/{" + tokenParam + "}", keep, false, s.revokeToken},
		{http.MethodGet, "/v1/organizations", own, false, s.listOrganizations},
		{http.MethodGet, "/v1/account", own, false, s.listAccounts},
		{http.MethodGet, "/v1/account/{" + accountParam + "}", own, false, s.getAccount},

		{http.MethodGet, "/v1/openapi.json", open, false, s.openAPI},
		{http.MethodGet, "/v1/health", open, false, s.health},
	}
}

// decision says who may take a route. Its zero value is none, and a route
// without a decision cannot be registered.
type decision struct {
	kind   decisionKind
	action cloud.Action
}

type decisionKind int

const (
	undecided decisionKind = iota
	// anyone: no credentials needed.
	anyone
	// pathOrganization: the action, in the organization that the path names.
	pathOrganization
	// ownOrganization: the action, in the organization of the principal. An
	// operator has none, and finds nothing there.
	ownOrganization
)

var open = decision{kind: anyone}

func inOrganization(a cloud.Action) decision { return decision{pathOrganization, a} }

func inOwnOrganization(a cloud.Action) decision { return decision{ownOrganization, a} }

// decide answers the organization that the request is about, or why the
// principal may not. It reads nothing.
func (d decision) decide(p cloud.Principal, inPath string) (string, error) {
	target := inPath
	if d.kind == ownOrganization {
		target = p.OrganizationID
	}
	if err := cloud.Authorize(p, d.action, target); err != nil {
		return "", err
	}
	if d.kind == pathOrganization && !validID(target) {
		return "", cloud.Errorf(cloud.NotFound, "There is no such organization, or you are not a member of it.")
	}
	return target, nil
}

func (r route) check() error {
	if r.decision.kind == undecided || r.decision.kind != anyone && r.decision.action == "" {
		return fmt.Errorf("%s %s: nothing says who may take this route", r.method, r.path)
	}
	if r.handle == nil {
		return fmt.Errorf("%s %s has no handler", r.method, r.path)
	}
	return nil
}

// validID says whether s can be an id of the directory at all. What cannot is
// unknown without asking the table, whose keys have limits of their own.
func validID(s string) bool {
	const longest = 64
	if s == "" || len(s) > longest {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

func (s *server) health(*call) (answer, error) {
	return answer{status: http.StatusOK, body: map[string]string{"status": "ok"}}, nil
}
