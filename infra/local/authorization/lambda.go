package authorization

import (
	"context"
	"strings"
)

// lambdaOperations act on the function ("Actions, resources, and condition
// keys for AWS Lambda"). A version or alias is part of the ARN, so a policy
// that names the bare function does not cover it.
var lambdaOperations = map[string]mapping{
	"Invoke":                   lambdaOnFunction("lambda:InvokeFunction"),
	"InvokeAsync":              lambdaOnFunction("lambda:InvokeFunction"),
	"GetFunction":              lambdaOnFunction("lambda:GetFunction"),
	"GetFunctionConfiguration": lambdaOnFunction("lambda:GetFunctionConfiguration"),
}

func lambdaOnFunction(action string) mapping {
	return func(_ context.Context, c *request) ([]Authorization, error) {
		_, rest, found := strings.Cut(c.URL.Path, "/functions/")
		name, _, _ := strings.Cut(rest, "/")
		if !found || name == "" {
			return nil, c.unknown("no function in " + c.URL.Path)
		}
		account := c.Caller.Account
		if before, after, partial := strings.Cut(name, ":function:"); partial && !strings.HasPrefix(name, "arn:") {
			account, name = before, after
		}
		resource := "arn:aws:lambda:" + c.Region + ":" + account + ":function:" + name
		if strings.HasPrefix(name, "arn:") {
			resource = name
		}
		if qualifier := c.URL.Query().Get("Qualifier"); qualifier != "" && strings.Count(resource, ":") == 6 {
			resource += ":" + qualifier
		}
		return one(action, resource), nil
	}
}
