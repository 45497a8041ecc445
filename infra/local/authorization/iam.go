package authorization

import (
	"context"
	"fmt"
	"strings"
)

// iamOperations are the actions on roles ("Actions, resources, and condition
// keys for AWS Identity and Access Management").
var iamOperations = map[string]mapping{
	"CreateRole":                  iamCreateRole,
	"GetRole":                     iamOnRole,
	"DeleteRole":                  iamOnRole,
	"UpdateRole":                  iamOnRole,
	"UpdateAssumeRolePolicy":      iamOnRole,
	"PutRolePolicy":               iamOnRole,
	"GetRolePolicy":               iamOnRole,
	"DeleteRolePolicy":            iamOnRole,
	"ListRolePolicies":            iamOnRole,
	"AttachRolePolicy":            iamOnRole,
	"DetachRolePolicy":            iamOnRole,
	"ListAttachedRolePolicies":    iamOnRole,
	"ListInstanceProfilesForRole": iamOnRole,
	"TagRole":                     iamOnRole,
	"ListRoleTags":                iamOnRole,
}

// iamCreateRole authorizes the role that is to be; tags in the call need
// iam:TagRole besides.
func iamCreateRole(_ context.Context, c *request) ([]Authorization, error) {
	role := "arn:aws:iam::" + c.Caller.Account + ":role" + orSlash(c.Query.Get("Path")) + c.Query.Get("RoleName")
	tags := c.iamTags()
	create := Authorization{Action: "iam:CreateRole", Resource: role, Context: map[string][]string{}}
	create.set("iam:PermissionsBoundary", c.Query.Get("PermissionsBoundary"))
	setRequestTags(create.Context, tags)
	list := []Authorization{create}
	if len(tags) > 0 {
		tagging := Authorization{Action: "iam:TagRole", Resource: role, Context: map[string][]string{}}
		setRequestTags(tagging.Context, tags)
		list = append(list, tagging)
	}
	return list, nil
}

func orSlash(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// iamOnRole authorizes on an existing role, whose ARN has its path, with its
// permissions boundary and tags as condition keys.
func iamOnRole(ctx context.Context, c *request) ([]Authorization, error) {
	name := c.Query.Get("RoleName")
	if name == "" && c.Operation == "GetRole" {
		name = c.Caller.RoleARN[strings.LastIndexByte(c.Caller.RoleARN, '/')+1:]
	}
	role, err := c.account.Role(ctx, name)
	if err != nil {
		return nil, err
	}
	if role.ARN == "" {
		role.ARN = "arn:aws:iam::" + c.Caller.Account + ":role/" + name
	}
	list := one("iam:"+c.Operation, role.ARN)
	list[0].set("iam:PermissionsBoundary", role.Boundary)
	list[0].set("iam:PolicyARN", c.Query.Get("PolicyArn"))
	for key, value := range role.Tags {
		list[0].Context["iam:ResourceTag/"+key] = []string{value}
		list[0].Context["aws:ResourceTag/"+key] = []string{value}
	}
	if c.Operation == "TagRole" {
		setRequestTags(list[0].Context, c.iamTags())
	}
	return list, nil
}

// iamTags reads the tags that the query protocol of IAM and STS carries.
func (c *request) iamTags() []tag {
	var tags []tag
	for i := 1; ; i++ {
		name := fmt.Sprintf("Tags.member.%d.", i)
		if !c.Query.Has(name + "Key") {
			return tags
		}
		tags = append(tags, tag{c.Query.Get(name + "Key"), c.Query.Get(name + "Value"), true})
	}
}
