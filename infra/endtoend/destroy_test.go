package endtoend

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/sandbox"
)

// destroyed takes the deployment down when every test has run, and holds what
// is left against what has to be: the role that customers trust, the very same.
func destroyed(ctx context.Context) []string {
	if err := destroy(ctx); err != nil {
		return []string{err.Error()}
	}
	return nil
}

func destroy(ctx context.Context) error {
	config := system.Emulator().Config(sandbox.Account, sandbox.Region)
	roles, tables, stacks := iam.NewFromConfig(config), dynamodb.NewFromConfig(config), cloudformation.NewFromConfig(config)
	role := &iam.GetRoleInput{RoleName: aws.String("byoc-customer-access")}
	before, err := roles.GetRole(ctx, role)
	if err != nil {
		return err
	}
	if err := system.Destroy(ctx); err != nil {
		return err
	}
	after, err := roles.GetRole(ctx, role)
	if err != nil {
		return fmt.Errorf("the role that customers trust is gone: %w", err)
	}
	if aws.ToString(before.Role.RoleId) != aws.ToString(after.Role.RoleId) {
		return errors.New("the role that customers trust is another one")
	}
	left, err := tables.ListTables(ctx, &dynamodb.ListTablesInput{})
	if err != nil {
		return err
	}
	if len(left.TableNames) > 0 {
		return fmt.Errorf("a sandbox left its tables: %v", left.TableNames)
	}
	list, err := stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	if err != nil {
		return err
	}
	access := false
	for _, s := range list.Stacks {
		switch name := aws.ToString(s.StackName); name {
		case sandbox.StackName:
			return errors.New("the stack is still there")
		case "byoc-customer-access":
			access = true
		}
	}
	if !access {
		return errors.New("the stack of the role that customers trust is gone")
	}
	return nil
}
