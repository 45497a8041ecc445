package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"byoc/infra/customer"
)

// fails provisions c with roleARN, expects it to fail with a message that
// contains want, a mail, and an account as it was; then it deletes the cloud.
func (s *story) fails(ctx context.Context, what string, c customer.Cloud, roleARN, want string) error {
	before, err := s.inventory(ctx)
	if err != nil {
		return err
	}
	if _, err := s.customer.Provision(ctx, c.ID, roleARN); err != nil {
		return err
	}
	if c, err = s.customer.Wait(ctx, c.ID, s.progress(), "active", "creation_failed"); err != nil {
		return err
	}
	if c.State != "creation_failed" || len(c.Errors) == 0 || !strings.Contains(c.Errors[0].Message, want) {
		return fmt.Errorf("%s: expected creation_failed with %q, not %s with %v", what, want, c.State, c.Errors)
	}
	s.say("the customer reads: %s", c.Errors[0].Message)
	mailed, err := s.mailed(ctx, c, "creation failed")
	if err != nil {
		return err
	}
	if err := s.expectNothing(ctx, before); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	s.rows = append(s.rows, row{what, c.State, mailed, "nothing"})
	if _, err := s.customer.Delete(ctx, c.ID); err != nil {
		return err
	}
	if c, err = s.customer.Wait(ctx, c.ID, nil, "deleted", "deletion_failed"); err == nil && c.State != "deleted" {
		err = fmt.Errorf("%s: the custom cloud is %s: %v", what, c.State, c.Errors)
	}
	return err
}

func (s *story) missingRole(ctx context.Context) error {
	s.chapter("A role that does not exist")
	c, err := s.draft(ctx, "Missing role")
	if err != nil {
		return err
	}
	return s.fails(ctx, "role missing", c, "arn:aws:iam::"+s.account.ID+":role/"+c.UniqueName+"-iam-role", "refuses to let us assume")
}

func (s *story) wrongExternalID(ctx context.Context) error {
	s.chapter("A role with another external ID")
	c, err := s.draft(ctx, "Wrong external ID")
	if err != nil {
		return err
	}
	roleARN, err := s.applyCloudFormation(ctx, c, func(text string) string {
		return strings.ReplaceAll(text, c.ExternalID, "made-up-by-someone")
	})
	if err != nil {
		return err
	}
	if err := s.fails(ctx, "wrong external ID", c, roleARN, "refuses to let us assume"); err != nil {
		return err
	}
	return s.account.DeleteCloudFormation(ctx, c.UniqueName)
}

// boundary allows everything but the one call that comes late.
const boundary = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":"*","Resource":"*"},
	{"Effect":"Deny","Action":"ec2:CreateNatGateway","Resource":"*"}]}`

func (s *story) deniedHalfWay(ctx context.Context) error {
	s.chapter("A permissions boundary that denies one call, half-way")
	c, err := s.draft(ctx, "Denied half-way")
	if err != nil {
		return err
	}
	roleARN, err := s.applyCloudFormation(ctx, c, func(text string) string { return text })
	if err != nil {
		return err
	}
	client := s.account.IAM()
	policy, err := client.CreatePolicy(ctx, &iam.CreatePolicyInput{
		PolicyName: aws.String("boundary-" + c.ID), PolicyDocument: aws.String(boundary),
	})
	if err != nil {
		return err
	}
	if _, err := client.PutRolePermissionsBoundary(ctx, &iam.PutRolePermissionsBoundaryInput{
		RoleName: aws.String(c.UniqueName + "-iam-role"), PermissionsBoundary: policy.Policy.Arn,
	}); err != nil {
		return err
	}
	if err := s.fails(ctx, "denied half-way", c, roleARN, "ec2:CreateNatGateway"); err != nil {
		return err
	}
	if err := s.account.DeleteCloudFormation(ctx, c.UniqueName); err != nil {
		return err
	}
	_, err = client.DeletePolicy(ctx, &iam.DeletePolicyInput{PolicyArn: policy.Policy.Arn})
	return err
}
