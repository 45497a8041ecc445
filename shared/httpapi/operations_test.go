package httpapi

import (
	"net/http"
	"strings"

	"byoc/shared/cloud"
	"byoc/shared/preflight"
)

// operation says of a route what the document says of it, and how its examples
// are sent: id is unique, summary a sentence.
type operation struct {
	id, summary string
	query       []string
	// body is the request's schema, examples are bodies that are answered with
	// status; a request without a body is an example too where optional.
	body     jsonObject
	optional bool
	examples map[string]any
	status   int
	answer   jsonObject
	etag     bool
	// also are further statuses with the same answer.
	also []int
	text bool
	// in is the state that the example's cloud is in; draft where it is empty.
	in cloud.State
	// given prepares what else the example needs.
	given func(*api)
}

const (
	exampleCloud = "0190b5c8-7a3e-7c11-9d2f-1a2b3c4d5e6f"
	organization = "GET /v1/organization/{organization_id}"
)

func operations(s schemas) map[string]operation {
	one := s.wrapped("custom_cloud_environment", cloudView{})
	documents := func(name string) jsonObject { return s.wrapped(name, "") }
	service := s.wrapped("service", serviceView{})
	registered := func(a *api) {
		a.services[exampleCloud+"/pg-main"] = cloud.Service{OrganizationID: "acme", CloudID: exampleCloud, Name: "pg-main", Since: a.now}
	}
	token := s.wrapped("token", tokenView{})
	permissions := s.of(typeOf(permissionsView{}))
	paging := []string{"limit", "cursor"}
	gone := jsonObject{"type": "object", "additionalProperties": false}
	role := "arn:aws:iam::222222222222:role/" + cloud.Stem(exampleCloud) + "-iam-role"
	clouds, oneCloud := cloudsPath, cloudPath
	return map[string]operation{
		"POST " + clouds: {id: "CustomCloudEnvironmentCreate", summary: "Describe a custom cloud: the answer is a draft with its subnet plan and its monthly price.",
			body: cloudBody(true), examples: map[string]any{"least": leastCloud(), "everything": wholeCloud()}, status: 201, answer: one, etag: true},
		"GET " + clouds: {id: "CustomCloudEnvironmentsList", summary: "List the custom clouds that are not deleted.",
			query: append([]string{"state", "cloud_region", "display_name"}, paging...), status: 200, answer: s.page("custom_cloud_environments", rowView{})},
		"GET " + oneCloud: {id: "CustomCloudEnvironmentGet", summary: "One custom cloud with everything about it.", status: 200, answer: one, etag: true},
		"PUT " + oneCloud: {id: "CustomCloudEnvironmentUpdate", summary: "Change what is named; an empty body changes nothing and answers the custom cloud.",
			body: cloudBody(false), optional: true, status: 200, answer: one, etag: true,
			examples: map[string]any{"rename": jsonObject{"display_name": "Production EU"}, "save the role": jsonObject{"aws_iam_role_arn": role}, "tags": jsonObject{"tags": jsonObject{"byoc_resource_tag:team": "data", "old": nil}}}},
		"DELETE " + oneCloud: {id: "CustomCloudEnvironmentDelete", summary: "Delete a draft at once, start the deletion of any other custom cloud.",
			query: []string{"force"}, status: 200, answer: one, etag: true},
		"POST " + oneCloud + "/provision": {id: "CustomCloudEnvironmentProvision", summary: "Hand in the role and start to create the network.",
			body: closed(jsonObject{"aws_iam_role_arn": roleSchema}, true), optional: true, examples: map[string]any{"role": jsonObject{"aws_iam_role_arn": role}}, status: 200, answer: one, etag: true,
			given: func(a *api) { c := a.clouds[exampleCloud]; c.RoleARN = role; a.clouds[exampleCloud] = c }},
		"POST " + oneCloud + "/repair": {id: "CustomCloudEnvironmentRepair", summary: "Put back what is missing of an active or disconnected custom cloud.",
			body: closed(jsonObject{}, false), optional: true, status: 200, answer: one, etag: true, in: cloud.Active},
		"GET " + oneCloud + "/events": {id: "CustomCloudEnvironmentEventsList", summary: "What happened to it, newest first: changes of state, steps that ended, and each AWS call made in the account.",
			query: paging, status: 200, answer: s.page("events", entryView{})},
		"POST " + oneCloud + "/preflight": {id: "CustomCloudEnvironmentPreflight", summary: "Check role, external ID, permissions, region, zones, address space and room, and create nothing.",
			body: closed(jsonObject{"aws_iam_role_arn": roleSchema}, false), optional: true, examples: map[string]any{"role": jsonObject{"aws_iam_role_arn": role}}, status: 200, answer: s.of(typeOf(preflight.Answer{})),
			given: func(a *api) { c := a.clouds[exampleCloud]; c.RoleARN = role; a.clouds[exampleCloud] = c }},
		"GET " + oneCloud + "/permissions": {id: "CustomCloudEnvironmentPermissionsGet", summary: "Who may use it.", status: 200, answer: permissions, etag: true},
		"PUT " + oneCloud + "/permissions": {id: "CustomCloudEnvironmentPermissionsSet", summary: "Replace who may use it: organizational units and projects. The organization's own account means all projects.",
			body: closed(jsonObject{"accounts": idList, "projects": idList}, true), status: 200, answer: permissions, etag: true,
			examples: map[string]any{"a unit and a project": jsonObject{"accounts": []any{"unit-1"}, "projects": []any{"project-1"}}, "all projects": jsonObject{"accounts": []any{"acc-acme"}, "projects": []any{}}}},
		"GET " + oneCloud + "/infra-templates/terraform/template":      {id: "TerraformTemplate", summary: "The Terraform template, the same for everyone.", status: 200, answer: documents("template"), text: true},
		"GET " + oneCloud + "/infra-templates/terraform/variables":     {id: "TerraformVariables", summary: "The template's variables, this custom cloud's own.", status: 200, answer: documents("variables"), text: true},
		"GET " + oneCloud + "/infra-templates/cloudformation/template": {id: "CloudFormationTemplate", summary: "The same role as a CloudFormation template, with a link that creates its stack where the deployment has a bucket for it.", status: 200, answer: s.of(typeOf(cloudFormationView{})), text: true},
		"PUT " + servicePath:    {id: "ServicePut", summary: "Operator: register a service that lives in an active custom cloud.", body: closed(jsonObject{}, false), optional: true, status: 201, also: []int{200}, answer: service, etag: true, in: cloud.Active},
		"GET " + servicePath:    {id: "ServiceGet", summary: "Operator: a service that lives in the custom cloud.", status: 200, answer: service, etag: true, in: cloud.Active, given: registered},
		"DELETE " + servicePath: {id: "ServiceDelete", summary: "Operator: take a service out.", status: 200, answer: service, etag: true, in: cloud.Active, given: registered},
		"POST " + organizationPath + "/custom-cloud-requests":            {id: "CustomCloudRequestCreate", summary: "Ask the vendor's team for a custom cloud on another provider.", body: requestBody(), status: 202, answer: s.wrapped("custom_cloud_request", requestView{}), examples: map[string]any{"google": jsonObject{"cloud_provider": "google", "cloud_region": "europe-west1", "display_name": "Analytics", "comment": "Needed by May."}}},
		"GET /v1/project/{project}/clouds":                               {id: "ProjectCloudsList", summary: "The custom clouds that a project can use now, and why.", query: paging, status: 200, answer: s.page("clouds", projectCloudView{}), in: cloud.Active, given: forAllProjects},
		organization:                                                     {id: "OrganizationGet", summary: "An organization.", status: 200, answer: s.of(typeOf(organizationView{})), etag: true},
		strings.Replace(organization, http.MethodGet, http.MethodPut, 1): {id: "OrganizationPut", summary: "Operator: create or change an organization.", status: 200, also: []int{201}, answer: s.of(typeOf(organizationView{})), etag: true, body: closed(jsonObject{"organization_name": text(1, 128), "account_id": id, "support_tier": s.of(typeOf(cloud.Basic))}, false), examples: map[string]any{"tier": jsonObject{"support_tier": "premium"}}},
		"GET " + organizationPath + "/byoc":                              {id: "BYOCGet", summary: "Whether bring your own cloud is enabled, and what it needs.", status: 200, answer: s.wrapped("byoc", byocView{}), etag: true},
		"PUT " + organizationPath + "/byoc":                              {id: "BYOCPut", summary: "Operator: switch bring your own cloud.", body: closed(jsonObject{"enabled": jsonObject{"type": "boolean"}}, false, "enabled"), examples: map[string]any{"on": jsonObject{"enabled": true}}, status: 200, answer: s.wrapped("byoc", byocView{}), etag: true},
		"GET " + unitsPath:                                               {id: "UnitsList", summary: "The organizational units.", query: paging, status: 200, answer: s.page("units", unitView{})},
		"PUT " + unitsPath + "/{unit_id}":                                {id: "UnitPut", summary: "Operator: create or change a unit.", status: 200, etag: true, answer: s.wrapped("unit", unitView{}), body: closed(jsonObject{"unit_name": text(1, 128), "parent_id": id}, false, "unit_name"), examples: map[string]any{"rename": jsonObject{"unit_name": "Platform"}}},
		"DELETE " + unitsPath + "/{unit_id}":                             {id: "UnitDelete", summary: "Operator: delete an empty unit.", status: 200, answer: gone, given: func(a *api) { a.projects = nil }},
		"GET " + projectsPath:                                            {id: "ProjectsList", summary: "The projects.", query: paging, status: 200, answer: s.page("projects", projectView{})},
		"PUT " + projectsPath + "/{project_id}":                          {id: "ProjectPut", summary: "Operator: create or change a project.", status: 200, etag: true, answer: s.wrapped("project", projectView{}), body: closed(jsonObject{"project_name": text(0, 128), "unit_id": id}, false), optional: true, examples: map[string]any{"move": jsonObject{"unit_id": "unit-1"}}},
		"DELETE " + projectsPath + "/{project_id}":                       {id: "ProjectDelete", summary: "Operator: delete a project.", status: 200, answer: gone},
		"GET " + membersPath:                                             {id: "MembersList", summary: "Operator: the members.", query: paging, status: 200, answer: s.page("members", memberView{})},
		"PUT " + membersPath + "/{member_id}":                            {id: "MemberPut", summary: "Operator: create or change a member; its tokens take over its role.", status: 200, etag: true, answer: s.wrapped("member", memberView{}), body: closed(jsonObject{"role": jsonObject{"type": "string", "enum": []any{"admin", "member"}}, "email": text(0, 254), "real_name": text(0, 256)}, false, "role"), examples: map[string]any{"admin": jsonObject{"role": "admin", "email": "ann@example.com", "real_name": "Ann"}}},
		"DELETE " + membersPath + "/{member_id}":                         {id: "MemberDelete", summary: "Operator: delete a member and end its tokens.", status: 200, answer: gone},
		"GET " + tokensPath:                                              {id: "TokensList", summary: "Operator: the members' tokens, without their secrets.", query: paging, status: 200, answer: s.page("tokens", tokenView{})},
		"POST " + tokensPath:                                             {id: "TokenCreate", summary: "Operator: make a token for a member. It is shown once.", status: 201, etag: true, answer: token, body: closed(jsonObject{"member_id": id, "description": text(0, 256), "expires_at": jsonObject{"type": "string", "format": "date-time"}}, false, "member_id"), examples: map[string]any{"ci": jsonObject{"member_id": "ann", "description": "CI", "expires_at": "2027-01-31T00:00:00Z"}}},
		"DELETE " + tokensPath + "/{token_id}":                           {id: "TokenDelete", summary: "Operator: revoke a token; it ends everywhere within a minute.", status: 200, etag: true, answer: token},
		"GET /v1/organizations":                                          {id: "OrganizationsList", summary: "The organizations of the caller.", query: paging, status: 200, answer: s.page("organizations", organizationView{})},
		"GET /v1/account":                                                {id: "AccountList", summary: "The caller's organization's account and units.", query: paging, status: 200, answer: s.page("accounts", accountView{})},
		"GET /v1/account/{account_id}":                                   {id: "AccountGet", summary: "An account or unit.", status: 200, etag: true, answer: s.wrapped("account", accountView{})},
		"GET /v1/openapi.json":                                           {id: "OpenAPI", summary: "This document.", status: 200, answer: jsonObject{"type": "object"}},
		"GET /v1/health":                                                 {id: "Health", summary: "Whether the API is there.", status: 200, answer: s.wrapped("status", "")},
	}
}

func forAllProjects(a *api) {
	c := a.clouds[exampleCloud]
	c.Accounts = []string{"acc-acme"}
	a.clouds[exampleCloud] = c
}
