package authorization

import (
	"context"
	"strings"
)

// cloudFormationOperations are those of applying and deleting a stack ("Actions,
// resources, and condition keys for AWS CloudFormation"). What CloudFormation
// calls on the caller's behalf is not among them: the emulator makes those calls
// within itself.
var cloudFormationOperations = map[string]mapping{
	"CreateStack": cloudFormationOnStack, "UpdateStack": cloudFormationOnStack, "DeleteStack": cloudFormationOnStack,
	"DescribeStacks": cloudFormationOnStack, "DescribeStackEvents": cloudFormationOnStack, "GetTemplate": cloudFormationOnStack,
	"ListStackResources": cloudFormationOnStack, "UpdateTerminationProtection": cloudFormationOnStack,
	"CreateChangeSet": cloudFormationOnStack, "DescribeChangeSet": cloudFormationOnStack, "ExecuteChangeSet": cloudFormationOnStack,
}

func cloudFormationOnStack(_ context.Context, c *request) ([]Authorization, error) {
	name := c.Query.Get("StackName")
	switch {
	case name == "" && c.Operation == "DescribeStacks":
		return one("cloudformation:DescribeStacks", "*"), nil
	case name == "":
		return nil, c.unknown("a stack named by its change set")
	case !strings.HasPrefix(name, "arn:"):
		// The id of a stack that is to be is not known yet, and a policy cannot
		// name that of one that is.
		name = c.arn("cloudformation", "stack/"+name+"/*")
	}
	list := one("cloudformation:"+c.Operation, name)
	if role := c.Query.Get("RoleARN"); role != "" {
		pass := one("iam:PassRole", role)[0]
		pass.set("iam:PassedToService", "cloudformation.amazonaws.com")
		list = append(list, pass)
	}
	return list, nil
}
