// Command operatortoken makes an operator's token, or revokes one, with the
// credentials of whoever deploys: `make operator-token ENV=…`. The token is
// printed once; the table keeps its hash.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"byoc/shared/cloud"
	"byoc/shared/dynamo"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "operator-token:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	flags := flag.NewFlagSet("operator-token", flag.ContinueOnError)
	stack := flags.String("stack", "byoc", "name of the deployed stack")
	env := flags.String("env", "", "environment that the stack has to be: sandbox or production")
	name := flags.String("name", "operator", "whose token it is; it stands in logs and in the history")
	days := flags.Int("days", int(cloud.DefaultTokenLife.Hours()/24), "how long it is valid")
	revoke := flags.Bool("revoke", false, "revoke the token on standard input instead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *days < 1 || *days > int(cloud.MaxTokenLife.Hours()/24) {
		return fmt.Errorf("-days is %d; it is 1 to %d", *days, int(cloud.MaxTokenLife.Hours()/24))
	}
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	table, err := tableOf(ctx, settings, *stack, *env)
	if err != nil {
		return err
	}
	if *revoke {
		return revokeToken(ctx, table, in, out)
	}
	secret, hash := cloud.NewSecret()
	now := time.Now().UTC()
	expires := now.AddDate(0, 0, *days)
	err = table.CreateToken(ctx, cloud.Token{
		Hash: hash, Principal: cloud.Principal{ID: *name, Role: cloud.Operator}, CreatedAt: now, ExpiresAt: expires,
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s\n", secret)
	fmt.Fprintf(os.Stderr, "An operator's token for %s, valid until %s. It is not kept: store it now.\n", *name, expires.Format(time.RFC3339))
	return err
}

// revokeToken takes the secret from a pipe: as an argument it would be in the
// shell's history and in the process list.
func revokeToken(ctx context.Context, table *dynamo.Table, in io.Reader, out io.Writer) error {
	secret, err := io.ReadAll(io.LimitReader(in, 1024))
	if err != nil {
		return err
	}
	if err := table.RevokeToken(ctx, cloud.HashSecret(strings.TrimSpace(string(secret))), time.Now().UTC()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, "Revoked. It ends everywhere within a minute.")
	return err
}

// tableOf finds the deployed table by the stack's outputs.
func tableOf(ctx context.Context, settings aws.Config, stack, env string) (*dynamo.Table, error) {
	answer, err := cloudformation.NewFromConfig(settings).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &stack})
	if err != nil {
		return nil, fmt.Errorf("looking for the stack: %w", err)
	}
	if len(answer.Stacks) == 0 {
		return nil, fmt.Errorf("there is no stack %s in this account and region", stack)
	}
	if description := aws.ToString(answer.Stacks[0].Description); env != "" && !strings.HasSuffix(description, "("+env+")") {
		return nil, fmt.Errorf("the stack of this account and region is not %s: %s", env, description)
	}
	for _, o := range answer.Stacks[0].Outputs {
		if aws.ToString(o.OutputKey) == "TableName" {
			return dynamo.New(dynamodb.NewFromConfig(settings), aws.ToString(o.OutputValue)), nil
		}
	}
	return nil, errors.New("the stack has no output TableName")
}
