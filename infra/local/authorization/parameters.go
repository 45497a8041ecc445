package authorization

import (
	"context"
	"strings"
)

// ssmOperations act on parameters ("Actions, resources, and condition keys for
// AWS Systems Manager"). The slash in front of a name is not doubled in ARNs.
var ssmOperations = map[string]mapping{
	"GetParameter": func(_ context.Context, c *request) ([]Authorization, error) {
		return one("ssm:GetParameter", c.parameter(c.text("Name"))), nil
	},
	"GetParametersByPath": func(_ context.Context, c *request) ([]Authorization, error) {
		return one("ssm:GetParametersByPath", c.parameter(c.text("Path"))), nil
	},
	"GetParameters": func(_ context.Context, c *request) ([]Authorization, error) {
		var list []Authorization
		for _, name := range texts(c.JSON["Names"]) {
			list = append(list, one("ssm:GetParameters", c.parameter(name))...)
		}
		return list, nil
	},
}

func (c *request) parameter(name string) string {
	return c.arnOr("ssm", "parameter/", strings.TrimPrefix(name, "/"))
}

// secretsOperations act on secrets ("Actions, resources, and condition keys
// for AWS Secrets Manager"). ARNs end in six characters that a name does not
// tell: where the call gives a name, they are taken to be XXXXXX, so a policy
// has to end in -?????? or a wildcard.
var secretsOperations = map[string]mapping{
	"GetSecretValue": func(_ context.Context, c *request) ([]Authorization, error) {
		secret := c.text("SecretId")
		resource := secret
		if !strings.HasPrefix(secret, "arn:") {
			resource = c.arn("secretsmanager", "secret:"+secret+"-XXXXXX")
		}
		list := one("secretsmanager:GetSecretValue", resource)
		list[0].set("secretsmanager:SecretId", resource)
		list[0].set("secretsmanager:VersionId", c.text("VersionId"))
		list[0].set("secretsmanager:VersionStage", c.text("VersionStage"))
		return list, nil
	},
}
